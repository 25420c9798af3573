"""The public names, pinned: adding or dropping one is a decision, and the changelog says so."""

from __future__ import annotations

import re
from pathlib import Path

import treedebug

PUBLIC = """
    Action CallFunction CapacityCurve Change CheckReport ClassLog ColumnProfile ComparisonReport Config ConfigError
    DataProfile DataSets EvalLog Finding Fixed FormatError Header Knobs LearningCurve LightGBMCallback MarginLog
    MissingExtraError NotRecordedError Note Notify RoundLog Rule Run RunCommand RunData RunExistsError
    RunNotFoundError RunView ScheduleCallback Severity Slimmed StopTraining StoreError TableSchema TreeSummary TreeTable
    TreedebugError Webhook XGBoostCallback __version__ capacity_curve check check_params compare export fix
    learning_curve load load_config param profile report runs slim watch
"""


def test_public_names_are_these():
    assert treedebug.__all__ == PUBLIC.split()


def test_every_error_raised_on_purpose_is_public():
    errors = Path(treedebug.__file__).parent / "core" / "errors.py"
    classes = re.findall(r"^class (\w+)\(", errors.read_text(encoding="utf-8"), flags=re.MULTILINE)
    assert set(classes) <= set(PUBLIC.split())


def test_the_changelog_has_this_version():
    changelog = Path(__file__).parents[2] / "CHANGELOG.md"
    assert f"## [{treedebug.__version__}]" in changelog.read_text(encoding="utf-8")
