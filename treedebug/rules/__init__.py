"""The built-in rules, by code. Written out: what ships is read here, not discovered."""

from __future__ import annotations

from treedebug.engine.rule import Rule
from treedebug.rules.classes.classifier_confusion import ClassifierConfusion
from treedebug.rules.classes.constant_predictions import ConstantPredictions
from treedebug.rules.classes.distorted_probabilities import DistortedProbabilities
from treedebug.rules.classes.imbalanced_classes import ImbalancedClasses
from treedebug.rules.classes.implausible_predictions import ImplausiblePredictions
from treedebug.rules.classes.neglected_class import NeglectedClass
from treedebug.rules.classes.overconfident_predictions import OverconfidentPredictions
from treedebug.rules.classes.overweighted_class import OverweightedClass
from treedebug.rules.classes.shifted_predictions import ShiftedPredictions
from treedebug.rules.curves.contradicting_metrics import ContradictingMetrics
from treedebug.rules.curves.diverging_loss import DivergingLoss
from treedebug.rules.curves.kept_late_rounds import KeptLateRounds
from treedebug.rules.curves.loss_not_decreasing import LossNotDecreasing
from treedebug.rules.curves.missed_quantile import MissedQuantile
from treedebug.rules.curves.noisy_validation import NoisyValidation
from treedebug.rules.curves.outliers_rule_loss import OutliersRuleLoss
from treedebug.rules.curves.overfitting import Overfitting
from treedebug.rules.curves.overtraining import Overtraining
from treedebug.rules.curves.search_within_noise import SearchWithinNoise
from treedebug.rules.curves.second_descent import SecondDescent
from treedebug.rules.curves.stopped_by_test_set import StoppedByTestSet
from treedebug.rules.curves.suspiciously_perfect import SuspiciouslyPerfect
from treedebug.rules.curves.underfitting import Underfitting
from treedebug.rules.curves.unfinished_training import UnfinishedTraining
from treedebug.rules.curves.validating_on_training_data import ValidatingOnTrainingData
from treedebug.rules.curves.worse_than_constant import WorseThanConstant
from treedebug.rules.data.bad_weights import BadWeights
from treedebug.rules.data.changed_relation import ChangedRelation
from treedebug.rules.data.conflicting_labels import ConflictingLabels
from treedebug.rules.data.constant_feature import ConstantFeature
from treedebug.rules.data.correlated_features import CorrelatedFeatures
from treedebug.rules.data.drifting_feature import DriftingFeature
from treedebug.rules.data.drifting_label import DriftingLabel
from treedebug.rules.data.duplicate_columns import DuplicateColumns
from treedebug.rules.data.duplicate_rows import DuplicateRows
from treedebug.rules.data.high_cardinality import HighCardinality
from treedebug.rules.data.identifier_column import IdentifierColumn
from treedebug.rules.data.imbalanced_labels import ImbalancedLabels
from treedebug.rules.data.invalid_labels import InvalidLabels
from treedebug.rules.data.label_in_feature import LabelInFeature
from treedebug.rules.data.labels_in_another_order import LabelsInAnotherOrder
from treedebug.rules.data.leaking_feature import LeakingFeature
from treedebug.rules.data.made_up_rows import MadeUpRows
from treedebug.rules.data.merged_numbers import MergedNumbers
from treedebug.rules.data.misplaced_columns import MisplacedColumns
from treedebug.rules.data.missing_values import MissingValues
from treedebug.rules.data.mixed_types import MixedTypes
from treedebug.rules.data.near_twins import NearTwins
from treedebug.rules.data.non_finite_values import NonFiniteValues
from treedebug.rules.data.one_label_per_id import OneLabelPerId
from treedebug.rules.data.overlapping_splits import OverlappingSplits
from treedebug.rules.data.repeated_header import RepeatedHeader
from treedebug.rules.data.rows_in_label_order import RowsInLabelOrder
from treedebug.rules.data.sentinel_values import SentinelValues
from treedebug.rules.data.shared_ids import SharedIds
from treedebug.rules.data.skewed_target import SkewedTarget
from treedebug.rules.data.skewed_token_ratio import SkewedTokenRatio
from treedebug.rules.data.sparse_and_dense import SparseAndDense
from treedebug.rules.data.suspected_label_noise import SuspectedLabelNoise
from treedebug.rules.data.time_travel import TimeTravel
from treedebug.rules.data.too_few_rows import TooFewRows
from treedebug.rules.data.unnormalized_features import UnnormalizedFeatures
from treedebug.rules.data.unseen_categories import UnseenCategories
from treedebug.rules.data.value_of_one_class import ValueOfOneClass
from treedebug.rules.features.dominant_feature import DominantFeature
from treedebug.rules.features.drifting_importance import DriftingImportance
from treedebug.rules.features.identifier_feature import IdentifierFeature
from treedebug.rules.features.low_feature_importance import LowFeatureImportance
from treedebug.rules.features.suspected_leak import SuspectedLeak
from treedebug.rules.features.unfamiliar_rows import UnfamiliarRows
from treedebug.rules.features.unused_features import UnusedFeatures
from treedebug.rules.params.blocking_regularization import BlockingRegularization
from treedebug.rules.params.contradicting_parameters import ContradictingParameters
from treedebug.rules.params.degenerate_early_stopping import DegenerateEarlyStopping
from treedebug.rules.params.distant_start import DistantStart
from treedebug.rules.params.distorted_metric import DistortedMetric
from treedebug.rules.params.early_stopping_on_training_data import EarlyStoppingOnTrainingData
from treedebug.rules.params.extrapolated_labels import ExtrapolatedLabels
from treedebug.rules.params.ignored_parameter import IgnoredParameter
from treedebug.rules.params.mismatched_loss_scale import MismatchedLossScale
from treedebug.rules.params.mismatched_objective import MismatchedObjective
from treedebug.rules.params.misordered_queries import MisorderedQueries
from treedebug.rules.params.misplaced_gradients import MisplacedGradients
from treedebug.rules.params.mixed_sparsity import MixedSparsity
from treedebug.rules.params.one_sided_objective import OneSidedObjective
from treedebug.rules.params.reversed_gradient import ReversedGradient
from treedebug.rules.params.single_row_queries import SingleRowQueries
from treedebug.rules.params.thin_categories import ThinCategories
from treedebug.rules.params.unbalanced_learning_rate import UnbalancedLearningRate
from treedebug.rules.params.uncompared_rows import UncomparedRows
from treedebug.rules.params.uneven_outputs import UnevenOutputs
from treedebug.rules.params.unfamiliar_training_rows import UnfamiliarTrainingRows
from treedebug.rules.params.unguarded_rounds import UnguardedRounds
from treedebug.rules.params.unlinked_scores import UnlinkedScores
from treedebug.rules.params.unsplittable_columns import UnsplittableColumns
from treedebug.rules.params.unusable_categories import UnusableCategories
from treedebug.rules.params.unusable_weights import UnusableWeights
from treedebug.rules.params.vanishing_hessian import VanishingHessian
from treedebug.rules.runs.irreproducible_run import IrreproducibleRun
from treedebug.rules.runs.regressed_metric import RegressedMetric
from treedebug.rules.runs.search_at_the_edge import SearchAtTheEdge
from treedebug.rules.runs.similar_runs import SimilarRuns
from treedebug.rules.runs.unaveraged_seeds import UnaveragedSeeds
from treedebug.rules.schedules.idle_schedule import IdleSchedule
from treedebug.rules.schedules.reused_validation_set import ReusedValidationSet
from treedebug.rules.schedules.stopped_by_falling_rate import StoppedByFallingRate
from treedebug.rules.schedules.stuck_at_ceiling import StuckAtCeiling
from treedebug.rules.schedules.stuck_on_floor import StuckOnFloor
from treedebug.rules.schedules.watched_training_loss import WatchedTrainingLoss
from treedebug.rules.system.costly_evaluation import CostlyEvaluation
from treedebug.rules.system.growing_memory import GrowingMemory
from treedebug.rules.system.idle_cores import IdleCores
from treedebug.rules.system.oversubscribed_cores import OversubscribedCores
from treedebug.rules.system.slow_rounds import SlowRounds
from treedebug.rules.system.stalled_training import StalledTraining
from treedebug.rules.system.uneven_workers import UnevenWorkers
from treedebug.rules.trees.capped_leaves import CappedLeaves
from treedebug.rules.trees.excessive_depth import ExcessiveDepth
from treedebug.rules.trees.exploding_leaves import ExplodingLeaves
from treedebug.rules.trees.front_loaded_gain import FrontLoadedGain
from treedebug.rules.trees.lopsided_trees import LopsidedTrees
from treedebug.rules.trees.repeated_trees import RepeatedTrees
from treedebug.rules.trees.splitless_rounds import SplitlessRounds
from treedebug.rules.trees.thin_leaves import ThinLeaves
from treedebug.rules.trees.unreachable_depth import UnreachableDepth
from treedebug.rules.trees.vanishing_updates import VanishingUpdates

BUILTIN: tuple[type[Rule], ...] = (
    ImbalancedClasses,
    ClassifierConfusion,
    NeglectedClass,
    ShiftedPredictions,
    ConstantPredictions,
    OverconfidentPredictions,
    ImplausiblePredictions,
    DistortedProbabilities,
    OverweightedClass,
    Overfitting,
    Overtraining,
    Underfitting,
    LossNotDecreasing,
    DivergingLoss,
    UnfinishedTraining,
    NoisyValidation,
    ValidatingOnTrainingData,
    SuspiciouslyPerfect,
    SecondDescent,
    ContradictingMetrics,
    WorseThanConstant,
    KeptLateRounds,
    MissedQuantile,
    StoppedByTestSet,
    OutliersRuleLoss,
    SearchWithinNoise,
    ImbalancedLabels,
    UnnormalizedFeatures,
    CorrelatedFeatures,
    ConstantFeature,
    DuplicateRows,
    OverlappingSplits,
    LeakingFeature,
    ConflictingLabels,
    MissingValues,
    DriftingFeature,
    DriftingLabel,
    IdentifierColumn,
    NonFiniteValues,
    MixedTypes,
    UnseenCategories,
    HighCardinality,
    InvalidLabels,
    BadWeights,
    DuplicateColumns,
    SkewedTokenRatio,
    TimeTravel,
    SuspectedLabelNoise,
    SentinelValues,
    TooFewRows,
    ChangedRelation,
    MisplacedColumns,
    OneLabelPerId,
    RowsInLabelOrder,
    ValueOfOneClass,
    MadeUpRows,
    SharedIds,
    LabelsInAnotherOrder,
    SkewedTarget,
    SparseAndDense,
    RepeatedHeader,
    MergedNumbers,
    LabelInFeature,
    NearTwins,
    LowFeatureImportance,
    DominantFeature,
    IdentifierFeature,
    UnusedFeatures,
    DriftingImportance,
    SuspectedLeak,
    UnfamiliarRows,
    IgnoredParameter,
    ContradictingParameters,
    UnguardedRounds,
    EarlyStoppingOnTrainingData,
    MismatchedObjective,
    BlockingRegularization,
    UnbalancedLearningRate,
    DistortedMetric,
    ReversedGradient,
    DistantStart,
    MismatchedLossScale,
    VanishingHessian,
    DegenerateEarlyStopping,
    SingleRowQueries,
    ExtrapolatedLabels,
    ThinCategories,
    MixedSparsity,
    UnusableWeights,
    UnusableCategories,
    UnevenOutputs,
    UncomparedRows,
    UnfamiliarTrainingRows,
    OneSidedObjective,
    MisorderedQueries,
    UnlinkedScores,
    MisplacedGradients,
    UnsplittableColumns,
    SimilarRuns,
    RegressedMetric,
    IrreproducibleRun,
    UnaveragedSeeds,
    SearchAtTheEdge,
    IdleSchedule,
    StuckAtCeiling,
    StuckOnFloor,
    WatchedTrainingLoss,
    ReusedValidationSet,
    StoppedByFallingRate,
    SlowRounds,
    IdleCores,
    GrowingMemory,
    CostlyEvaluation,
    StalledTraining,
    OversubscribedCores,
    UnevenWorkers,
    ExcessiveDepth,
    UnreachableDepth,
    SplitlessRounds,
    VanishingUpdates,
    ExplodingLeaves,
    ThinLeaves,
    RepeatedTrees,
    LopsidedTrees,
    CappedLeaves,
    FrontLoadedGain,
)
