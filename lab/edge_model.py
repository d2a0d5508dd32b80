"""A decision tree that names what is wrong with a window of twelve readings, for the board: trained here, C by emlearn.

The trap of emlearn 0.23: scikit-learn asks ``x <= 300.5``, the generated C with int16 features asks ``x < 300``, for it
cuts the threshold off. A reading of 300 then takes the other branch. ``for_integers`` turns every question into
``x < 301`` first, which is the same for whole numbers, so that both agree on every window.
Source: https://emlearn.readthedocs.io/en/latest/convert_model.html
"""

from __future__ import annotations

import copy
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import numpy.typing as npt

from lab import telemetry
from lab.evaluate.inject import KINDS

if TYPE_CHECKING:
    from sklearn.tree import DecisionTreeClassifier

IntArray = npt.NDArray[np.int16]
ROWS: Final = 12
CLASSES: Final = ("normal", *KINDS)
FEATURES: Final = (
    "range",
    "last - first",
    "largest step",
    "sum of steps",
    "steps of zero",
    "turns",
    "largest distance to the median of three",
    "second half - first half",
)
LEAVES: Final = 24
TRAIN: Final = ("node-1", "node-2", "node-3", "node-4", "node-5", "node-6")
TEST: Final = ("node-7", "node-8", "node-9")
HALF: Final = ROWS // 2
MOST: Final = 32_767
THRESHOLD: Final = 1
"""The shipped decision: a class from 1 on, anything but normal, is an anomaly."""


@dataclass(frozen=True)
class Windows:
    """Labelled windows. values: (n, 12) int16, hundredths of a °C; labels: (n,), positions in CLASSES."""

    values: IntArray
    labels: npt.NDArray[np.int64]


def features(windows: IntArray) -> IntArray:
    """Return eight whole numbers of each window: (n, 8); sums that leave int16 stay at its end.

    Parameters: windows (n, 12), hundredths of a °C. The firmware computes the same numbers.
    Raises: ValueError for another shape or type.
    """
    if windows.ndim != 2 or windows.shape[1] != ROWS or windows.dtype != np.int16:
        raise ValueError(f"windows are int16 of shape (n, {ROWS}), not {windows.dtype} of {windows.shape}")
    values = windows.astype(np.int32)
    steps = np.diff(values, axis=1)
    triples = np.sort(np.stack([values[:, :-2], values[:, 1:-1], values[:, 2:]]), axis=0)[1]
    turns = (steps[:, 1:].astype(np.int64) * steps[:, :-1] < 0).sum(axis=1)
    columns = [
        values.max(axis=1) - values.min(axis=1),
        values[:, -1] - values[:, 0],
        np.abs(steps).max(axis=1),
        np.abs(steps).sum(axis=1),
        (steps == 0).sum(axis=1),
        turns,
        np.abs(values[:, 1:-1] - triples).max(axis=1),
        np.abs(values[:, HALF:].sum(axis=1) - values[:, :HALF].sum(axis=1)),
    ]
    return np.clip(np.stack(columns, axis=1), -MOST, MOST).astype(np.int16)


def windows(devices: tuple[str, ...], seed: int, share: float = 0.5, late: bool = False) -> Windows:
    """Return windows of two hours, one every half hour of each device, a share of them with a fault.

    Parameters: late, the last third of the time instead of the first two: the test is apart in time too.
    """
    random = np.random.default_rng(seed)
    frame = telemetry.frame()
    parts = []
    for device in devices:
        values = frame.loc[frame["device_id"] == device, "temperature"].to_numpy()
        cut = len(values) * 2 // 3
        chosen = values[cut:] if late else values[:cut]
        parts.append(np.lib.stride_tricks.sliding_window_view(chosen, ROWS)[::3])
    clean = np.concatenate(parts).copy()
    labels = np.where(random.random(len(clean)) < share, random.integers(1, len(CLASSES), len(clean)), 0)
    for row in np.flatnonzero(labels):
        kind = CLASSES[labels[row]]
        start = 0 if kind == "noise" else int(random.integers(1, ROWS - 4))
        end = start + 1 if kind == "spike" else ROWS
        clean[row, start:end] = KINDS[kind](clean[row, start:end], random)
    return Windows(np.round(clean * 100).astype(np.int16), labels)


def train(data: Windows, leaves: int = LEAVES) -> DecisionTreeClassifier:
    """Return a tree of so many leaves; equal data give an equal tree."""
    from sklearn.tree import DecisionTreeClassifier

    tree = DecisionTreeClassifier(max_leaf_nodes=leaves, min_samples_leaf=20, random_state=0)
    return tree.fit(features(data.values), data.labels)


def for_integers(tree: DecisionTreeClassifier) -> DecisionTreeClassifier:
    """Return a copy whose thresholds say ``x < threshold`` for whole numbers, as emlearn writes the questions."""
    made = copy.deepcopy(tree)
    inner = made.tree_.children_left != -1
    thresholds = np.floor(made.tree_.threshold[inner]) + 1
    made.tree_.threshold[inner] = np.clip(thresholds, -MOST, MOST)
    return made


def c_source(tree: Any, name: str = "edge") -> str:
    """Return emlearn's C: ``int32_t <name>_predict(const int16_t *features, int32_t length)``."""
    with np.errstate():  # emlearn makes NumPy raise on every underflow, everywhere; here that ends with the block
        import emlearn

    return str(emlearn.convert(tree, method="inline", dtype="int16_t").save(name=name, include_proba=False))


def explain(tree: DecisionTreeClassifier, window: IntArray) -> str:
    """Return in words which questions lead a window (12,) to its class."""
    found = features(window[np.newaxis])[0]
    inner = tree.tree_
    node, said = 0, []
    while inner.children_left[node] != -1:
        which, threshold = int(inner.feature[node]), math.floor(inner.threshold[node])
        low = found[which] <= threshold
        said.append(f"{FEATURES[which]} {found[which]} {'≤' if low else '>'} {threshold}")
        node = inner.children_left[node] if low else inner.children_right[node]
    kind = CLASSES[int(tree.classes_[inner.value[node][0].argmax()])]
    return f"{kind}: {', '.join(said)}"
