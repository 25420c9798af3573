"""The callback for `lgb.train`, `lgb.cv` and LightGBM's scikit-learn wrappers."""

from __future__ import annotations

import os
from collections.abc import Sequence

from treedebug.api.callback_base import CallbackFace, make_setup, margin_rows
from treedebug.core.data.data_sets import DataSets
from treedebug.core.data.table_profile import DataProfile
from treedebug.core.protocols import Action, StopRequest
from treedebug.engine.config import Config
from treedebug.engine.rule import Rule
from treedebug.recorders.lightgbm.lightgbm_port import LightGBMPort
from treedebug.recorders.lightgbm.lightgbm_recorder import LightGBMRecorder
from treedebug.recorders.session import Session, Settings


class LightGBMCallback(LightGBMRecorder, CallbackFace):
    """Record a training, judge it while it runs, and keep it for afterwards.

        callback = treedebug.LightGBMCallback("runs/churn")
        lgb.train(params, train, 500, valid_sets=[valid], callbacks=[callback])
        callback.run.findings

    Class balance of the training data and all validation sets is taken from the booster. The arguments are those of
    `XGBoostCallback`, which see; there is no `evals`.

    Raises RunExistsError if the path already holds a run, ConfigError for arguments it does not understand.
    """

    def __init__(  # noqa: PLR0913 - each has a default
        self,
        path: str | os.PathLike[str] | None = None,
        *,
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
        LightGBMRecorder.__init__(self)

    def open_session(self, port: LightGBMPort, stop: StopRequest, fold: int | None) -> Session:
        """Return a session at a place of its own."""
        return self._setup.open(port, stop, fold)
