"""LightGBM's callback: from its one hook to sessions, one for each booster it trains (in `cv`, one a fold)."""

from __future__ import annotations

import threading
import weakref
from collections.abc import Mapping, Sequence
from typing import Any

from treedebug.core.errors import missing_extra
from treedebug.core.params import canonical_name, jsonable
from treedebug.core.run import FINISHED, STOPPED
from treedebug.recorders.lightgbm_port import LightGBMPort, learning_rate_of
from treedebug.recorders.peek import caller_locals
from treedebug.recorders.session import Session, say_unrecorded
from treedebug.recorders.stops import StopRequest, agreed_stop
from treedebug.recorders.tap import Tap

try:
    import lightgbm
    from lightgbm.callback import EarlyStopException
except ImportError as error:
    raise missing_extra("lightgbm", "lightgbm") from error

AFTER_THE_USERS_OWN = 25
"""LightGBM calls callbacks by `order`: ours comes after logging (10) and `record_evaluation` (20), which would miss the
round in which an action stops the training, and before `early_stopping` (30), which raises and would hide it from us."""


class _Recording:
    """What belongs to one training."""

    def __init__(self, model: Any, *, is_cv: bool) -> None:
        self.model = model
        self.is_cv = is_cv
        self.thread = threading.get_ident()
        self.sessions: list[Session] = []
        self.stops: list[StopRequest] = []
        self.scores: list[list[Any]] = []
        self.taps: list[Tap] = []

    def close(self) -> None:
        for tap in self.taps:
            tap.remove()
        self.taps = []
        self.model = None


class LightGBMRecorder:
    """Records every training it is handed to. The public callback says where to and with which rules."""

    before_iteration = False

    def __init__(self) -> None:
        self.order = AFTER_THE_USERS_OWN
        self._recordings: dict[int, _Recording] = {}
        self._failed: set[int] = set()

    def open_session(self, port: LightGBMPort, stop: StopRequest, fold: int | None) -> Session:
        """Make the session of a booster; `fold` in `cv`, else None. The public callback implements it."""
        raise TypeError(f"{type(self).__name__} does not say where to record to")

    def __call__(self, env: Any) -> None:
        """Record the round; raises EarlyStopException only if an action asked to stop."""
        if id(env.model) in self._failed:
            return
        try:
            recording = self._recording(env)
            self._record(recording, env)
            stop = agreed_stop(recording.stops)
            if stop is not None or env.iteration + 1 >= env.end_iteration:
                self._close(recording, stop)
        except Exception as error:  # noqa: BLE001 - the training outranks its record
            self._failed.add(id(env.model))
            say_unrecorded(error)
            return
        if stop is not None:
            best = env.iteration if stop.best_round is None else stop.best_round
            raise EarlyStopException(best, _results_at(recording, env, best))

    def _recording(self, env: Any) -> _Recording:
        known = self._recordings.get(id(env.model))
        if known is not None:
            return known
        self._abandon_stale()
        is_cv = hasattr(env.model, "boosters")
        recording = _Recording(env.model, is_cv=is_cv)
        self._recordings[id(env.model)] = recording
        weakref.finalize(self, _finish, recording)
        frame = caller_locals("lightgbm.engine", "cv" if is_cv else "train")
        for fold, booster in enumerate(env.model.boosters if is_cv else [env.model]):
            self._open(recording, booster, env, frame, fold if is_cv else None)
        return recording

    def _open(self, recording: _Recording, booster: Any, env: Any, frame: Mapping[str, Any], fold: int | None) -> None:
        port = LightGBMPort(
            booster,
            planned=env.end_iteration,
            custom_objective=frame.get("fobj") is not None,
        )
        stop = StopRequest()
        session = self.open_session(port, stop, fold)
        index = len(recording.sessions)
        recording.sessions.append(session)
        recording.stops.append(stop)
        if fold is None:
            recording.scores.append([])
            # `lgb.train` ends by reading the model back from text, cut to the best round: the last chance to see it whole.
            recording.taps.append(Tap(booster, "model_from_string", before=lambda *_, **__: _finish(recording)))
        else:
            # `cv` averages its folds' metrics. The first round was over before we could listen: evaluate it again.
            recording.scores.append(list(booster.eval_valid(frame.get("feval"))))
            recording.taps.append(
                Tap(booster, "eval_valid", after=lambda found, *_, **__: recording.scores[index].extend(found))
            )
        session.begin(
            {
                "library": "lightgbm",
                "versions": {"lightgbm": lightgbm.__version__},
                "params_given": {str(k): jsonable(v) for k, v in dict(env.params).items()},
                "planned_rounds": env.end_iteration,
                "early_stopping_rounds": _patience(env.params, frame),
                "fold": fold,
            },
            start=env.begin_iteration,
        )

    def _record(self, recording: _Recording, env: Any) -> None:
        rate = learning_rate_of(env.params)
        for index, session in enumerate(recording.sessions):
            results = env.evaluation_result_list or []
            if recording.is_cv:
                results, recording.scores[index] = recording.scores[index], []
            values: dict[tuple[str, str], float] = {}
            for dataset, metric, value, higher, *_ in results:
                values[dataset, metric] = float(value)
                session.run.evals.directions.setdefault(metric, bool(higher))
            session.port.note_round(env.iteration)  # type: ignore[attr-defined]
            session.record_round(env.iteration, values, learning_rate=rate)

    def _close(self, recording: _Recording, stop: StopRequest | None) -> None:
        for session in recording.sessions:
            if stop is not None:
                session.end(STOPPED, best_round=stop.best_round, reason=stop.reason)
            else:
                state, best = session.port.ended_how()
                session.end(state, best_round=best)
        recording.close()
        self._recordings = {k: r for k, r in self._recordings.items() if r is not recording}

    def _abandon_stale(self) -> None:
        """An earlier training of this thread whose end nobody told is over now."""
        for key, recording in list(self._recordings.items()):
            if recording.thread == threading.get_ident():
                _finish(recording)
                del self._recordings[key]

    def flush(self) -> None:
        """Write out what running trainings have recorded so far."""
        for recording in list(self._recordings.values()):
            for session in recording.sessions:
                session.flush()


def _finish(recording: _Recording) -> None:
    for session in recording.sessions:
        session.finish_later()
    recording.close()


def _results_at(recording: _Recording, env: Any, best: int) -> list[Any]:
    """The evaluation results of the best round, in the form LightGBM wants back."""
    if recording.is_cv:
        return list(env.evaluation_result_list or [])
    evals = recording.sessions[0].run.evals
    results = []
    for found in env.evaluation_result_list or []:
        series = evals.series(found[0], found[1])
        at = series.values[series.rounds == best]
        results.append((found[0], found[1], float(at[0]) if len(at) else found[2], found[3]))
    return results


def _patience(params: Mapping[str, Any], frame: Mapping[str, Any]) -> int | None:
    """Rounds of early stopping, from the parameters or from the user's own callback."""
    found = [int(c.stopping_rounds) for c in frame.get("callbacks_after_iter") or [] if hasattr(c, "stopping_rounds")]
    for name, value in params.items():
        if canonical_name(str(name), "lightgbm") == "early_stopping_round" and value:
            found.append(int(value))
    return min(found) if found else None
