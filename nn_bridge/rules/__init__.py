"""The rules on networks, by code; registered under the entry-point group `treedebug.rules`."""

from __future__ import annotations

from nn_bridge.rules.all_zero_tensor import AllZeroTensor
from nn_bridge.rules.broadcast_loss import BroadcastLoss
from nn_bridge.rules.collapsed_representation import CollapsedRepresentation
from nn_bridge.rules.dead_relu import DeadRelu
from nn_bridge.rules.dominant_weight_decay import DominantWeightDecay
from nn_bridge.rules.drifting_statistics import DriftingStatistics
from nn_bridge.rules.early_decay import EarlyDecay
from nn_bridge.rules.exploding_gradient import ExplodingGradient
from nn_bridge.rules.idle_hidden_layers import IdleHiddenLayers
from nn_bridge.rules.lagging_statistics import LaggingStatistics
from nn_bridge.rules.low_variance_tensor import LowVarianceTensor
from nn_bridge.rules.misfit_loss import MisfitLoss
from nn_bridge.rules.missing_activation import MissingActivation
from nn_bridge.rules.mixed_rows import MixedRows
from nn_bridge.rules.noisy_batch_norm import NoisyBatchNorm
from nn_bridge.rules.noisy_evaluation import NoisyEvaluation
from nn_bridge.rules.non_finite_tensor import NonFiniteTensor
from nn_bridge.rules.one_way_bounds import OneWayBounds
from nn_bridge.rules.overconfident_network import OverconfidentNetwork
from nn_bridge.rules.overlong_steps import OverlongSteps
from nn_bridge.rules.poor_initialization import PoorInitialization
from nn_bridge.rules.saturated_sigmoid import SaturatedSigmoid
from nn_bridge.rules.saturated_tanh import SaturatedTanh
from nn_bridge.rules.short_schedule import ShortSchedule
from nn_bridge.rules.small_updates import SmallUpdates
from nn_bridge.rules.sorted_batches import SortedBatches
from nn_bridge.rules.timid_steps import TimidSteps
from nn_bridge.rules.unchanged_tensor import UnchangedTensor
from nn_bridge.rules.uneven_gradients import UnevenGradients
from nn_bridge.rules.unfinished_schedule import UnfinishedSchedule
from nn_bridge.rules.unfinished_warmup import UnfinishedWarmup
from nn_bridge.rules.unmasked_padding import UnmaskedPadding
from nn_bridge.rules.unreachable_targets import UnreachableTargets
from nn_bridge.rules.unregistered_layers import UnregisteredLayers
from nn_bridge.rules.unrelated_labels import UnrelatedLabels
from nn_bridge.rules.unscaled_inputs import UnscaledInputs
from nn_bridge.rules.unscaled_targets import UnscaledTargets
from nn_bridge.rules.vanishing_gradient import VanishingGradient
from nn_bridge.rules.wrong_mode import WrongMode
from treedebug.engine.rule import Rule

RULES: tuple[type[Rule], ...] = (
    PoorInitialization,
    VanishingGradient,
    ExplodingGradient,
    SmallUpdates,
    AllZeroTensor,
    LowVarianceTensor,
    UnchangedTensor,
    SaturatedTanh,
    SaturatedSigmoid,
    DeadRelu,
    NonFiniteTensor,
    UnevenGradients,
    WrongMode,
    MisfitLoss,
    SortedBatches,
    MissingActivation,
    UnscaledInputs,
    UnrelatedLabels,
    NoisyBatchNorm,
    UnregisteredLayers,
    BroadcastLoss,
    MixedRows,
    UnreachableTargets,
    UnscaledTargets,
    DriftingStatistics,
    LaggingStatistics,
    NoisyEvaluation,
    DominantWeightDecay,
    OverconfidentNetwork,
    UnfinishedSchedule,
    EarlyDecay,
    UnfinishedWarmup,
    OneWayBounds,
    ShortSchedule,
    CollapsedRepresentation,
    UnmaskedPadding,
    TimidSteps,
    OverlongSteps,
    IdleHiddenLayers,
)
