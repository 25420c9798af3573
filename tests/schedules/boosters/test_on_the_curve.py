"""The learning curve of a recorded run shows the rate, and why it changed."""

import pytest

from tests.schedules.boosters.runs import recorded
from treedebug.pictures.learning_curves import learning_curves
from treedebug.schedules import FinalDecay, GreedyLR


def test_the_picture_holds_the_first_change_of_each_kind():
    run = recorded(FinalDecay(GreedyLR(0.3, patience=0, factor=0.8), end=0.1), rounds=30)
    picture = learning_curves(run)
    kinds = [reason.why.split(":")[0] for reason in picture.rate_reasons]
    assert kinds[0] == "FinalDecay begins"
    assert {"raised", "cut"} <= set(kinds)
    assert kinds[-1].startswith("final decay over the last")
    assert len(picture.learning_rates) > 5


def test_the_display_draws_it():
    pytest.importorskip("matplotlib")
    from treedebug.plots.learning_curve_display import LearningCurveDisplay

    run = recorded(GreedyLR(0.3, patience=0, factor=0.8), rounds=20)
    display = LearningCurveDisplay.from_run(run).plot()
    texts = [text.get_text() for text in display.rate_ax_.texts]
    assert "GreedyLR begins" in texts
    assert any(text.startswith("cut: no improvement") for text in texts)
