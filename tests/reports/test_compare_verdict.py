"""Which run is better, in a sentence."""

from dataclasses import replace

import pytest

from treedebug.core.report import ComparisonReport, Score
from treedebug.reports.compare_verdict import compared_verdict
from treedebug.signals.runs.candidates import Candidate
from treedebug.signals.runs.score_differences import ScoreDifference

TWO = ComparisonReport(labels=("a", "b"))
THREE = ComparisonReport(labels=("a", "b", "c"))
BETTER = ScoreDifference(
    position=1, dataset="valid", metric="logloss", value=0.141, reference_value=0.152, difference=-0.011, low=-0.02,
    high=-0.002, is_better=True, is_worse=False, is_paired=True,
)  # fmt: skip
ALIKE = replace(BETTER, high=0.001, is_better=False, is_paired=False)
WORSE = replace(BETTER, position=2, is_better=False, is_worse=True)
FOLDS = Candidate(
    candidate="depth2", metric="rmse", higher_is_better=False, folds=("fold-0", "fold-1"), positions=(0, 1),
    values=(1.0, 3.0), mean=2.0, deviation=1.4142, disagree=(),
)  # fmt: skip


@pytest.mark.parametrize(
    ("report", "differences", "reference", "candidates", "said"),
    [
        (TWO, (None, BETTER), 0, (), "b is better than a: valid logloss 0.141 against 0.152, a difference of -0.011 (95 % interval -0.02 to -0.002, row by row)."),  # noqa: E501 - as it is read
        (TWO, (None, ALIKE), 0, (), "No difference beyond chance: valid logloss 0.141 against 0.152, a difference of -0.011 (95 % interval -0.02 to +0.001)."),  # noqa: E501 - as it is read
        (THREE, (None, ALIKE, WORSE), 0, (), "a is best by valid logloss (0.152), but chance explains its lead over 1 run of 2: b."),  # noqa: E501 - as it is read
        (THREE, (None, replace(WORSE, position=1), WORSE), 0, (), "a is best by valid logloss (0.152), beyond chance better than each of the other 2."),  # noqa: E501 - as it is read
        (TWO, (None, None), 0, (), "No run has a validation metric, so none can be called better."),
        (TWO, (None, None), 0, (FOLDS,), "depth2: rmse 2 on average over 2 folds, standard deviation 1.414."),
        (TWO, (None, None), 0, (replace(FOLDS, disagree=("fold-1",)),), "depth2: rmse 2 on average over 2 folds, standard deviation 1.414. fold-1 disagrees with the other folds."),  # noqa: E501 - as it is read
    ],
)  # fmt: skip
def test_verdicts(report, differences, reference, candidates, said):
    assert compared_verdict(report, differences, reference, candidates) == said


def test_scores_that_cannot_be_compared():
    score = Score(dataset="v", metric="auc", higher_is_better=True, best=0.9, best_round=3, last=0.8)
    assert "do not watch one metric" in compared_verdict(replace(TWO, scores=(score, None)), (None, None), 0)
