"""XGBoost's callback: from its hooks to sessions, one for each booster it trains (in `cv`, one a fold)."""

from __future__ import annotations

import contextlib
import threading
import weakref
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from treedebug.core.errors import missing_extra
from treedebug.core.faults import say_unrecorded
from treedebug.core.protocols import StopRequest
from treedebug.core.run.round_schedule import is_check_round
from treedebug.core.run.run_data import FINISHED, STOPPED
from treedebug.recorders.caller_frames import caller_locals, has_returned
from treedebug.recorders.library_recorder import LibraryRecorder, of_this_thread
from treedebug.recorders.method_hook import MethodHook
from treedebug.recorders.session import Session
from treedebug.recorders.stop_request import agreed_stop, stopping_facts
from treedebug.recorders.xgboost.given_evals import checked_evals
from treedebug.recorders.xgboost.xgboost_fold import XGBoostFold
from treedebug.recorders.xgboost.xgboost_frame import patience_of, rewritten
from treedebug.recorders.xgboost.xgboost_metrics import EvalHistory, as_float
from treedebug.recorders.xgboost.xgboost_port import XGBoostPort, given_params
from treedebug.recorders.xgboost.xgboost_workers import Workers, gathered
from treedebug.store.writing.rate_reader import rate_source

try:
    import xgboost
    from xgboost import collective
    from xgboost.callback import EarlyStopping, TrainingCallback
except ImportError as error:
    raise missing_extra("xgboost", "xgboost") from error

_MODULE = "xgboost.training"


class XGBoostRecording:
    """What belongs to one training: its folds, one of a training that is no `cv`, and the log of evaluations."""

    def __init__(self, model: Any, *, is_cv: bool, in_library: bool) -> None:
        self.model = model
        self.is_cv = is_cv
        self.in_library = in_library
        """Called by `xgboost.train` or `xgboost.cv`, not by somebody's own loop."""
        self.thread = threading.get_ident()
        self.folds: list[XGBoostFold] = []
        self.history = EvalHistory()
        self.start = 0
        """Rounds the booster had before."""
        self.stopped = False
        self.workers: Workers | None = None
        """What the workers that train together have."""
        self.hooks: list[MethodHook] = []
        """On what calls all callbacks."""
        self.release: Callable[[], Any] | None = None
        """Detaches the finalizer, which would keep everything here alive as long as the callback."""

    @property
    def sessions(self) -> list[Session]:
        """One a fold."""
        return [fold.session for fold in self.folds]

    def record(self) -> None:
        """Record the round that is done."""
        for fold in self.folds:
            fold.record(None if self.is_cv else self.history)

    def interrupt(self, error: BaseException) -> None:
        """Close at once what an exception (a pruned trial, Ctrl-C) is leaving: the library announces no such end."""
        if not self.in_library:
            return  # somebody's own loop may catch it and go on
        for session in self.sessions:
            session.interrupt(error)
        self.close()

    def close(self) -> None:
        """Leave no trace on the boosters."""
        for fold in self.folds:
            fold.remove_hooks()
        for hook in self.hooks:
            hook.remove()
        self.model = None
        if self.release is not None:
            self.release()

    def is_over(self) -> bool:
        """Return whether `train` or `cv` has been left, by an exception or Ctrl-C, without calling `after_training`."""
        return self.in_library and has_returned(_MODULE, ("train", "cv"), self.thread, self.model)


class XGBoostRecorder(TrainingCallback, LibraryRecorder):
    """Records every training it is handed to. The public callback says where to and with which rules."""

    _recordings: dict[int, XGBoostRecording]

    def __init__(self) -> None:
        super().__init__()
        self._evals: list[tuple[Any, str]] | None = None
        self._recordings = {}

    @property
    def may_stop(self) -> bool:
        """Whether there are actions, which may ask to stop; the same on every worker."""
        return False

    def use_evals(self, evals: Sequence[tuple[Any, str]] | None) -> None:
        """Take the eval sets whose class balance is recorded; None: those handed to `train`."""
        self._evals = None if evals is None else checked_evals(evals)

    def records_here(self) -> bool:
        """Return whether this is rank 0: under Dask and Spark every worker calls back, and one of them records."""
        return bool(collective.get_rank() == 0)

    # -- hooks -----------------------------------------------------------------------------------------------------

    def before_training(self, model: Any) -> Any:
        """Open a session for each booster. Never raises."""
        try:
            self._abandon_stale()
            workers = gathered(model, _MODULE)  # on every worker, for each waits for the others
            if self.records_here():
                self._begin(model, workers)
        except Exception as error:  # noqa: BLE001 - the training outranks its record
            say_unrecorded(error)
        return model

    def _begin(self, model: Any, workers: Workers | None) -> None:
        is_cv = hasattr(model, "cvfolds")
        frame = caller_locals(_MODULE, "cv" if is_cv else "train")
        recording = XGBoostRecording(model, is_cv=is_cv, in_library=bool(frame))
        recording.workers = workers
        try:
            if is_cv:
                for index, pack in enumerate(model.cvfolds):
                    self._open(recording, pack.bst, frame, pack, index)
            else:
                self._open(recording, model, frame, None, None)
        except BaseException:
            _finish(recording)
            raise
        container = frame.get("callbacks_container" if is_cv else "cb_container")
        if container is not None:
            names = ("before_iteration", "after_iteration")
            recording.hooks = [MethodHook(container, name, failed=recording.interrupt) for name in names]
        recording.release = weakref.finalize(self, _finish, recording).detach
        self._recordings[id(model)] = recording

    def _open(
        self, recording: XGBoostRecording, booster: Any, frame: Mapping[str, Any], pack: Any, index: int | None
    ) -> None:
        workers = recording.workers
        given = given_params(frame.get("params"))
        recording.history.n_datasets = Counter(name for _, name in frame.get("evals") or [])
        port = XGBoostPort(
            booster,
            evals=pack.watchlist if pack is not None else (self._evals or frame.get("evals") or []),
            training=pack.dtrain if pack is not None else frame.get("dtrain"),
            custom_objective=callable(frame.get("obj")),
            rewrites=given.get("process_type") == "update",
            of_all=None if workers is None else workers.data,
        )
        # Asked of a new booster, the question seeds XGBoost's random numbers, which all folds of `cv` share: too early.
        is_new = pack is not None or (bool(frame) and frame.get("xgb_model") is None)
        start = recording.start = 0 if is_new else int(booster.num_boosted_rounds())
        stop = StopRequest()
        session = self.open_session(port, stop, index, start)
        rate = as_float(given.get("learning_rate", given.get("eta", "nan")))
        recording.folds.append(XGBoostFold(port, session, stop, rate=rate, pack=pack, failed=recording.interrupt))
        planned = frame.get("num_boost_round")
        session.begin(
            {
                "library": "xgboost",
                "versions": {"xgboost": xgboost.__version__},
                "params_given": given,
                "planned_rounds": start + planned if isinstance(planned, int) else None,
                "early_stopping_rounds": patience_of(frame),
                "stopping": stopping_facts(frame, EarlyStopping, in_wrapper=pack is not None or _is_wrapped()),
                **rewritten(given, frame.get("xgb_model")),
                "fold": index,
                **({} if workers is None else workers.header),
            },
            start=start,
        )
        session.follow(rate_source(frame.get("callbacks")))

    def after_iteration(self, model: Any, epoch: int, evals_log: Any) -> bool:  # noqa: ARG002 - the library's signature
        """Record the round; True ends the training, only if an action asked for it."""
        recording = self._recordings.get(id(model))
        if recording is not None:
            try:
                recording.history.log = evals_log
                recording.record()
            except Exception as error:  # noqa: BLE001 - the training outranks its record
                self._give_up(recording, error)
                recording = None
        try:
            return self._stop(recording, model)
        except Exception as error:  # noqa: BLE001 - the same
            say_unrecorded(error)
            return False

    def after_training(self, model: Any) -> Any:
        """Record what a callback before this one hid, and close."""
        recording = self._recordings.get(id(model)) or self._newest_of_this_thread()
        if recording is not None:
            try:
                if any(fold.misses_a_round() for fold in recording.folds):
                    recording.record()  # a callback that returned True before us ended the training with it
                self._close(recording, model)
            except Exception as error:  # noqa: BLE001 - the training outranks its record
                self._give_up(recording, error)
            self._forget(recording)
        return model

    # -- inside ----------------------------------------------------------------------------------------------------

    def _newest_of_this_thread(self) -> XGBoostRecording | None:
        """A callback before us may hand on another model than the one trained: early stopping with `save_best`."""
        mine = of_this_thread(self._recordings)
        return mine[-1] if mine else None

    def _forget(self, recording: XGBoostRecording) -> None:
        self._recordings = {k: r for k, r in self._recordings.items() if r is not recording}

    def _give_up(self, recording: XGBoostRecording, error: Exception) -> None:
        """Say it once, and close what there is."""
        say_unrecorded(error)
        _finish(recording)
        self._forget(recording)

    def _stop(self, recording: XGBoostRecording | None, model: Any) -> bool:
        """Return whether an action wants the training to end; of several workers the first one decides for all."""
        found = None if recording is None else _stop_asked(recording)
        if self.may_stop and collective.get_world_size() > 1:
            if not is_check_round(int(model.num_boosted_rounds())):
                return False
            (found,) = collective.broadcast((found,), 0)  # it takes no None
        if found is None:
            return False
        best, score = found
        if best is not None:
            # What early stopping sets, so that predictions and cv's results are cut at the same round.
            model.set_attr(best_iteration=str(best), best_score=str(score))
        is_cv = recording is not None and recording.is_cv
        return best is not None or not is_cv

    def _close(self, recording: XGBoostRecording, model: Any) -> None:
        state = STOPPED if recording.stopped else FINISHED
        for fold in recording.folds:
            fold.session.end(state, best_round=_best_iteration(model), reason=fold.stop.reason)
        recording.close()

    def _finish_silent(self) -> None:
        """Close trainings that an exception or Ctrl-C has ended, as interrupted."""
        for recording in list(self._recordings.values()):
            if recording.is_over():
                _finish(recording)
                self._forget(recording)

    def _abandon_stale(self) -> None:
        """A training of this thread that never came to its end (an exception, Ctrl-C) is closed as interrupted."""
        self._finish_silent()
        for recording in of_this_thread(self._recordings):
            if not recording.in_library:
                _finish(recording)
                self._forget(recording)


def _stop_asked(recording: XGBoostRecording) -> tuple[int | None, float] | None:
    """Return the best round and its score if an action asked to stop, else None."""
    reason = agreed_stop([fold.stop for fold in recording.folds])
    if reason is None:
        return None
    best, history = reason.best_round, recording.history
    if recording.is_cv and history.log:
        best = history.best_of_means(best)
    recording.stopped = True
    return best, float("nan") if best is None else history.score_at(best - recording.start)


def _finish(recording: XGBoostRecording) -> None:
    for session in recording.sessions:
        with contextlib.suppress(Exception):  # it speaks of its errors itself
            session.finish_later()
    recording.close()


def _is_wrapped() -> bool:
    """Return whether a scikit-learn wrapper trains: what it predicts ends at the best round."""
    return bool(caller_locals("xgboost.sklearn", "fit"))


def _best_iteration(model: Any) -> int | None:
    found = model.attr("best_iteration") if hasattr(model, "attr") else None
    return int(found) if found is not None else None
