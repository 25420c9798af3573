"""The flight recorder and linter of gradient-boosted trees.

    callback = treedebug.XGBoostCallback("runs/churn", evals=[(dtrain, "train"), (dvalid, "valid")])
    xgb.train(params, dtrain, 500, evals=[(dtrain, "train"), (dvalid, "valid")], callbacks=[callback])
    callback.run.findings

The names below are loaded at first use: `import treedebug` itself imports no booster, no table and no plotting library.
"""

from importlib import import_module
from typing import TYPE_CHECKING

from treedebug.core.version import __version__

if TYPE_CHECKING:
    from treedebug.actions.stop import StopTraining
    from treedebug.api.check import check
    from treedebug.api.compare import compare
    from treedebug.api.data import profile
    from treedebug.api.lightgbm import LightGBMCallback
    from treedebug.api.params import check_params
    from treedebug.api.run import Run, load, runs
    from treedebug.api.xgboost import XGBoostCallback
    from treedebug.core.classes import ClassLog
    from treedebug.core.datasets import DataSets
    from treedebug.core.errors import (
        ConfigError,
        FormatError,
        MissingExtraError,
        NotRecordedError,
        RunExistsError,
        RunNotFoundError,
        StoreError,
        TreedebugError,
    )
    from treedebug.core.evals import EvalLog, RoundLog
    from treedebug.core.findings import Change, Finding, Severity
    from treedebug.core.margins import MarginLog
    from treedebug.core.profile import ColumnProfile, DataProfile
    from treedebug.core.protocols import Action, Knobs
    from treedebug.core.report import CheckReport, ComparisonReport
    from treedebug.core.run import Header, Note, RunData, RunView
    from treedebug.core.summary import TreeSummary
    from treedebug.core.trees import TreeTable
    from treedebug.engine.config import Config, load_config
    from treedebug.engine.rule import Rule, param

__all__ = [
    "Action",
    "Change",
    "CheckReport",
    "ClassLog",
    "ColumnProfile",
    "ComparisonReport",
    "Config",
    "ConfigError",
    "DataProfile",
    "DataSets",
    "EvalLog",
    "Finding",
    "FormatError",
    "Header",
    "Knobs",
    "LightGBMCallback",
    "MarginLog",
    "MissingExtraError",
    "NotRecordedError",
    "Note",
    "RoundLog",
    "Rule",
    "Run",
    "RunData",
    "RunExistsError",
    "RunNotFoundError",
    "RunView",
    "Severity",
    "StopTraining",
    "StoreError",
    "TreeSummary",
    "TreeTable",
    "TreedebugError",
    "XGBoostCallback",
    "__version__",
    "check",
    "check_params",
    "compare",
    "load",
    "load_config",
    "param",
    "profile",
    "runs",
]

_HOME = {
    "Action": "core.protocols",
    "Change": "core.findings",
    "CheckReport": "core.report",
    "ClassLog": "core.classes",
    "ColumnProfile": "core.profile",
    "ComparisonReport": "core.report",
    "Config": "engine.config",
    "ConfigError": "core.errors",
    "DataProfile": "core.profile",
    "DataSets": "core.datasets",
    "EvalLog": "core.evals",
    "Finding": "core.findings",
    "FormatError": "core.errors",
    "Header": "core.run",
    "Knobs": "core.protocols",
    "LightGBMCallback": "api.lightgbm",
    "MarginLog": "core.margins",
    "MissingExtraError": "core.errors",
    "NotRecordedError": "core.errors",
    "Note": "core.run",
    "RoundLog": "core.evals",
    "Rule": "engine.rule",
    "Run": "api.run",
    "RunData": "core.run",
    "RunExistsError": "core.errors",
    "RunNotFoundError": "core.errors",
    "RunView": "core.run",
    "Severity": "core.findings",
    "StopTraining": "actions.stop",
    "StoreError": "core.errors",
    "TreeSummary": "core.summary",
    "TreeTable": "core.trees",
    "TreedebugError": "core.errors",
    "XGBoostCallback": "api.xgboost",
    "check": "api.check",
    "check_params": "api.params",
    "compare": "api.compare",
    "load": "api.run",
    "load_config": "engine.config",
    "param": "engine.rule",
    "profile": "api.data",
    "runs": "api.run",
}
"""Where each public name lives, below `treedebug`."""


def __getattr__(name: str) -> object:
    """Load a public name at first use. Raises AttributeError, with a suggestion, for any other."""
    home = _HOME.get(name)
    if home is None:
        hint = "" if name.startswith("_") else import_module("treedebug.core.errors").did_you_mean(name, _HOME)
        raise AttributeError(f"module 'treedebug' has no attribute {name!r}.{hint}", name=name)
    value: object = getattr(import_module(f"treedebug.{home}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    """The public names, for completion."""
    return sorted(__all__)
