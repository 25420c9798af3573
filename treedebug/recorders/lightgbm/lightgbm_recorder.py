"""LightGBM's callback: from its one hook to sessions, one for each booster it trains (in `cv`, one a fold)."""

from __future__ import annotations

import threading
import weakref
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from treedebug.core.errors import missing_extra
from treedebug.core.faults import say_unrecorded
from treedebug.core.plain_json import plain
from treedebug.core.protocols import StopRequest
from treedebug.core.run.run_data import FINISHED, STOPPED
from treedebug.recorders.caller_frames import caller_locals, has_returned
from treedebug.recorders.library_recorder import LibraryRecorder, of_this_thread
from treedebug.recorders.lightgbm.heard_callback import HeardCallback
from treedebug.recorders.lightgbm.lightgbm_fold import LightGBMFold
from treedebug.recorders.lightgbm.lightgbm_metrics import named_values
from treedebug.recorders.lightgbm.lightgbm_port import LightGBMPort
from treedebug.recorders.lightgbm.lightgbm_ranks import machines_of, rank_of, workers_of
from treedebug.recorders.lightgbm.lightgbm_stopping import stopping_fields
from treedebug.recorders.method_hook import MethodHook
from treedebug.recorders.session import Session
from treedebug.recorders.stop_request import agreed_stop
from treedebug.store.writing.rate_reader import rate_source

try:
    import lightgbm
    from lightgbm.callback import EarlyStopException
except ImportError as error:
    raise missing_extra("lightgbm", "lightgbm") from error

AFTER_THE_USERS_OWN = 25
"""LightGBM calls callbacks by `order`: ours comes after logging (10) and `record_evaluation` (20), which would miss
the round in which an action stops the training, and before `early_stopping` (30), which would hide it from us."""

_MODULE = "lightgbm.engine"
_DIES_WITH_THE_CALL = "callbacks_set"
"""A set that `train` and `cv` make for themselves: when it is freed, the call is over, however it ended."""


class LightGBMRecording:
    """What belongs to one training."""

    def __init__(self, model: Any, *, is_cv: bool, in_library: bool) -> None:
        self._model = weakref.ref(model)
        self.is_cv = is_cv
        self.in_library = in_library
        """Called by `lightgbm.train` or `lightgbm.cv`, not by somebody's own loop."""
        self.thread = threading.get_ident()
        self.folds: list[LightGBMFold] = []
        self.is_closed = False
        self.has_failed = False
        self.is_distributed = False
        """Trained on several machines, which would hang if one of them stopped alone."""

    @property
    def sessions(self) -> list[Session]:
        """One a fold."""
        return [fold.session for fold in self.folds]

    def is_of(self, model: Any) -> bool:
        """Return whether it is the training of this model."""
        return self._model() is model

    def is_over(self) -> bool:
        """Return whether `train` or `cv` has been left."""
        if not self.in_library:
            return False
        model = self._model()
        return model is None or has_returned(_MODULE, ("train", "cv"), self.thread, model)

    def is_done(self) -> bool:
        """Whether nothing of it is needed any more; of a failed one, the model is known not to be tried again."""
        return self.is_closed and not (self.has_failed and self._model() is not None)

    def finish(self, *_: Any, **__: Any) -> None:
        """End a training whose end was not announced: record what is missing, and close."""
        self._end_by(Session.finish_later)

    def end(self, state: str, stop: StopRequest | None = None) -> None:
        """The training ends with this round."""
        self.is_closed = True
        for fold in self.folds:
            if stop is None:
                fold.session.end(state)
            else:
                fold.session.end(state, best_round=stop.best_round, reason=stop.reason)
        self._release()

    def interrupt(self, error: BaseException) -> None:
        """Close at once what an exception (a pruned trial, Ctrl-C) is leaving: the library announces no such end."""
        if self.in_library:  # somebody's own loop may catch it and go on
            self._end_by(lambda session: session.interrupt(error))

    def _end_by(self, end: Callable[[Session], None]) -> None:
        if self.is_closed:
            return
        self.is_closed = True
        for fold in self.folds:
            try:
                fold.record_hidden()
            except Exception as error:  # noqa: BLE001 - the training outranks its record
                say_unrecorded(error)
            end(fold.session)
        self._release()

    def watch(self, frame: Mapping[str, Any]) -> None:
        """Stand before every callback of the training, to hear of what one raises."""
        for name in ("callbacks_before_iter", "callbacks_after_iter"):
            callbacks = frame.get(name)
            if self.in_library and isinstance(callbacks, list):
                callbacks[:] = [HeardCallback(callback, self.interrupt) for callback in callbacks]

    def fail(self) -> None:
        """Give up on this training; what is recorded of it stays."""
        self.has_failed = True
        self.finish()

    def _release(self) -> None:
        for fold in self.folds:
            fold.remove_hooks()
        self.folds = []


class LightGBMRecorder(LibraryRecorder):
    """Records every training it is handed to. The public callback says where to and with which rules."""

    before_iteration = False
    _recordings: dict[int, LightGBMRecording]

    def __init__(self) -> None:
        super().__init__()
        self.order = AFTER_THE_USERS_OWN
        self._recordings: dict[int, LightGBMRecording] = {}

    @property
    def may_stop(self) -> bool:
        """Whether an action was given that stops a training."""
        return False

    def __call__(self, env: Any) -> None:
        """Record the round; raises EarlyStopException only if an action asked to stop."""
        recording = self._recordings.get(id(env.model))
        if recording is None or not recording.is_of(env.model):
            recording = self._open(env)
        if recording.is_closed:
            return
        try:
            stop, best, results = self._record(recording, env)
        except Exception as error:  # noqa: BLE001 - the training outranks its record
            say_unrecorded(error)
            recording.fail()
            return
        if stop is not None:
            raise EarlyStopException(best, results)

    def _open(self, env: Any) -> LightGBMRecording:
        self._close_those_over()
        is_cv = hasattr(env.model, "boosters")
        frame = caller_locals(_MODULE, "cv" if is_cv else "train")
        recording = LightGBMRecording(env.model, is_cv=is_cv, in_library=_DIES_WITH_THE_CALL in frame)
        if rank_of(env.params):  # under Dask and Spark every worker calls back: the first one records
            recording.is_closed = True
            self._recordings[id(env.model)] = recording
            return recording
        recording.is_distributed = bool(machines_of(env.params))
        try:
            for index, booster in enumerate(env.model.boosters if is_cv else [env.model]):
                self._open_fold(recording, booster, env, frame, index if is_cv else None)
        except Exception as error:  # noqa: BLE001 - the training outranks its record
            say_unrecorded(error)
            recording.fail()
        self._recordings[id(env.model)] = recording
        recording.watch(frame)
        weakref.finalize(frame.get(_DIES_WITH_THE_CALL, self), recording.finish)
        return recording

    def _open_fold(
        self, recording: LightGBMRecording, booster: Any, env: Any, frame: Mapping[str, Any], index: int | None
    ) -> None:
        port = LightGBMPort(
            booster,
            planned=env.end_iteration,
            is_cv=recording.is_cv,
            custom_objective=frame.get("fobj") is not None,
            evaluates_training=bool(frame.get("is_valid_contain_train")),
            is_part=recording.is_distributed,
        )
        start, predictor = env.begin_iteration, frame.get("predictor")
        if index is not None and predictor is not None:
            start += int(predictor.current_iteration())
        stop = StopRequest()
        session = self.open_session(port, stop, index, start)
        fold = LightGBMFold(booster, port, session, stop, failed=recording.interrupt)
        fold.is_alone = index is None
        recording.folds.append(fold)
        if index is None:
            # `train` ends by reading the model back from text, cut to the best round: the last chance to see it whole.
            fold.hooks.append(MethodHook(booster, "model_from_string", before=recording.finish))
        else:
            # `cv` averages its folds' metrics. The first round was over before we could listen: evaluate it again.
            fold.heard["eval_valid"] = list(booster.eval_valid(frame.get("feval")))
            if frame.get("feval") is not None:
                session.note("metrics", _ASKED_TWICE)
        first = session.begin(
            {
                "library": "lightgbm",
                "versions": {"lightgbm": lightgbm.__version__},
                "params_given": {str(k): plain(v) for k, v in dict(env.params).items() if v is not None},
                "planned_rounds": env.end_iteration - env.begin_iteration + start,
                **stopping_fields(env.params, frame),
                "fold": index,
                **(workers_of(booster, env.params) if recording.is_distributed else {}),
            },
            start=start,
        )
        if recording.is_distributed and self.may_stop:
            session.warn("actions", _REFUSED)
        fold.first = port.offset = first - env.begin_iteration
        session.follow(rate_source(frame.get("callbacks_before_iter")))

    def _record(self, recording: LightGBMRecording, env: Any) -> tuple[StopRequest | None, int, list[Any]]:
        """Record the round. Returns the stop an action asked for, with the best iteration and its results."""
        found = list(env.evaluation_result_list or [])
        for fold in recording.folds:
            fold.record(env.iteration, fold.heard.get("eval_valid", []) if recording.is_cv else found)
        stop, best, results = agreed_stop([fold.stop for fold in recording.folds]), env.iteration, found
        if stop is not None and recording.is_distributed:
            if not self.may_stop:
                recording.folds[0].session.warn("actions", _CANNOT_STOP)
            stop = None
        if stop is not None:
            fold = recording.folds[0]
            if stop.best_round is not None:
                best = stop.best_round - fold.first
            if not recording.is_cv:
                results = _results_at(fold, found, best + fold.first)
            recording.end(STOPPED, stop)
        elif not recording.in_library and env.iteration + 1 >= env.end_iteration:
            recording.end(FINISHED)
        return stop, best, results

    def _finish_silent(self) -> None:
        """Close trainings that are over, though LightGBM did not say so."""
        for key, recording in list(self._recordings.items()):
            if recording.is_over():
                recording.finish()
            if recording.is_done():
                self._recordings.pop(key, None)

    def _close_those_over(self) -> None:
        """Close also those of this thread of which nothing can be told: a new training begins."""
        for recording in of_this_thread(self._recordings):
            if not recording.in_library:
                recording.finish()
        self._finish_silent()


_ASKED_TWICE = (
    "lgb.cv keeps no fold's own metrics of its first round: the custom metric was called once more for them, which one "
    "with a memory may notice"
)
_REFUSED = (
    "StopTraining is refused: on several machines LightGBM has no way to stop them all in one round, so nothing will "
    "stop this training before its end; use early_stopping_round"
)
_CANNOT_STOP = (
    "an action asked to stop, but on several machines LightGBM has no way to stop them all in one round: the training "
    "goes on; use early_stopping_round"
)


def _results_at(fold: LightGBMFold, found: Sequence[Any], round_index: int) -> list[Any]:
    """The evaluation results of one round, in the form LightGBM wants back."""
    evals = fold.session.run.evals
    results = []
    for key, result in zip(named_values(found, fold.port.evaluated())[0], found, strict=True):
        series = evals.series(*key)
        at = series.values[series.rounds == round_index]
        results.append((result[0], result[1], float(at[0]) if len(at) else result[2], result[3]))
    return results
