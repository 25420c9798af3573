"""The callback for `lgb.train`, `lgb.cv` and LightGBM's scikit-learn wrappers."""

from __future__ import annotations

import inspect
import os
import sys
from typing import Any, Unpack

from treedebug.actions.stop_training import StopTraining
from treedebug.api.callback_base import CallbackBase, CallbackSettings, check_keywords
from treedebug.core.errors import ConfigError
from treedebug.recorders.lightgbm.lightgbm_recorder import LightGBMRecorder


class LightGBMCallback(CallbackBase, LightGBMRecorder):
    """Record a training, judge it while it runs, and keep it for afterwards.

        callback = treedebug.LightGBMCallback("runs/churn")
        lgb.train(params, train, 500, valid_sets=[valid], callbacks=[callback])
        callback.run.findings

    Class balance of the training data and all validation sets is taken from the booster. The arguments are those of
    `XGBoostCallback`, which see; there is no `evals`.

    Raises ConfigError for arguments it does not understand, StoreError where nothing can be written, RunExistsError
    with `exists="error"` if the path already holds a run.
    """

    def __init__(self, path: str | os.PathLike[str] | None = None, **settings: Unpack[CallbackSettings]) -> None:
        if "evals" in settings:
            raise ConfigError("LightGBMCallback takes no evals=: it sees the valid_sets that are handed to LightGBM")
        check_keywords(type(self), settings)
        CallbackBase.__init__(self, path, **settings)
        _be_known_to_xgboost()

    @property
    def may_stop(self) -> bool:
        """Whether an action was given that stops a training."""
        return any(isinstance(a, StopTraining) and not a.dry_run for a in self._setup.actions)

    def before_training(self, model: Any) -> Any:
        """Refuse: XGBoost calls this, LightGBM does not."""
        del model
        raise ConfigError(
            "LightGBMCallback records LightGBM's trainings; for XGBoost use treedebug.XGBoostCallback, which takes the "
            "same arguments"
        )

    def _where_copies_are(self) -> str:
        """Say it of LightGBM, whose wrappers take callbacks in `fit` alone and ignore them elsewhere."""
        return (
            "LightGBM's wrappers take it in fit(X, y, callbacks=[...]) and ignore it in LGBMClassifier(callbacks=...). "
            + super()._where_copies_are()
        )


def _be_known_to_xgboost() -> None:
    """Pass for a callback of XGBoost's: given to `xgb.train`, it is asked to begin and can say what is wrong."""
    module = sys.modules.get("xgboost.callback")
    if module is not None:
        module.TrainingCallback.register(LightGBMCallback)


def _signature() -> inspect.Signature:
    """Return the keywords by name, for `help` and editors."""
    _, *keywords = inspect.signature(CallbackBase.__init__).parameters.values()
    return inspect.Signature(keywords)


setattr(LightGBMCallback, "__signature__", _signature())  # noqa: B010 - mypy knows no such attribute of a class
