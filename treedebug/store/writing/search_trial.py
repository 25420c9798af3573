"""SearchTrial: which trial of a search is training now, without importing Optuna, FLAML, Ray Tune or scikit-learn.

A search hands its trial to the user's function, not to callbacks. It stands in the frames that called: reading them is
best effort, and without them a run is named as any other.
"""

from __future__ import annotations

import inspect
import re
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from types import FrameType
from typing import Any

_PARALLELS_END = "_terminate_and_reset"
"""What joblib calls when scikit-learn leaves its `with parallel:`, before the refit."""
_UNSAFE = re.compile(r"[^A-Za-z0-9_.-]+")


@dataclass(frozen=True)
class SearchTrial:
    """One trial of a search."""

    tool: str
    """Such as "optuna"."""
    search: str
    """What tells this search from others of the tool, "" where nothing does: the study's name."""
    trial: str
    """Its number, or its id."""
    place: str
    """The folder of its run, below that of the search."""
    until: Any = field(default=None, compare=False)
    """An object that is freed when the search returns, where there is one."""
    until_method: str = ""
    """The method of it that the search calls as its last act, where there is one: frames live on in a traceback."""

    @property
    def facts(self) -> dict[str, str]:
        """What a run's header keeps of it."""
        return {"tool": self.tool, "name": self.search, "trial": self.trial}


def search_trial() -> SearchTrial | None:
    """Return the trial that this thread trains, the inner one of a search within a search; never raises."""
    try:
        found = list(_trials())
    except Exception:  # noqa: BLE001 - a search of another version: the run is named as any other
        return None
    if not found:
        return None
    inner, outer = found[0], found[-1]
    place = "/".join(t.place for t in reversed(found))
    return SearchTrial(outer.tool, outer.search, inner.trial, place, outer.until, outer.until_method)


def _trials() -> Iterator[SearchTrial]:
    """Yield the trials under way, the innermost first, one a tool."""
    if not any(tool in sys.modules for tool in ("optuna", "flaml", "sklearn", "ray")):
        return
    by_tool: dict[str, SearchTrial] = {}
    asks = "optuna" in sys.modules
    frame: FrameType | None = sys._getframe(1)  # noqa: SLF001 - there is no public way to the callers
    while frame is not None:
        look = _FRAMES.get((str(frame.f_globals.get("__name__")), frame.f_code.co_name))
        trial = look(frame, frame.f_locals) if look is not None else None
        if trial is None and asks and "optuna" not in by_tool and _may_hold_trial(frame):
            trial = _asked_for(frame.f_locals.values())
        if trial is not None:
            by_tool[trial.tool] = trial  # of a tool that calls itself, the outer one counts
        frame = frame.f_back
    ray = _of_ray()
    yield from by_tool.values()
    if ray is not None:
        yield ray


def _of_optuna(frame: FrameType, names: Mapping[str, Any]) -> SearchTrial:
    trial = names["trial"]
    bar = _above(frame, "optuna.study._optimize", "_optimize_sequential").get("progress_bar")
    return SearchTrial("optuna", str(trial.study.study_name), str(trial.number), _place(trial.number), bar, "close")


def _may_hold_trial(frame: FrameType) -> bool:
    """Return whether a variable is called a trial: to read the variables of a function keeps them all alive with it."""
    code = frame.f_code
    names = (*code.co_varnames, *code.co_cellvars, *code.co_freevars)
    return not code.co_flags & inspect.CO_OPTIMIZED or any("trial" in name.lower() for name in names)


def _asked_for(values: Iterable[Any]) -> SearchTrial | None:
    """Return the trial that `study.ask()` gave and `study.tell` has not been given back, if a frame holds one."""
    for trial in list(values):
        if type(trial).__name__ == "Trial" and type(trial).__module__.startswith("optuna.trial"):
            state = trial.storage.get_trial(trial._trial_id).state  # noqa: SLF001 - it has no public state
            if not state.is_finished():
                return SearchTrial("optuna", str(trial.study.study_name), str(trial.number), _place(trial.number))
    return None


def _of_flaml(_: FrameType, names: Mapping[str, Any]) -> SearchTrial | None:
    number = names.get("num_trials")
    if not names.get("trial_to_run") or not isinstance(number, int):
        return None
    runner = sys.modules["flaml.tune.tune"]._runner  # noqa: SLF001 - it lives as long as the search
    return SearchTrial("flaml", str(names.get("time_start", "")), str(number - 1), _place(number - 1), until=runner)


def _of_automl(_: FrameType, names: Mapping[str, Any]) -> SearchTrial:
    search = names["self"]
    number = int(search._track_iter)  # noqa: SLF001 - it has no public name
    return SearchTrial("flaml", str(search._start_time_flag), str(number), _place(number))  # noqa: SLF001 - the same


def _of_sklearn(frame: FrameType, names: Mapping[str, Any]) -> SearchTrial | None:
    candidate, split = names.get("candidate_progress"), names.get("split_progress")
    if not candidate or not split:
        return None  # of cross_validate, which is no search
    parallel = _above(frame, "sklearn.model_selection._search", "fit").get("parallel")
    name = f"{candidate[0]}.{split[0]}"
    return SearchTrial("sklearn", "", name, f"candidate-{candidate[0]:03d}/split-{split[0]}", parallel, _PARALLELS_END)


def _of_ray() -> SearchTrial | None:
    """Return the trial of this process: Ray Tune gives each a process of its own."""
    module = sys.modules.get("ray.train._internal.session")
    session = None if module is None else module.get_session()
    if session is None or not getattr(session, "trial_id", None):
        return None
    trial, folder = str(session.trial_id), _UNSAFE.sub("-", f"trial-{session.trial_id}")
    return SearchTrial("ray", str(getattr(session, "experiment_name", "")), trial, folder)


def _place(number: int) -> str:
    return f"trial-{number:03d}"


def _above(frame: FrameType | None, module: str, function: str) -> Mapping[str, Any]:
    while frame is not None:
        if frame.f_code.co_name == function and frame.f_globals.get("__name__") == module:
            return frame.f_locals
        frame = frame.f_back
    return {}


_FRAMES: Mapping[tuple[str, str], Callable[[FrameType, Mapping[str, Any]], SearchTrial | None]] = {
    ("optuna.study._optimize", "_run_trial"): _of_optuna,
    ("flaml.tune.tune", "run"): _of_flaml,
    ("flaml.automl.automl", "_search_sequential"): _of_automl,
    ("sklearn.model_selection._validation", "_fit_and_score"): _of_sklearn,
}
