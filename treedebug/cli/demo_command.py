"""`treedebug demo`: a training goes wrong on real data, treedebug says why, and the next one takes its advice."""

from __future__ import annotations

import argparse
import contextlib
import importlib
import importlib.util
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from rich.text import Text

import treedebug
from treedebug.api.compare import compare
from treedebug.cli import OK
from treedebug.core.errors import MissingExtraError, RunExistsError, missing_extra
from treedebug.core.findings import Change, Finding
from treedebug.core.report import ComparisonReport
from treedebug.reports.check_text import print_check
from treedebug.reports.compare_text import print_comparison
from treedebug.reports.console import indented, make_console
from treedebug.reports.phrasing import change_text, one_line

N_ROUNDS = 500
PLANTED: Mapping[str, Any] = {"learning_rate": 0.3, "max_depth": 8}
"""Trees far too deep and steps far too large for 287 patients."""
SHARED: Mapping[str, Any] = {"random_state": 0}
_LIBRARIES = ("xgboost", "lightgbm")
_TOLD = ("parameters", "training", "metrics", "size", "findings")
_SEED = 0
_VALID_SHARE = 0.35

Data = tuple[tuple[Any, Any], tuple[Any, Any]]
"""(features, target) of the training and of the validation rows."""


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.add_argument("--library", choices=_LIBRARIES, help="default: the first that is installed")
    parser.add_argument("--keep", metavar="FOLDER", type=Path, help="keep the recorded runs there")


def run(args: argparse.Namespace) -> int:
    """Train, listen, change what the findings say, train again, compare."""
    library = _library(args.library)
    data = _data()
    with _folder(args.keep) as folder:
        _play(folder, library, data)
        if args.keep is not None:
            _say(f"The runs are kept. Look again with: treedebug check {folder / 'first'}")
    return OK


def _play(folder: Path, library: str, data: Data) -> None:
    train = _TRAINERS[library]
    n_train, n_valid = len(data[0][1]), len(data[1][1])
    _say(
        f"1. {library} learns from {n_train} patients how diabetes progresses, and is watched on {n_valid} others: "
        f"{N_ROUNDS} rounds with {_spelled(PLANTED)}. All it takes is callbacks=[treedebug."
        f"{_CALLBACKS[library]}(folder)]. The warnings come while it trains."
    )
    train(folder / "first", {**SHARED, **PLANTED}, N_ROUNDS, data)
    _say("2. The same findings, read back from the recorded run: `treedebug check first` prints this.")
    print_check(report := treedebug.check(folder / "first"), make_console())
    tried = [c for c in report.plan if _can_set(c)]
    if not tried:
        _say("No finding names a parameter to change, so there is nothing to train again.")
        return
    params = {**SHARED, **PLANTED, **{c.parameter: c.value for c in tried}}
    _say(f"3. Now the same training with what the findings propose: {', '.join(map(change_text, tried))}.")
    train(folder / "second", params, N_ROUNDS, data)
    _say("4. Side by side: `treedebug compare first second`.")
    print_comparison(_short(compare(folder / "first", folder / "second")), make_console())
    _say("Do it to your own training: `treedebug rules` lists what is looked for, `treedebug explain CODE` says why.")


def _short(report: ComparisonReport) -> ComparisonReport:
    """Return the sections that tell the story; the command shows all."""
    return ComparisonReport(labels=report.labels, sections={k: v for k, v in report.sections.items() if k in _TOLD})


def _can_set(change: Change) -> bool:
    return isinstance(change.value, int | float | str)


def _train_xgboost(path: Path, params: Mapping[str, Any], n_rounds: int, data: Data) -> list[Finding]:
    xgb = importlib.import_module("xgboost")
    train, valid = (xgb.DMatrix(features, target) for features, target in data)
    evals = [(train, "train"), (valid, "valid")]
    booster_params, n_rounds, patience = _split(params, n_rounds)
    callback = treedebug.XGBoostCallback(path, evals=evals, progress=True)
    # With save_best: else the booster keeps, and predicts with, the rounds after its best one (CV115).
    stopping = [xgb.callback.EarlyStopping(rounds=patience, save_best=True)] if patience else []
    xgb.train(
        {"objective": "reg:squarederror", "nthread": 1, **booster_params},
        train,
        n_rounds,
        evals=evals,
        verbose_eval=False,
        callbacks=[callback, *stopping],
    )
    return list(callback.run.findings)


def _train_lightgbm(path: Path, params: Mapping[str, Any], n_rounds: int, data: Data) -> list[Finding]:
    lgb = importlib.import_module("lightgbm")
    train, valid = (lgb.Dataset(features, target) for features, target in data)
    booster_params, n_rounds, patience = _split(params, n_rounds)
    callback = treedebug.LightGBMCallback(path, progress=True)
    stopping = [lgb.early_stopping(patience, verbose=False)] if patience else []
    lgb.train(
        {"objective": "regression", "metric": "rmse", "verbosity": -1, "num_threads": 1, **booster_params},
        train,
        n_rounds,
        valid_sets=[train, valid],
        valid_names=["train", "valid"],
        callbacks=[callback, *stopping],
    )
    return list(callback.run.findings)


_TRAINERS: Mapping[str, Callable[[Path, Mapping[str, Any], int, Data], list[Finding]]] = {
    "xgboost": _train_xgboost,
    "lightgbm": _train_lightgbm,
}
_CALLBACKS = {"xgboost": "XGBoostCallback", "lightgbm": "LightGBMCallback"}


def _split(params: Mapping[str, Any], n_rounds: int) -> tuple[dict[str, Any], int, int | None]:
    """Return the parameters of the booster, and the two that are arguments of `train`.

    rounds, and patience of early stopping.
    """
    rest = dict(params)
    patience = rest.pop("early_stopping_rounds", None)
    for name in ("num_boost_round", "num_iterations", "n_estimators"):
        n_rounds = int(rest.pop(name, n_rounds))
    return rest, n_rounds, None if patience is None else int(patience)


def _library(wanted: str | None) -> str:
    installed = [name for name in _LIBRARIES if importlib.util.find_spec(name) is not None]
    if wanted is not None and wanted not in installed:
        raise missing_extra(wanted, wanted)
    if not installed:
        raise MissingExtraError("the demo needs XGBoost or LightGBM: pip install 'treedebug[xgboost]'")
    return wanted or installed[0]


def _data() -> Data:
    """Load diabetes progression, bundled with scikit-learn (442 patients, 10 features), split once and for all."""
    try:
        datasets = importlib.import_module("sklearn.datasets")
        selection = importlib.import_module("sklearn.model_selection")
    except ImportError:
        raise missing_extra("scikit-learn", "sklearn") from None
    features, target = datasets.load_diabetes(return_X_y=True, as_frame=True)
    x_train, x_valid, y_train, y_valid = selection.train_test_split(
        features, target, test_size=_VALID_SHARE, random_state=_SEED
    )
    return (x_train, y_train), (x_valid, y_valid)


@contextlib.contextmanager
def _folder(keep: Path | None) -> Iterator[Path]:
    if keep is None:
        with tempfile.TemporaryDirectory(prefix="treedebug-demo-") as name:
            yield Path(name)
        return
    taken = [path for name in ("first", "second") if (path := keep / name).exists()]
    if taken:
        raise RunExistsError(f"{taken[0]} exists already; give --keep another folder")
    yield keep


def _say(text: str) -> None:
    console = make_console()
    console.print()
    for line in indented(Text(one_line(text), style="bold"), console, indent=0):
        console.print(line)
    console.print()
    sys.stdout.flush()  # what follows on stderr comes after it, in a file too


def _spelled(params: Mapping[str, Any]) -> str:
    return ", ".join(f"{name}={value!r}" for name, value in params.items())
