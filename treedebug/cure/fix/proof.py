"""One comparison on rows that no step has seen: with the user's model, and with that model stopped early."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from treedebug.api.rebuild_booster import load_booster
from treedebug.api.replay_metrics import named_metric
from treedebug.core.phrases import figure
from treedebug.cure.fix.sets import RowSet
from treedebug.cure.fix.timing import asked, rows_a_second, seconds_a_row
from treedebug.cure.row_losses import RowLoss, compared

Floats = NDArray[np.float64]
_INTERVAL = 1.96


@dataclass(frozen=True)
class Contender:
    """A model on the test rows: what it loses, and what it costs."""

    name: str
    loss: float
    error_rate: float
    """Share of rows in the wrong class; of numbers the mean absolute error."""
    auc: float | None
    """Of two classes."""
    n_rounds: int
    n_leaves: int
    n_bytes: int
    seconds_a_row: float
    """To predict one row alone."""
    rows_a_second: float
    """Of all test rows at once."""
    train_seconds: float | None = None


@dataclass(frozen=True)
class Against:
    """The cured model less another one, on the same rows."""

    name: str
    difference: float
    error: float

    @property
    def low(self) -> float:
        """Lower end of the 95 % interval."""
        return self.difference - _INTERVAL * self.error

    @property
    def high(self) -> float:
        """Upper end of the 95 % interval."""
        return self.difference + _INTERVAL * self.error

    @property
    def verdict(self) -> str:
        """Say better, worse, or that neither is shown."""
        return "better" if self.high < 0 else "worse" if self.low > 0 else "no difference shown"


@dataclass(frozen=True)
class Proof:
    """What the test rows say, once."""

    n_rows: int
    loss_name: str
    contenders: tuple[Contender, ...]
    against: tuple[Against, ...]

    def __str__(self) -> str:
        """Return a line for each model, and one for each comparison."""
        second = "error rate" if self.loss_name == "log loss" else "absolute error"
        lines = [f"proof on {self.n_rows:,} rows that no step has seen:"]
        for c in self.contenders:
            auc = "" if c.auc is None else f", AUC {c.auc:.4f}"
            lines.append(
                f"  {c.name:<16} {self.loss_name} {figure(c.loss)}, {second} {figure(c.error_rate)}{auc}; "
                f"{c.n_rounds:,} rounds, {c.n_leaves:,} leaves, {c.n_bytes:,} bytes, "
                f"{1e6 * c.seconds_a_row:,.0f} us a row alone, {c.rows_a_second:,.0f} rows/s"
                + ("" if c.train_seconds is None else f", trained in {c.train_seconds:.1f} s")
            )
        lines += [
            f"  {self.loss_name} {a.difference:+.3g} against {a.name} (95 %: {a.low:+.3g} to {a.high:+.3g}): "
            + a.verdict
            for a in self.against
        ]
        return "\n".join(lines)


@dataclass(frozen=True, eq=False)
class ProvedModel:
    """A model to be proved."""

    name: str
    raw: bytes
    n_rounds: int
    n_leaves: int
    drop: tuple[str, ...] = ()
    train_seconds: float | None = None


def prove(models: list[ProvedModel], test: RowSet, loss: RowLoss, library: str) -> Proof:
    """Compare the first model with the others on the test rows."""
    losses, contenders = [], []
    for model in models:
        part = test.without(model.drop)
        margin = asked(load_booster(model.raw, library), part.X, library)
        mine = loss.of(margin, part.y)
        losses.append(mine)
        contenders.append(
            Contender(
                model.name,
                float(part.weights @ mine / part.weights.sum()),
                error_rate(margin, part.y, loss),
                _auc(margin, part.y) if loss.is_classes and margin.shape[1] == 1 else None,
                model.n_rounds,
                model.n_leaves,
                len(model.raw),
                seconds_a_row(model.raw, part, library),
                rows_a_second(model.raw, part, library),
                model.train_seconds,
            )
        )
    against = tuple(
        Against(c.name, *compared(losses[0], other, test.weights))
        for c, other in zip(contenders[1:], losses[1:], strict=True)
    )
    return Proof(len(test), loss.name, tuple(contenders), against)


def error_rate(margin: Floats, label: Floats, loss: RowLoss) -> float:
    """Return the share of rows in the wrong class; of numbers the mean absolute error."""
    if not loss.is_classes:
        guess = margin[:, 0] if loss.name in ("squared error", "absolute error") else np.exp(margin[:, 0])
        return float(np.abs(guess - label).mean())
    guess = margin.argmax(axis=1) if margin.shape[1] > 1 else margin[:, 0] > 0
    return float((guess != (label if margin.shape[1] > 1 else label > 0.5)).mean())


def _auc(margin: Floats, label: Floats) -> float | None:
    """Return the share of pairs of a positive and a negative row in the right order, ties for half."""
    found = named_metric("auc")(label, margin[:, 0], np.ones(len(label)))
    return None if np.isnan(found) else found
