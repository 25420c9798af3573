"""The callback for `xgb.train`, `xgb.cv` and XGBoost's scikit-learn wrappers."""

from __future__ import annotations

import inspect
import operator
import os
import pickle
import pydoc
from collections.abc import Sequence
from typing import Any, Unpack

from treedebug.api.callback_base import CallbackBase, CallbackSettings, check_keywords
from treedebug.api.wrong_kind import kind_of
from treedebug.core.errors import ConfigError
from treedebug.recorders.xgboost.xgboost_recorder import XGBoostRecorder


class XGBoostCallback(CallbackBase, XGBoostRecorder):
    """Record a training, judge it while it runs, and keep it for afterwards.

        callback = treedebug.XGBoostCallback("runs/churn", evals=[(dtrain, "train"), (dvalid, "valid")])
        xgb.train(params, dtrain, 500, evals=[(dtrain, "train"), (dvalid, "valid")], callbacks=[callback])
        callback.run.findings

    `path` is the folder of the run, or a URL (None: memory; "return": on a cluster, to where `fit` was called). Where
    it already holds a run, `exists="number"` records beside it (`runs/churn-2`), `"resume"` goes on with that run (so
    does `resume=True`), `"error"` refuses. `evals` are the eval sets whose class balance is recorded; by default those
    handed to `train`. `rules` are your own rules, beside those that `config` (or pyproject.toml), `select` and `ignore`
    choose. `actions`, e.g. `treedebug.StopTraining(on=["CV102"])`, are the only things that change a training.
    `judge=False` records without judging, which costs least: `treedebug watch` judges the run from another process.
    `data`, what `treedebug.profile(X, y, valid=(Xv, yv))` returns, is kept with the run and judged with it. `name`,
    `tags` and `description` are yours: they stand in the header, in lists and in comparisons. `progress` shows a
    progress line; `quiet` prints nothing at all. Class balance is recorded in the first five rounds, every tenth and
    the last, of the training data in check rounds (1, 10, 20, 40, ...) and the last (`classes_every=1`: always); DART's
    tree weights in check rounds and the last (`dart_every=1`: always). `row_margins` keeps how far the model stands
    behind the label of each row (or of so many rows a dataset) in the first 25 rounds, check rounds and the last, for
    DA622 and `run.margins`; True: of at most 50,000 rows a dataset. `durable` waits for the disk at every write, so
    that not even a power cut loses more than a second.

    Raises ConfigError for arguments it does not understand, StoreError where nothing can be written, RunExistsError
    with `exists="error"` if the path already holds a run.
    """

    def __init__(
        self,
        path: str | os.PathLike[str] | None = None,
        *,
        evals: Sequence[tuple[Any, str]] | None = None,
        **settings: Unpack[CallbackSettings],
    ) -> None:
        check_keywords(type(self), settings)
        CallbackBase.__init__(self, path, **settings)
        self.use_evals(evals)

    def __call__(self, env: Any) -> None:
        """Refuse to be called: LightGBM calls its callbacks, XGBoost does not."""
        raise ConfigError(
            "XGBoostCallback records XGBoost's trainings; for LightGBM use treedebug.LightGBMCallback, which takes the "
            f"same arguments (but evals=); got a call with {kind_of(env)}"
        )

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickle so that a fitted model is read where treedebug is not installed: there it has an idle callback."""
        return operator.call, (_KIND,), {"_pickled": pickle.dumps(self.__getstate__())}

    def __setstate__(self, state: dict[str, Any]) -> None:
        """Take the state that `__reduce__` gave."""
        self.__dict__.update(pickle.loads(state["_pickled"]))  # noqa: S301 - within a pickle that is being read

    @property
    def may_stop(self) -> bool:
        """Whether an action, or a watcher beside a run that is not in memory, may ask to stop."""
        return bool(self._setup.actions) or self._setup.path is not None


class _Kind:
    """Stands for `XGBoostCallback`, and in a process without treedebug for XGBoost's own callback that does nothing."""

    def __call__(self) -> Any:
        return XGBoostCallback.__new__(XGBoostCallback)

    def __reduce__(self) -> tuple[Any, ...]:
        names = ["treedebug.api.xgboost_callback._KIND", "xgboost.callback.TrainingCallback"]
        return next, (filter(None, map(pydoc.locate, names)),)


_KIND = _Kind()


def _signature() -> inspect.Signature:
    """Return the keywords by name, for `help` and editors."""
    own, base = (inspect.signature(c.__init__) for c in (XGBoostCallback, CallbackBase))
    _, path, *keywords = base.parameters.values()
    return inspect.Signature([path, own.parameters["evals"], *keywords])


XGBoostCallback.__signature__ = _signature()  # type: ignore[attr-defined]
