"""HP501 ignored-parameter."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from difflib import get_close_matches

from treedebug.core.errors import did_you_mean
from treedebug.core.findings import Change, Finding, Severity
from treedebug.core.params.parameter_names import TABLE_VERSIONS, is_newer, known_names, native_name
from treedebug.core.run.run_data import Header
from treedebug.engine.rule import Rule, param
from treedebug.rules.params._class_weighing import how_to_weigh
from treedebug.rules.params._refused_values import refused, without_device
from treedebug.rules.params._unknown_names import ARGUMENTS, MEANT, idle_feature_weights, unused
from treedebug.signals.params.parameter_view import GivenParams, Params

_VERY_NEAR = 0.8


@dataclass(frozen=True, kw_only=True)
class IgnoredParameter(Rule):
    """A parameter was set that the library does not know, or does not use here.

    ## What it does
    Compares every name given with all parameters and aliases of the library, and says which one was probably meant: a
    misspelling, the other library's name, or an argument of `train`. Then looks for parameters that have no effect with
    this booster and objective: `max_depth` on gblinear, `drop_rate` without dart, `scale_pos_weight` on a multi-class
    objective, LightGBM's `bagging_fraction` without `bagging_freq`, `ignore_column` where it reads no file, XGBoost's
    `feature_weights` without `colsample_by...`, a `device` that is not there. And for words and
    numbers that the library refuses, such as `tree_method=gpu_hist` (an error). Values that are the default anyway are
    not reported. If the library is newer than the tables of parameters, an unknown name may be a new parameter: it is
    reported as information, and only where it looks like a slip.
    ## Why is this bad
    The library goes on with its default, often after a line in the log: the model is not the one that was meant.
    ## When to ignore it
    One set of parameters serves several boosters.
    """

    code = "HP501"
    name = "ignored-parameter"

    most: int = param(10, "parameters reported", ge=1, le=1000)

    def check(self, named: GivenParams, header: Header) -> Iterator[Finding]:
        """Look up every name, then every use."""
        params = named.params
        known = known_names(params.library)
        if not known:
            return
        newer = is_newer(params.library, header.versions.get(params.library, ""))
        found = [self._unknown(params, name, newer=newer) for name in params.given if name not in known]
        found += [] if newer else [self._unused(params, name, why) for name, why in unused(params).items()]
        found += [self.finding(why, subject=name, severity=Severity.ERROR, value=params.given[name], kind="refused")
                  for name, why in refused(params, newer=newer)]  # fmt: skip
        found += [self.finding(f"device={asked!r} has no effect: XGBoost found no GPU, or was built without one, and "
                               "trained on the CPU", subject="device", value=asked, kind="unused")
                  for asked in (without_device(params),) if asked]  # fmt: skip
        found += [self.finding(why, subject="feature_weights", kind="unused", value=True,
                               try_next=(Change("colsample_bynode", 0.5, "draw half of the columns for every split"),))
                  for why in (idle_feature_weights(params, header),) if why]  # fmt: skip
        yield from [f for f in found if f is not None][: self.most]

    def _unknown(self, params: Params, name: str, *, newer: bool) -> Finding | None:
        library, value = params.library, params.given[name]
        changes: tuple[Change, ...] = ()
        meant = MEANT.get(library, {}).get(name)
        if name in ARGUMENTS.get(library, ()):
            hint = f" It is an argument of {library}.train."
        elif meant:
            hint, changes = f" Did you mean {meant!r}?", (Change(meant, value, f"what {library} calls it"),)
        else:
            main = {native_name(n, library) for n in known_names(library)}
            foreign = [MEANT[library][n] for n in get_close_matches(name, MEANT.get(library, {}), 1, _VERY_NEAR)]
            hint = f" Did you mean {foreign[0]!r}?" if foreign else did_you_mean(name, main)
            hint = hint or did_you_mean(name, known_names(library))
            close = hint.split("'")[1] if hint else ""
            changes = (Change(close, value, "the name it knows"),) if close else ()
        if newer and not hint:
            return None
        said = f"{library} does not know {name}={value!r} and goes on without it"
        if newer:
            said = f"{library} {TABLE_VERSIONS[library]} did not know {name}={value!r}; a later one may"
        return self.finding(
            f"{said}{how_to_weigh(library, name) or f'.{hint}'}",
            subject=name,
            severity=Severity.INFO if newer else None,
            try_next=changes, value=value, kind="unknown",
        )  # fmt: skip

    def _unused(self, params: Params, name: str, why: str) -> Finding:
        return self.finding(
            f"{name}={params.given[name]!r} has no effect: {why}{how_to_weigh(params.library, name)}",
            subject=name,
            try_next=(Change("bagging_freq", 1, "draw rows in every round"),) if "bagging_freq" in why else (),
            value=params.given[name],
            kind="unused",
        )
