"""The edge model three times: in Python, as the firmware's C on this computer, and as the same C on a Cortex-M4.

On the emulated Cortex-M4 run the two objects that the board's build links, compiled with the board's options.
"""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np
import numpy.typing as npt

from lab import edge_build, edge_model
from lab.device import compiler, cortex_m4
from lab.edge_model import IntArray

if TYPE_CHECKING:
    from sklearn.tree import DecisionTreeClassifier

CORE: Final = compiler.FIRMWARE / "src" / "core"
PARTS: Final = {"features": CORE / "model_features.cpp", "tree": CORE / "model.cpp"}
ASKING: Final = ("probe_model.cpp", "basics.cpp")
WHOLE: Final = "_ZN4core11model_classEPKs"
"""``core::model_class(const int16_t*)`` as the linker knows it; it reckons the features itself."""


@dataclass(frozen=True)
class Answers:
    """What is made of windows (n, 12). features: (n, 8) int16; classes: (n,) int32, positions in CLASSES."""

    features: IntArray
    classes: npt.NDArray[np.int32]

    def bytes(self) -> bytes:
        """Return features and classes as they lie in the board's memory: little-endian, 16 and 4 bytes a window."""
        return self.features.astype("<i2").tobytes() + self.classes.astype("<i4").tobytes()

    def mismatches(self, other: Answers) -> int:
        """Return the number of windows of which a feature or the class differs.

        Raises: ValueError when they are not answers to equally many windows.
        """
        if len(self.classes) != len(other.classes):
            raise ValueError(f"{len(self.classes)} and {len(other.classes)} answers are not to the same windows")
        apart = (self.features != other.features).any(axis=1) | (self.classes != other.classes)
        return int(apart.sum())


def windows(seed: int) -> IntArray:
    """Return more than ten thousand windows: unseen, random, calm and constant ones; (n, 12), hundredths of a °C."""
    random = np.random.default_rng(seed)
    unseen = edge_model.windows(edge_model.TEST, seed, late=True).values
    wild = random.integers(-32_768, 32_768, (2000, edge_model.ROWS)).astype(np.int16)
    calm = random.integers(1990, 2010, (2000, edge_model.ROWS)).astype(np.int16)
    constant = np.full((1, edge_model.ROWS), 2100, dtype=np.int16)
    return np.concatenate([unseen, wild, calm, constant])


def python(tree: DecisionTreeClassifier, given: IntArray) -> Answers:
    """Return what Python makes of windows (n, 12)."""
    features = edge_model.features(given)
    return Answers(features, tree.predict(features).astype(np.int32))


def host(given: IntArray) -> Answers:
    """Return what the firmware's C makes of windows (n, 12) on this computer."""
    return Answers(*edge_build.firmware(given))


def board(given: IntArray) -> Answers:
    """Return what the firmware's C makes of windows (n, 12) on an emulated Cortex-M4."""
    machine = cortex_m4.CortexM4(image())
    count = len(given)
    features = machine.room(count * 2 * len(edge_model.FEATURES))
    classes = machine.room(count * 4)
    machine.call("probe_classes", machine.put(given.astype("<i2").tobytes()), count, features, classes)
    read = np.frombuffer(machine.get(features, count * 2 * len(edge_model.FEATURES)), dtype="<i2")
    found = np.frombuffer(machine.get(classes, count * 4), dtype="<i4")
    return Answers(read.reshape(count, -1).astype(np.int16), found.astype(np.int32))


def instructions(given: IntArray) -> npt.NDArray[np.int64]:
    """Return how many instructions each window (n, 12) takes on a Cortex-M4, features and tree: (n,)."""
    machine = cortex_m4.CortexM4(image())
    places = [machine.put(window.astype("<i2").tobytes()) for window in given]
    return np.array([machine.instructions(WHOLE, place) for place in places], dtype=np.int64)


def flash() -> dict[str, int]:
    """Return the bytes of flash of each part."""
    return {name: cortex_m4.flash_bytes(made) for name, made in _objects().items()}


def flash_of(text: str, name: str = "edge") -> int:
    """Return the bytes of flash of a generated tree. text: as ``edge_model.c_source`` has it.

    Raises: LabError when the compiler refuses it.
    """
    asked = f'\nextern "C" int32_t asked(const int16_t* features) {{ return {name}_predict(features, 8); }}\n'
    unused = '#pragma GCC diagnostic ignored "-Wunused-parameter"\n'
    with tempfile.TemporaryDirectory() as folder:  # its own: several processes may ask at once
        source = Path(folder) / "candidate.cpp"
        source.write_text(unused + text.replace("\nint32_t ", "\nstatic int32_t ") + asked, encoding="utf-8")
        return cortex_m4.flash_bytes(cortex_m4.compiled(source, folder=Path(folder)))


@cache
def image() -> Path:
    """Return the model's objects linked for the emulator, with a probe that asks them about many windows.

    Raises: LabError when a compiler is missing or refuses.
    """
    asking = [cortex_m4.compiled(compiler.FIRMWARE / "arm" / name, cortex_m4.FREE) for name in ASKING]
    return cortex_m4.linked([*_objects().values(), *asking], "model")


@cache
def _objects() -> dict[str, Path]:
    return {name: cortex_m4.compiled(source, cortex_m4.FRAME) for name, source in PARTS.items()}
