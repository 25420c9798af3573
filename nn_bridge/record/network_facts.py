"""A network before it has learned anything: layers, parameters, initial weights, the loss.

Known at the latest after the first step, when lazy modules have their shapes and the loss has shown what it is made of.
Later steps change nothing here: what changes is in `TensorLog`.
"""

from __future__ import annotations

import functools
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from types import UnionType
from typing import Any, ClassVar, Self, get_args, get_origin, get_type_hints

UNKNOWN = "?"
"""Unknown: no loss was logged before `backward()`, or its graph has an unknown operation."""

CLASSES, ONE_HOT, CODES, FLAGS, AMOUNTS = "classes", "one-hot", "codes", "flags", "amounts"
"""Targets: whole-number classes; rows with a single 1; three or more small whole numbers; zeros and ones; others."""


@dataclass(frozen=True, kw_only=True)
class ParamFacts:
    """A parameter before the first step. A parameter that several modules share appears once, under its first name."""

    name: str
    """As in `model.named_parameters()`; the `layer` of kinds weight, gradient and update."""
    module: str
    """The name of the module it belongs to."""
    role: str
    """Its own name there: "weight", "bias", "weight_ih_l0", ..."""
    shape: tuple[int, ...]
    dtype: str
    n: int
    requires_grad: bool
    in_optimizer: bool
    optimizer: int = -1
    """Position of the optimiser that holds it; -1 for none, or unknown."""
    shared_with: tuple[str, ...] = ()
    """Other names of the same parameter."""
    is_matrix: bool = False
    """Has rows that are units, each with `fan_in` incoming weights (no bias, no scale of a normalisation)."""
    n_units: int = 0
    fan_in: int = 0
    mean: float = 0.0
    var: float = 0.0
    """Over all entries, at the start (population)."""
    flat_unit_share: float = 0.0
    """Share of units whose incoming weights are all one value (0 where fan_in is 1)."""
    twin_unit_share: float = 0.0
    """Share of units that have the same incoming weights as another unit."""
    zero_share: float = 0.0
    nonfinite_share: float = 0.0


@dataclass(frozen=True, kw_only=True)
class LayerFacts:
    """A module that has parameters of its own, or is watched for its output. In the order of the first forward pass."""

    name: str
    """As in `model.named_modules()`; the `layer` of kind activation."""
    type: str
    """The class: Linear, Conv2d, LSTM, BatchNorm1d, ReLU, ..."""
    is_weighted: bool
    """Mixes its inputs by a weight matrix: linear, convolution, recurrent, attention."""
    activation: str = UNKNOWN
    """The function applied to its output: relu, tanh, sigmoid, softmax, gelu, ..., "" for none, "?" where unknown.

    Of a module that is itself such a function, its name. Normalisation, dropout and reshaping in between do not count.
    """
    feeds: tuple[str, ...] = ()
    """Weighted layers that get its output without another weighted layer between; () where unknown."""
    is_linear_to: tuple[str, ...] = ()
    """Of these, the ones with no non-linear function between: two layers that could be one (a missing activation)."""
    is_training: bool = True
    """Whether it was in training mode in the first step."""
    settings: Mapping[str, Any] | None = None
    """Numbers worth knowing: p of a dropout, momentum of a normalisation, num_layers, bidirectional, ..."""


@dataclass(frozen=True, kw_only=True)
class OptimizerFacts:
    """An optimiser and its parameter groups."""

    type: str
    n_params: int
    """Parameters (tensors) it holds."""
    n_foreign: int = 0
    """Of these, the ones that are not the model's."""
    groups: tuple[Mapping[str, Any], ...] = ()
    """Settings of each group: lr, momentum, weight_decay, betas, ...; `n` tensors."""


@dataclass(frozen=True, kw_only=True)
class LossFacts:
    """The loss of the first step, as far as its graph or the user shows."""

    function: str = UNKNOWN
    """cross_entropy, nll, bce, bce_with_logits, mse, l1, huber, kl_div, ... of the last operation, or "?"."""
    first: float = float("nan")
    """The first training loss."""
    n_classes: int = 0
    """0 if unknown, or not a classification."""
    n_rows: int = 0
    """Rows of the first batch, as the loss counts them; 0 if unknown."""
    reduction: str = UNKNOWN
    """mean, sum, none, or "?"."""
    applied: tuple[str, ...] = ()
    """Functions applied to the last layer's output before the loss's own: softmax, sigmoid, log_softmax, relu, ..."""
    last_layers: tuple[str, ...] = ()
    """The weighted layers whose output it is."""
    row_sum_deviation: float = float("nan")
    """First batch: mean of abs(row sum - 1) of what the loss was given; near 0 for probabilities."""
    row_min: float = float("nan")
    """First batch: the smallest entry of what the loss was given."""
    is_plain: bool = False
    """It is the mean cross-entropy of its rows: no class weights, smoothing, penalty, factor or second loss."""
    n_outputs: int = 0
    """Entries of a row that the loss was given."""
    targets: str = UNKNOWN
    """classes, one-hot, codes (three or more small whole numbers), flags (zeros and ones), amounts, or "?"."""
    target_min: float = float("nan")
    target_max: float = float("nan")
    target_mean: float = float("nan")
    target_std: float = float("nan")
    target_evenness: float = float("nan")
    """Of codes: entropy of the first batch's codes over ln(number of codes)."""
    common_target: int = -1
    """Of classes: the commonest of the first batch; -1 unknown."""
    common_share: float = 0.0
    """Its share."""
    ignored_target: int = -100
    """`ignore_index` of the loss."""
    output_std: float = float("nan")
    """Standard deviation of what the loss was given, beside that of the targets."""
    broadcast: tuple[int, ...] = ()
    """Shape over which errors were averaged, where outputs of shape (n, 1) met targets of shape (n,)."""
    unregistered: tuple[str, ...] = ()
    """Shapes of parameters in its graph that are neither the model's nor in an optimiser."""
    has_functional_dropout: bool = False
    """Its graph drops entries at more places than the model has dropout layers."""


@dataclass(frozen=True, kw_only=True)
class NetFacts:
    """The network as it was made. `expected_first_loss` of a classification is ln(n_classes)."""

    MISSING: ClassVar[str] = "judges the training of a network: record it with nn_bridge.TorchRecorder"

    layers: tuple[LayerFacts, ...] = ()
    params: tuple[ParamFacts, ...] = ()
    optimizers: tuple[OptimizerFacts, ...] = ()
    loss: LossFacts = LossFacts()
    amp: str = ""
    """bfloat16 or float16 where the first step ran under autocast, else ""."""
    is_compiled: bool = False
    are_initial: bool = True
    """The values of the parameters are those before the first step; scikit-learn draws and trains them in one call."""
    is_complete: bool = False
    """The first step is done: lazy modules have their shapes and the loss is known, if it will ever be."""

    def param(self, name: str) -> ParamFacts | None:
        """Return a parameter by any of its names."""
        return next((p for p in self.params if name == p.name or name in p.shared_with), None)

    def layer(self, name: str) -> LayerFacts | None:
        """Return a layer by its name."""
        return next((x for x in self.layers if x.name == name), None)

    def matrices(self) -> Iterator[ParamFacts]:
        """Return the weight matrices, in the order of the net."""
        return (p for p in self.params if p.is_matrix)

    def activation_of(self, param: str) -> str:
        """Return the function that follows the layer a parameter belongs to; "?" where unknown."""
        facts = self.param(param)
        layer = None if facts is None else self.layer(facts.module)
        return UNKNOWN if layer is None else layer.activation

    def until(self, n_rounds: int) -> Self:  # noqa: ARG002 - they hold for every round
        """Return the facts themselves."""
        return self

    def to_dict(self) -> dict[str, Any]:
        """Return plain JSON-able data; `from_dict` is its inverse."""
        return asdict(self)

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Self:
        """Read back what `to_dict` wrote, of this version or a newer one."""
        return cls(
            layers=tuple(_read(LayerFacts, x) for x in data.get("layers", ())),
            params=tuple(_read(ParamFacts, x) for x in data.get("params", ())),
            optimizers=tuple(_read(OptimizerFacts, x) for x in data.get("optimizers", ())),
            loss=_read(LossFacts, data.get("loss", {})),
            amp=str(data.get("amp", "")),
            is_compiled=bool(data.get("is_compiled", False)),
            are_initial=bool(data.get("are_initial", True)),
            is_complete=bool(data.get("is_complete", False)),
        )


def _read(kind: Any, data: Mapping[str, Any]) -> Any:
    """Raise ValueError for a value of another kind than its field's."""
    hints = _hints(kind)
    known = {k: tuple(v) if isinstance(v, list) else v for k, v in data.items() if k in hints}
    for name, value in known.items():
        if not _fits(value, hints[name]):
            raise ValueError(f"{kind.__name__}.{name} is {value!r:.40}")
    return kind(**known)


@functools.cache
def _hints(kind: Any) -> dict[str, Any]:
    return {name: hint for name, hint in get_type_hints(kind).items() if name in kind.__dataclass_fields__}


def _fits(value: Any, hint: Any) -> bool:
    arguments = get_args(hint)
    if isinstance(hint, UnionType):
        return any(_fits(value, one) for one in arguments)
    origin = get_origin(hint) or hint
    if origin is tuple:
        return isinstance(value, tuple) and all(_fits(one, arguments[0]) for one in value)
    if isinstance(value, bool):
        return origin is bool
    return isinstance(value, int | float if origin is float else origin)
