"""The edge model in Python, its features, its reasons, and emlearn's C of it."""

from __future__ import annotations

import numpy as np
import pytest

from lab import edge_build, edge_model


@pytest.fixture(scope="module")
def tree():
    return edge_model.train(edge_model.windows(edge_model.TRAIN, edge_build.SEED))


@pytest.fixture(scope="module")
def unseen():
    return edge_model.windows(edge_model.TEST, seed=2, late=True)


def test_the_firmware_has_the_tree_that_training_gives():
    assert edge_build.MODEL.read_text() == edge_build.source()


def test_without_the_cure_emlearn_decides_otherwise_and_with_it_never(tree, unseen):
    features = edge_model.features(unseen.values)
    expected = tree.predict(features)
    trapped = edge_build.generated(edge_model.c_source(tree), features)
    cured = edge_build.generated(edge_model.c_source(edge_model.for_integers(tree)), features)
    assert (trapped != expected).sum() > 100
    assert (cured == expected).all()


def test_numpy_warns_as_before_although_emlearn_makes_it_raise(tree):
    before = np.geterr()
    edge_model.c_source(tree)
    assert np.geterr() == before


def test_the_cure_leaves_the_tree_itself_as_it_was(tree):
    before = tree.tree_.threshold.copy()
    edge_model.for_integers(tree)
    assert (tree.tree_.threshold == before).all()


def test_later_windows_of_other_nodes_are_named_well(tree, unseen):
    from sklearn.metrics import f1_score

    found = f1_score(unseen.labels, tree.predict(edge_model.features(unseen.values)), average=None)
    by_class = dict(zip(edge_model.CLASSES, found, strict=True))
    assert min(by_class[name] for name in ("spike", "jump", "drift", "noise")) > 0.9
    assert by_class["stuck"] < 0.7  # a healthy node rests too: nobody can tell


def test_features_are_those_of_a_window_worked_out_by_hand():
    window = np.array([[2000, 2000, 2010, 2000, 2000, 2500, 2000, 2000, 2000, 2000, 2000, 1990]], dtype=np.int16)
    assert edge_model.features(window)[0].tolist() == [510, -10, 500, 1030, 6, 2, 500, 520]


def test_a_constant_window_is_stuck_and_others_shapes_are_refused(tree):
    constant = np.full(12, 2100, dtype=np.int16)
    assert edge_model.explain(tree, constant).split(":")[0] in ("stuck", "normal")
    for wrong in (np.zeros((3, 11), np.int16), np.zeros((3, 12)), np.zeros(12, np.int16)):
        with pytest.raises(ValueError, match="windows are int16"):
            edge_model.features(wrong)


def test_the_explanation_ends_at_the_class_that_the_tree_predicts(tree, unseen):
    for window in unseen.values[:50]:
        predicted = edge_model.CLASSES[tree.predict(edge_model.features(window[np.newaxis]))[0]]
        assert edge_model.explain(tree, window).startswith(f"{predicted}: ")
