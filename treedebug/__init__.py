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
    from treedebug.actions.call_function import CallFunction
    from treedebug.actions.notify import Notify
    from treedebug.actions.run_command import RunCommand
    from treedebug.actions.stop_training import StopTraining
    from treedebug.actions.webhook import Webhook
    from treedebug.api.boosted_run import Run, load
    from treedebug.api.capacity_curve import CapacityCurve, capacity_curve
    from treedebug.api.check import check
    from treedebug.api.check_params import check_params
    from treedebug.api.compare import compare
    from treedebug.api.export_run import export
    from treedebug.api.lightgbm_callback import LightGBMCallback
    from treedebug.api.profile_data import TableSchema, profile
    from treedebug.api.report import report
    from treedebug.api.run_folder import runs
    from treedebug.api.watch_runs import watch
    from treedebug.api.xgboost_callback import XGBoostCallback
    from treedebug.core.data.column_profile import ColumnProfile
    from treedebug.core.data.data_sets import DataSets
    from treedebug.core.data.table_profile import DataProfile
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
    from treedebug.core.findings import Change, Finding, Severity
    from treedebug.core.protocols import Action, Knobs
    from treedebug.core.report import CheckReport, ComparisonReport
    from treedebug.core.run.class_log import ClassLog
    from treedebug.core.run.eval_log import EvalLog, RoundLog
    from treedebug.core.run.margin_log import MarginLog
    from treedebug.core.run.run_data import Header, Note, RunData, RunView
    from treedebug.core.run.tree_summary import TreeSummary
    from treedebug.core.run.tree_table import TreeTable
    from treedebug.cure.fix.fix import fix
    from treedebug.cure.fix.fixed import Fixed
    from treedebug.cure.slim.slim import slim
    from treedebug.cure.slim.slimmed import Slimmed
    from treedebug.engine.config import Config, load_config
    from treedebug.engine.rule import Rule, param
    from treedebug.experiments.learning_curve import LearningCurve, learning_curve
    from treedebug.schedules.boosters.schedule_callback import ScheduleCallback

__all__ = [
    "Action",
    "CallFunction",
    "CapacityCurve",
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
    "Fixed",
    "FormatError",
    "Header",
    "Knobs",
    "LearningCurve",
    "LightGBMCallback",
    "MarginLog",
    "MissingExtraError",
    "NotRecordedError",
    "Note",
    "Notify",
    "RoundLog",
    "Rule",
    "Run",
    "RunCommand",
    "RunData",
    "RunExistsError",
    "RunNotFoundError",
    "RunView",
    "ScheduleCallback",
    "Severity",
    "Slimmed",
    "StopTraining",
    "StoreError",
    "TableSchema",
    "TreeSummary",
    "TreeTable",
    "TreedebugError",
    "Webhook",
    "XGBoostCallback",
    "__version__",
    "capacity_curve",
    "check",
    "check_params",
    "compare",
    "export",
    "fix",
    "learning_curve",
    "load",
    "load_config",
    "param",
    "profile",
    "report",
    "runs",
    "slim",
    "watch",
]

_HOME = {
    "Action": "core.protocols",
    "CallFunction": "actions.call_function",
    "CapacityCurve": "api.capacity_curve",
    "Change": "core.findings",
    "CheckReport": "core.report",
    "ClassLog": "core.run.class_log",
    "ColumnProfile": "core.data.column_profile",
    "ComparisonReport": "core.report",
    "Config": "engine.config",
    "ConfigError": "core.errors",
    "DataProfile": "core.data.table_profile",
    "DataSets": "core.data.data_sets",
    "EvalLog": "core.run.eval_log",
    "Finding": "core.findings",
    "Fixed": "cure.fix.fixed",
    "FormatError": "core.errors",
    "Header": "core.run.run_data",
    "Knobs": "core.protocols",
    "LearningCurve": "experiments.learning_curve",
    "LightGBMCallback": "api.lightgbm_callback",
    "MarginLog": "core.run.margin_log",
    "MissingExtraError": "core.errors",
    "NotRecordedError": "core.errors",
    "Note": "core.run.run_data",
    "Notify": "actions.notify",
    "RoundLog": "core.run.eval_log",
    "Rule": "engine.rule",
    "Run": "api.boosted_run",
    "RunCommand": "actions.run_command",
    "RunData": "core.run.run_data",
    "RunExistsError": "core.errors",
    "RunNotFoundError": "core.errors",
    "RunView": "core.run.run_data",
    "ScheduleCallback": "schedules.boosters.schedule_callback",
    "Severity": "core.findings",
    "Slimmed": "cure.slim.slimmed",
    "StopTraining": "actions.stop_training",
    "StoreError": "core.errors",
    "TableSchema": "api.profile_data",
    "TreeSummary": "core.run.tree_summary",
    "TreeTable": "core.run.tree_table",
    "TreedebugError": "core.errors",
    "Webhook": "actions.webhook",
    "XGBoostCallback": "api.xgboost_callback",
    "capacity_curve": "api.capacity_curve",
    "check": "api.check",
    "check_params": "api.check_params",
    "compare": "api.compare",
    "export": "api.export_run",
    "fix": "cure.fix.fix",
    "learning_curve": "experiments.learning_curve",
    "load": "api.boosted_run",
    "load_config": "engine.config",
    "param": "engine.rule",
    "profile": "api.profile_data",
    "report": "api.report",
    "runs": "api.run_folder",
    "slim": "cure.slim.slim",
    "watch": "api.watch_runs",
}
"""Where each public name lives, below `treedebug`."""

_ROOMS = ("plots", "schedules")
"""Packages below `treedebug` that are loaded at first use, too."""


def __getattr__(name: str) -> object:
    """Load a public name at first use. Raises AttributeError, with a suggestion, for any other."""
    if name in _ROOMS:
        return import_module(f"treedebug.{name}")
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
