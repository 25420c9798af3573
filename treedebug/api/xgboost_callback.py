"""The callback for `xgb.train`, `xgb.cv` and XGBoost's scikit-learn wrappers."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import Any

from treedebug.api.callback_base import CallbackFace, make_setup, margin_rows
from treedebug.core.data.data_sets import DataSets
from treedebug.core.data.table_profile import DataProfile
from treedebug.core.protocols import Action, StopRequest
from treedebug.engine.config import Config
from treedebug.engine.rule import Rule
from treedebug.recorders.session import Session, Settings
from treedebug.recorders.xgboost.xgboost_port import XGBoostPort
from treedebug.recorders.xgboost.xgboost_recorder import XGBoostRecorder


class XGBoostCallback(XGBoostRecorder, CallbackFace):
    """Record a training, judge it while it runs, and keep it for afterwards.

        callback = treedebug.XGBoostCallback("runs/churn", evals=[(dtrain, "train"), (dvalid, "valid")])
        xgb.train(params, dtrain, 500, evals=[(dtrain, "train"), (dvalid, "valid")], callbacks=[callback])
        callback.run.findings

    `path` is the folder of the run (None: memory). `evals` are the eval sets whose class balance is recorded; by
    default those handed to `train`. `rules` are your own rules, beside those that `config` (or pyproject.toml),
    `select` and `ignore` choose. `actions`, e.g. `treedebug.StopTraining(on=["CV102"])`, are the only things that
    change a training. `data`, what `treedebug.profile(X, y, valid=(Xv, yv))` returns, is kept with the run and judged
    with it. `progress` shows a progress line; `quiet` prints nothing at all. Class balance is recorded in
    the first five rounds, every tenth and the last, of the training data in check rounds (1, 10, 20, 40, ...) and the
    last (`classes_every=1`: always); DART's tree weights in check rounds and the last (`dart_every=1`: always).
    `row_margins` keeps how far the model stands behind the label of each row (or of so many rows a dataset) in the
    first 25 rounds, check rounds and the last, for DA622 and `run.margins`; True: of at most 50,000 rows a dataset.
    `resume` continues the run at `path`.

    Raises RunExistsError if the path already holds a run, ConfigError for arguments it does not understand.
    """

    def __init__(  # noqa: PLR0913 - each has a default
        self,
        path: str | os.PathLike[str] | None = None,
        *,
        evals: Sequence[tuple[Any, str]] | None = None,
        rules: Sequence[Rule | type[Rule]] = (),
        select: Sequence[str] | None = None,
        ignore: Sequence[str] | None = None,
        config: Config | None = None,
        actions: Sequence[Action] = (),
        data: DataSets | DataProfile | None = None,
        progress: bool = False,
        quiet: bool = False,
        classes_every: int | None = None,
        dart_every: int | None = None,
        row_margins: bool | int = False,
        resume: bool = False,
    ) -> None:
        self._setup = make_setup(
            path,
            rules=rules,
            select=select,
            ignore=ignore,
            config=config,
            actions=actions,
            data=data,
            progress=progress,
            resume=resume,
            settings=Settings(classes_every, dart_every, quiet, margin_rows(row_margins)),
        )
        XGBoostRecorder.__init__(self, evals)

    def open_session(self, port: XGBoostPort, stop: StopRequest, fold: int | None) -> Session:
        """Return a session at a place of its own."""
        return self._setup.open(port, stop, fold)
