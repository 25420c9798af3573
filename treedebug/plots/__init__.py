"""Every picture of a run as a Display, drawn with matplotlib (the extra `plots`) as scikit-learn's displays are.

    treedebug.plots.LearningCurveDisplay.from_run(run).plot(ax=ax)

`plot` takes the Axes to draw in, passes keyword arguments on to matplotlib, and returns the display with `figure_`,
`ax_` and what it drew. The evidence of the findings is drawn on it.
"""

from treedebug.plots.amount_displays import ErrorByLabelBinDisplay, PredictedVsTrueDisplay, ResidualsDisplay
from treedebug.plots.class_displays import ClassCurvesDisplay, ConfusionDisplay
from treedebug.plots.compared_displays import (
    ComparedCurvesDisplay,
    ImportanceRanksDisplay,
    ParallelCoordinatesDisplay,
    ParetoDisplay,
)
from treedebug.plots.contribution_displays import ContributionChangeDisplay, ContributionSwarmDisplay
from treedebug.plots.experiment_displays import (
    CapacityDisplay,
    CoverageDisplay,
    EffectiveParametersDisplay,
    LossByRowsDisplay,
)
from treedebug.plots.importance_displays import ImportanceBarsDisplay, ImportanceHeatmapDisplay
from treedebug.plots.learning_curve_display import LearningCurveDisplay
from treedebug.plots.probability_displays import CalibrationDisplay, ScoreHistogramDisplay
from treedebug.plots.rank_curve_displays import PrecisionRecallDisplay, RocDisplay
from treedebug.plots.ranking_display import RankingByQuerySizeDisplay
from treedebug.plots.table_displays import DataProfileDisplay, ParametersDisplay
from treedebug.plots.time_display import TimeByRoundDisplay
from treedebug.plots.tree_anatomy_display import TreeAnatomyDisplay
from treedebug.plots.tree_display import OneTreeDisplay

__all__ = [
    "CalibrationDisplay",
    "CapacityDisplay",
    "ClassCurvesDisplay",
    "ComparedCurvesDisplay",
    "ConfusionDisplay",
    "ContributionChangeDisplay",
    "ContributionSwarmDisplay",
    "CoverageDisplay",
    "DataProfileDisplay",
    "EffectiveParametersDisplay",
    "ErrorByLabelBinDisplay",
    "ImportanceBarsDisplay",
    "ImportanceHeatmapDisplay",
    "ImportanceRanksDisplay",
    "LearningCurveDisplay",
    "LossByRowsDisplay",
    "OneTreeDisplay",
    "ParallelCoordinatesDisplay",
    "ParametersDisplay",
    "ParetoDisplay",
    "PrecisionRecallDisplay",
    "PredictedVsTrueDisplay",
    "RankingByQuerySizeDisplay",
    "ResidualsDisplay",
    "RocDisplay",
    "ScoreHistogramDisplay",
    "TimeByRoundDisplay",
    "TreeAnatomyDisplay",
]
