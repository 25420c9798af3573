"""XGBoost's forests of few rounds, whose answer the learning rate shrinks."""

from __future__ import annotations

import math
from collections.abc import Iterator

from treedebug.core.findings import Change
from treedebug.core.phrases import figure, percent
from treedebug.core.run.run_data import Header
from treedebug.rules.advice import change, longer
from treedebug.signals.params.parameter_view import Params


def slow_forest(
    params: Params, header: Header, rate: float, rounds: int, min_travel: float
) -> Iterator[tuple[str, tuple[Change, ...]]]:
    """Yield what is wrong with a learning rate that leaves e**-min_travel or more of what the forests could say."""
    left = (1.0 - min(rate, 1.0)) ** rounds
    if params.library != "xgboost" or not params.grows_trees or header.start_round or left < math.exp(-min_travel):
        return
    trees = figure(params.numeric("num_parallel_tree") or 1.0)
    message = (
        f"a forest of {trees} trees in {rounds} {'round' if rounds == 1 else 'rounds'} at a learning rate of "
        f"{figure(rate)} goes {percent(1.0 - left)} of the way from the mean to what its trees say"
    )
    whole = change(header, "learning_rate", 1.0, "a forest of one round is not shrunk")
    yield message, (whole,) if rounds == 1 else longer(header, math.ceil(5.0 / rate))
