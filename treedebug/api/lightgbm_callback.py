"""The callback for `lgb.train`, `lgb.cv` and LightGBM's scikit-learn wrappers."""

from __future__ import annotations

from treedebug.api.callback_base import CallbackBase
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
