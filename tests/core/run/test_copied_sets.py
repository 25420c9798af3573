"""The training rows given once more as an evaluated set: the training curve, unless nothing else is evaluated."""

from treedebug.core.run.copied_sets import evaluated_training, holds_training

ROWS = {"n_rows": 90, "label_digest": "a", "label": {"std": 2.0}}
TRAINING = ROWS | {"is_training": True}
OTHER = ROWS | {"n_rows": 30, "label_digest": "b"}
WRAPPED = {"training": TRAINING, "validation_0": ROWS, "validation_1": OTHER}


def test_a_copy_has_the_labels_in_their_order() -> None:
    assert holds_training(WRAPPED, "validation_0")
    assert not holds_training(WRAPPED, "validation_1")
    assert not holds_training(WRAPPED, "training")
    assert not holds_training({}, "validation_0")


def test_labels_that_are_all_alike_prove_no_copy() -> None:
    for label in ({"std": 0.0}, {"counts": [90, 0]}, {"counts": {"1": 90}}):
        alike = {"training": TRAINING | {"label": label}, "validation_0": ROWS | {"label": label}}
        assert not holds_training(alike, "validation_0")
    classes = {"counts": {"0": 45, "1": 45}}
    assert holds_training({"t": TRAINING | {"label": classes}, "v": ROWS | {"label": classes}}, "v")


def test_a_copy_beside_another_set_is_the_training_curve() -> None:
    assert evaluated_training(WRAPPED, ["validation_0", "validation_1"]) == {"validation_0"}


def test_a_copy_alone_stands_for_validation() -> None:
    assert evaluated_training(WRAPPED, ["validation_0", "validation_0"]) == set()


def test_the_training_data_itself_is_known_before_any_copy() -> None:
    assert evaluated_training(WRAPPED, ["training", "validation_0", "validation_1"]) == {"training"}
