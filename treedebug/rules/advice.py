"""What to try next, in the spelling of the user's library."""

from __future__ import annotations

import math
from typing import Any

from treedebug.core.changes import HIGHER, LOWER, SAME, Change, Effect, question
from treedebug.core.findings import Severity
from treedebug.core.params.parameter_names import canonical_name, number
from treedebug.core.params.user_spelling import PATIENCE, RATE, ROUNDS, spelled, typed, value_in_use
from treedebug.core.phrases import round_to
from treedebug.core.run.run_data import Header
from treedebug.engine.settle_changes import usual_patience
from treedebug.signals.curves.eval_curves import EvalLoss
from treedebug.signals.curves.patience import least_patience
from treedebug.signals.curves.training_end import Ending

_HARM = 0.15
_USUAL_RATE = 0.05
_FAST_RATE = 0.1
_WAY = 5.0
"""Learning rate times rounds after which next to nothing of the error is left for want of steps."""


def change(  # noqa: PLR0913 - each has a default
    header: Header,
    canonical: str,
    value: Any,
    why: str = "",
    *,
    group: str = "",
    effect: Effect = Effect(),  # noqa: B008 - immutable
) -> Change:
    """A change of a parameter, spelled for the user.

    Rounds are counted over the booster's whole life: what is left of them after those it had before is proposed.
    """
    if canonical == ROUNDS:
        value = max(int(value) - header.start_round, 1)
    return Change(
        spelled(header, canonical), value, why, group=group, effect=effect, text=typed(header, canonical, value)
    )


def cut(header: Header, n_rounds: int, why: str = "stop at the best round", *, group: str = "cut") -> Change:
    """Fewer rounds, as many as the booster is to have over its whole life."""
    return change(header, ROUNDS, n_rounds, why, group=group, effect=Effect(LOWER, LOWER, LOWER))


def guard(header: Header, loss: EvalLoss | None = None, *, group: str = "") -> tuple[Change, ...]:
    """Early stopping whose patience reaches the best round of the recorded curve; none where it could not run out."""
    needed = 0 if loss is None else math.ceil(1.5 * least_patience(loss.valid, loss.best))
    patience = max(usual_patience(setting(header, RATE)), needed)
    rounds = value_in_use(header, ROUNDS)
    if rounds is not None and patience >= rounds:
        return ()
    effect = Effect(LOWER, LOWER, LOWER)
    return (change(header, PATIENCE, patience, "let the library find the best round", group=group, effect=effect),)


def calmer(header: Header, loss: EvalLoss | None = None) -> tuple[Change, ...]:
    """Against overfitting: a quarter of the learning rate, each tree on a part of the rows.

    The engine adds the rounds that small steps take, and early stopping. Measured by benchmarks/advice.py at rates from
    0.1 on; at lower ones early stopping alone is proposed, and a training that was continued keeps its steps.
    """
    told = header.extra.get("simpler")
    if told is not None:
        return tuple(Change(str(name), value, str(why), group="calmer") for name, value, why in told)
    keeps = header.library not in ("xgboost", "lightgbm") or header.start_round
    rate = () if keeps else slower(header, group="calmer")
    return (*rate, *sampled(header)) if rate else guard(header, loss, group="stop")


def slower(header: Header, rate: float | None = None, *, group: str = "") -> tuple[Change, ...]:
    """A quarter of the learning rate, if it is high, or the rate given. The engine adds the rounds that it takes."""
    now = setting(header, RATE)
    if rate is None:
        if now is None or now < _FAST_RATE:
            return ()
        rate = float(round_to(now / 4))
    effect = Effect(LOWER, HIGHER, HIGHER)
    return (change(header, RATE, rate, "smaller steps fit noise later", group=group, effect=effect),)


def sampled(header: Header) -> tuple[Change, ...]:
    """Each tree on a part of the rows, unless they are drawn already. Columns are not: where few matter, it harms."""
    if _draws_rows(header):
        return ()
    effect = Effect(LOWER, SAME, LOWER)
    rows = change(header, "subsample", 0.7, "each tree sees other rows", group="calmer", effect=effect)
    if header.library != "lightgbm":
        return (rows,)
    return rows, change(header, "subsample_freq", 1, "draw them in every round", group="calmer")


def _draws_rows(header: Header) -> bool:
    share, every = setting(header, "subsample"), setting(header, "subsample_freq")
    drawn = share is not None and share < 1.0 and (header.library != "lightgbm" or (every or 0) > 0)
    return drawn or header.params.get("data_sample_strategy") == "goss"


def thicker(header: Header, *, group: str = "") -> tuple[Change, ...]:
    """More data behind every leaf, or leaves that count less the less is behind them."""
    effect = Effect(LOWER, LOWER, LOWER)
    if header.library == "lightgbm":
        penalty, samples = setting(header, "reg_lambda") or 0.0, setting(header, "min_child_samples")
        more = change(header, "min_child_samples", 20, "more rows behind every leaf", group=group, effect=effect)
        few = (more,) if samples is not None and samples < 20 else ()  # LightGBM's default
        if penalty >= 5:  # as much as is proposed
            return few
        return (*few, change(header, "reg_lambda", 5, "shrinks thin leaves most", group=group, effect=effect))
    weight = setting(header, "min_child_weight")
    better = 4 if weight is None or weight < 4 else round_to(1.5 * weight)  # as was measured
    return (change(header, "min_child_weight", better, "more data behind every leaf", group=group, effect=effect),)


def faster(header: Header, n_rounds: int) -> tuple[Change, ...]:
    """A usual learning rate, if it is far lower: the one that gets somewhere in these rounds; and early stopping."""
    rate = setting(header, RATE)
    least = 0.0 if header.slow_rounds else _USUAL_RATE  # what is usual for a net depends on its optimiser
    if rate is None or rate >= (_FAST_RATE if header.slow_rounds else _USUAL_RATE):
        return ()
    better = 10 * rate if header.slow_rounds else _WAY / max(n_rounds, 1)
    value = round_to(min(_FAST_RATE, max(least, better)))
    effect = Effect(LOWER, SAME, SAME)
    return (
        change(header, RATE, value, "larger steps", group="faster", effect=effect),
        *longer_guard(header, "faster", value),
    )


def longer(header: Header, n_rounds: int, *, group: str = "longer") -> tuple[Change, ...]:
    """More rounds in all, and early stopping to end them."""
    effect = Effect(LOWER, HIGHER, HIGHER)
    more = change(header, ROUNDS, n_rounds, "more rounds, with early stopping", group=group, effect=effect)
    return (more, *longer_guard(header, group))


def longer_guard(header: Header, group: str, rate: float | None = None) -> tuple[Change, ...]:
    """Early stopping beside more steps, unless the user has it."""
    if header.slow_rounds or value_in_use(header, PATIENCE) is not None:
        return ()
    patience = usual_patience(setting(header, RATE) if rate is None else rate)
    return (change(header, PATIENCE, patience, "on a validation set, ends them in time", group=group),)


def setting(header: Header, canonical: str) -> float | None:
    """The numeric value of a parameter, or None if it is unknown or not a number."""
    value = header.params.get(canonical)
    if value is None:
        for given, raw in header.params_given.items():
            if canonical_name(given, header.library) == canonical:
                value = raw
    value = number(value)
    if isinstance(value, bool):
        return float(value)
    return float(value) if isinstance(value, int | float) else None


def training_rows(header: Header) -> int | None:
    """Rows of the training data, where recorded."""
    return header.training_facts().get("n_rows")


def loosened(header: Header) -> bool:
    """Whether leaves may rest on less than the library asks for by default."""
    least = {"min_child_samples": 20.0, "min_child_weight": 1e-3}
    if header.library == "xgboost":
        least = {"min_child_weight": 1.0}
    given = {name: setting(header, name) for name in least}
    return any(value is not None and value < least[name] for name, value in given.items())


def unbounded(header: Header) -> bool:
    """Return whether next to nothing bounds a leaf: less hessian than by default, or a row or two."""
    weight, samples = setting(header, "min_child_weight"), setting(header, "min_child_samples")
    least = 1.0 if header.library == "xgboost" else 1e-3
    return (weight is not None and weight < least) or (samples is not None and samples <= 2)


def reweighted(header: Header) -> bool:
    """Whether a parameter shifts the weight between the classes, so that the objective is not the plain metric."""
    scale, unbalance = setting(header, "scale_pos_weight"), header.params.get("is_unbalance")
    if unbalance is None:
        unbalance = header.params_given.get("is_unbalance", header.params_given.get("unbalance"))
    weighted = header.params_given.get("class_weight") or header.params.get("class_weight")
    return (scale is not None and scale != 1.0) or str(unbalance).lower() in ("true", "1") or bool(weighted)


def harm(loss: EvalLoss | None, ending: Ending) -> Severity:
    """A warning where validation has worsened by more than healthy runs do after their best round; else info."""
    suffers = loss is not None and loss.regret >= _HARM and loss.worsened and not ending.allows(loss.wait)
    return Severity.WARNING if suffers else Severity.INFO


def ran_on(loss: EvalLoss | None, ending: Ending, header: Header) -> bool:
    """Return whether nothing stopped a training that went on for as long again as it was useful.

    Then the rounds are the cause of what became worse in them.
    """
    if loss is None or ending.patience is not None:
        return False
    return loss.wait >= max(loss.best_round + 1 - header.start_round, 1)


def ask_if_known(name: str) -> Change:
    """A feature that explains too much: only the user can tell whether it is a leak."""
    return question(f"Is {name} known when you predict, and not made from the label?")


def choose_threshold(name: str, value: Any) -> Change:
    """Rare classes: what the weights do, and what does as well."""
    return question(
        "Do you act on calls or on probabilities? For calls choose the threshold on the validation rows; "
        f"{name}={value!r} does much the same at 0.5, and makes the probabilities (and log loss) worse."
    )
