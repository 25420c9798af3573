"""The built-in rules, by code. Written out: what ships is read here, not discovered."""

from __future__ import annotations

from treedebug.engine.rule import Rule
from treedebug.rules.classes.classifier_confusion import ClassifierConfusion
from treedebug.rules.classes.imbalanced_classes import ImbalancedClasses
from treedebug.rules.classes.neglected_class import NeglectedClass
from treedebug.rules.curves.diverging_loss import DivergingLoss
from treedebug.rules.curves.loss_not_decreasing import LossNotDecreasing
from treedebug.rules.curves.overfitting import Overfitting
from treedebug.rules.curves.overtraining import Overtraining
from treedebug.rules.curves.underfitting import Underfitting
from treedebug.rules.curves.unfinished_training import UnfinishedTraining
from treedebug.rules.features.dominant_feature import DominantFeature
from treedebug.rules.features.low_feature_importance import LowFeatureImportance
from treedebug.rules.trees.excessive_depth import ExcessiveDepth
from treedebug.rules.trees.splitless_rounds import SplitlessRounds

BUILTIN: tuple[type[Rule], ...] = (
    ImbalancedClasses,
    ClassifierConfusion,
    NeglectedClass,
    Overfitting,
    Overtraining,
    Underfitting,
    LossNotDecreasing,
    DivergingLoss,
    UnfinishedTraining,
    LowFeatureImportance,
    DominantFeature,
    ExcessiveDepth,
    SplitlessRounds,
)
