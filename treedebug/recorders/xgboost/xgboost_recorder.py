"""XGBoost's callback: from its hooks to sessions, one for each booster it trains (in `cv`, one a fold)."""

from __future__ import annotations

import contextlib
import threading
import weakref
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from treedebug.core.errors import ConfigError, TreedebugError, missing_extra
from treedebug.core.faults import say_unrecorded
from treedebug.core.protocols import StopRequest
from treedebug.core.run.run_data import FINISHED, STOPPED
from treedebug.recorders.caller_frames import caller_locals, has_returned
from treedebug.recorders.method_hook import Tap
from treedebug.recorders.session import Session
from treedebug.recorders.stop_request import agreed_stop, stopping_facts
from treedebug.recorders.xgboost.xgboost_metrics import as_float, best_of_means, score_at
from treedebug.recorders.xgboost.xgboost_port import XGBoostPort, given_params

try:
    import xgboost
    from xgboost import collective
    from xgboost.callback import EarlyStopping, TrainingCallback
except ImportError as error:
    raise missing_extra("xgboost", "xgboost") from error

_MODULE = "xgboost.training"


class _Recording:
    """What belongs to one training: its boosters' sessions, and what they need between two hooks."""

    def __init__(self, model: Any, *, is_cv: bool, in_library: bool) -> None:
        self.model = model
        self.is_cv = is_cv
        self.in_library = in_library
        """Called by `xgboost.train` or `xgboost.cv`, not by somebody's own loop."""
        self.thread = threading.get_ident()
        self.sessions: list[Session] = []
        self.stops: list[StopRequest] = []
        self.rates: list[float] = []
        self.rates_now: list[float] = []
        self.scores: list[dict[tuple[str, str], float]] = []
        self.evals_log: Mapping[str, Mapping[str, Sequence[Any]]] = {}
        self.n_logged: dict[tuple[str, str], int] = {}
        self.taps: list[Tap] = []
        self.start = 0
        self.stopped = False
        self.release: Callable[[], Any] | None = None
        """Detaches the finalizer, which would keep everything here alive as long as the callback."""

    def close(self) -> None:
        for tap in self.taps:
            tap.remove()
        self.taps = []
        self.model = None
        if self.release is not None:
            self.release()

    def is_over(self) -> bool:
        """Whether `train` or `cv` has been left, by an exception or Ctrl-C, without calling `after_training`."""
        return self.in_library and has_returned(_MODULE, ("train", "cv"), self.thread, self.model)


class XGBoostRecorder(TrainingCallback):
    """Records every training it is handed to. The public callback says where to and with which rules."""

    def __init__(self, evals: Sequence[tuple[Any, str]] | None) -> None:
        super().__init__()
        self._evals = None if evals is None else _checked(evals)
        self._recordings: dict[int, _Recording] = {}

    def open_session(self, port: XGBoostPort, stop: StopRequest, fold: int | None) -> Session:  # noqa: ARG002 - what subclasses get
        """Make the session of a booster; `fold` in `cv`, else None. The public callback implements it."""
        raise TypeError(f"{type(self).__name__} does not say where to record to")

    # -- hooks -----------------------------------------------------------------------------------------------------

    def before_training(self, model: Any) -> Any:
        """Open a session; raises if the path already holds a run, before anything has begun."""
        self._abandon_stale()
        if collective.get_rank() != 0:  # under Dask and Spark every worker calls back: one of them records
            return model
        is_cv = hasattr(model, "cvfolds")
        frame = caller_locals(_MODULE, "cv" if is_cv else "train")
        recording = _Recording(model, is_cv=is_cv, in_library=bool(frame))
        boosters = [fold.bst for fold in model.cvfolds] if is_cv else [model]
        try:
            for fold, booster in enumerate(boosters):
                pack = model.cvfolds[fold] if is_cv else None
                self._open(recording, booster, frame, pack, fold if is_cv else None)
        except TreedebugError:
            _finish(recording)
            raise
        except Exception as error:  # noqa: BLE001 - the training outranks its record
            say_unrecorded(error)
            _finish(recording)
            return model
        recording.release = weakref.finalize(self, _finish, recording).detach
        self._recordings[id(model)] = recording
        return model

    def _open(
        self,
        recording: _Recording,
        booster: Any,
        frame: Mapping[str, Any],
        pack: Any,
        fold: int | None,
    ) -> None:
        training = pack.dtrain if pack is not None else frame.get("dtrain")
        evals = pack.watchlist if pack is not None else (self._evals or frame.get("evals") or [])
        given = given_params(frame.get("params"))
        port = XGBoostPort(
            booster,
            evals=evals,
            training=training,
            custom_objective=callable(frame.get("obj")),
            rewrites=given.get("process_type") == "update",
        )
        stop = StopRequest()
        session = self.open_session(port, stop, fold)
        index = len(recording.sessions)
        recording.sessions.append(session)
        recording.stops.append(stop)
        rate = as_float(given.get("learning_rate", given.get("eta", "nan")))
        recording.rates.append(rate)
        recording.rates_now.append(rate)
        recording.scores.append({})
        recording.taps += [
            Tap(booster, "set_param", before=lambda *a, **k: _note_rate(recording, index, *a, **k)),
            # Schedulers set the rate of the next round, before or after us: only here is it the rate of this one.
            Tap(
                booster,
                "update",
                before=lambda *_, **__: _settle_rate(recording, index),
                after=(lambda *_, **__: session.updated()) if pack is None else None,
            ),
        ]
        if pack is not None:
            recording.taps.append(Tap(pack, "eval", after=lambda score, *_, **__: _note_score(recording, index, score)))
        # Asked of a new booster, the question seeds XGBoost's random numbers, which all folds of `cv` share: too early.
        is_new = pack is not None or (bool(frame) and frame.get("xgb_model") is None)
        start = recording.start = 0 if is_new else int(booster.num_boosted_rounds())
        planned = frame.get("num_boost_round")
        session.begin(
            {
                "library": "xgboost",
                "versions": {"xgboost": xgboost.__version__},
                "params_given": given,
                "planned_rounds": start + planned if isinstance(planned, int) else None,
                "early_stopping_rounds": _patience(frame),
                "stopping": stopping_facts(frame, EarlyStopping),
                "fold": fold,
            },
            start=start,
        )

    def after_iteration(self, model: Any, epoch: int, evals_log: Any) -> bool:  # noqa: ARG002 - the library's signature
        """Record the round; True ends the training, only if an action asked for it."""
        recording = self._recordings.get(id(model))
        if recording is None:
            return False
        try:
            recording.evals_log = evals_log
            self._record(recording)
            return self._stop(recording, model)
        except Exception as error:  # noqa: BLE001 - the training outranks its record
            self._give_up(recording, error)
            return False

    def after_training(self, model: Any) -> Any:
        """Record what a callback before this one hid, and close."""
        recording = self._recordings.get(id(model)) or self._newest_of_this_thread()
        if recording is not None:
            try:
                self._reconcile(recording)
                self._close(recording, model)
            except Exception as error:  # noqa: BLE001 - the training outranks its record
                self._give_up(recording, error)
            self._forget(recording)
        return model

    # -- inside ----------------------------------------------------------------------------------------------------

    def _newest_of_this_thread(self) -> _Recording | None:
        """A callback before us may hand on another model than the one trained: early stopping with `save_best`."""
        mine = [r for r in self._recordings.values() if r.thread == threading.get_ident()]
        return mine[-1] if mine else None

    def _forget(self, recording: _Recording) -> None:
        self._recordings = {k: r for k, r in self._recordings.items() if r is not recording}

    def _give_up(self, recording: _Recording, error: Exception) -> None:
        """Say it once, and close what there is."""
        say_unrecorded(error)
        _finish(recording)
        self._forget(recording)

    def _record(self, recording: _Recording) -> None:
        for index, session in enumerate(recording.sessions):
            port = session.port
            if recording.is_cv:
                values = recording.scores[index]
                recording.scores[index] = {}
            else:
                values = _newest(recording)
            rate = recording.rates_now[index]
            if rate != rate:  # noqa: PLR0124 - NaN: not given, so the default of the library holds
                session.describe()
                rate = as_float(session.run.header.params.get("learning_rate", "nan"))
            session.record_round(port.iterations() - 1, values, learning_rate=rate)

    def _reconcile(self, recording: _Recording) -> None:
        """A callback that returned True before us ended the training with a round we have not seen."""
        for session in recording.sessions:
            booster = session.port.booster  # type: ignore[attr-defined]
            if booster is not None and booster.num_boosted_rounds() > session.run.n_rounds:
                self._record(recording)
                return

    def _stop(self, recording: _Recording, model: Any) -> bool:
        reason = agreed_stop(recording.stops)
        if reason is None:
            return False
        best = reason.best_round
        log = recording.evals_log
        if recording.is_cv and log:
            best = best_of_means(log, best)
        if best is not None:
            # What early stopping sets, so that predictions and cv's results are cut at the same round.
            score = score_at(log, best - recording.start)
            model.set_attr(best_iteration=str(best), best_score=str(score))
        recording.stopped = True
        return best is not None or not recording.is_cv

    def _close(self, recording: _Recording, model: Any) -> None:
        for session, stop in zip(recording.sessions, recording.stops, strict=True):
            state = STOPPED if recording.stopped else FINISHED
            session.end(state, best_round=_best_iteration(model), reason=stop.reason)
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
        for recording in list(self._recordings.values()):
            if recording.thread == threading.get_ident() and not recording.in_library:
                _finish(recording)
                self._forget(recording)

    def flush(self) -> None:
        """Write out what the running trainings of this thread have recorded so far.

        Those of other threads flush themselves: a booster must not be touched while it is being updated.
        """
        for recording in list(self._recordings.values()):
            if recording.thread == threading.get_ident():
                for session in recording.sessions:
                    session.flush()


def _checked(evals: Any) -> list[tuple[Any, str]]:
    try:
        pairs = [(matrix, name) for matrix, name in evals]
    except (TypeError, ValueError):
        pairs = [(None, "")]
    if not all(isinstance(matrix, xgboost.DMatrix) and isinstance(name, str) for matrix, name in pairs):
        raise ConfigError(
            "evals takes pairs of a DMatrix and its name, such as [(dtrain, 'train'), (dvalid, 'valid')]; "
            f"got {evals!r:.200}"
        )
    return pairs


def _patience(frame: Mapping[str, Any]) -> int | None:
    """Rounds of early stopping, from the argument (which XGBoost turns into a callback) or the user's own callback."""
    found = [c.rounds for c in frame.get("callbacks") or [] if isinstance(c, EarlyStopping)]
    given = frame.get("early_stopping_rounds")
    return int(min([*found, *([given] if given else [])])) if found or given else None


def _finish(recording: _Recording) -> None:
    for session in recording.sessions:
        with contextlib.suppress(Exception):  # it speaks of its errors itself
            session.finish_later()
    recording.close()


def _newest(recording: _Recording) -> dict[tuple[str, str], float]:
    """The last value of every metric that has one more than before."""
    values = {}
    for dataset, metrics in recording.evals_log.items():
        for metric, history in metrics.items():
            seen = recording.n_logged.get((dataset, metric), 0)
            if len(history) > seen:
                recording.n_logged[dataset, metric] = len(history)
                values[dataset, metric] = float(history[-1])
    return values


def _note_rate(recording: _Recording, index: int, params: Any, value: Any = None) -> None:
    pairs = params.items() if isinstance(params, Mapping) else [(params, value)]
    if not isinstance(params, Mapping | str):
        pairs = params
    for key, new in pairs:
        if key in ("learning_rate", "eta"):
            recording.rates[index] = as_float(new)


def _settle_rate(recording: _Recording, index: int) -> None:
    recording.rates_now[index] = recording.rates[index]


def _note_score(recording: _Recording, index: int, score: str) -> None:
    """A fold's "[3] train-logloss:0.5 test-logloss:0.6" (with tabs), as `xgb.cv` reads it itself."""
    for part in score.split()[1:]:
        name, _, value = part.rpartition(":")
        dataset, _, metric = name.partition("-")
        recording.scores[index][dataset, metric] = float(value)


def _best_iteration(model: Any) -> int | None:
    found = model.attr("best_iteration") if hasattr(model, "attr") else None
    return int(found) if found is not None else None
