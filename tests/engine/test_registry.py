"""The rules there are."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

import treedebug
from treedebug.core.errors import ConfigError
from treedebug.core.findings import Finding
from treedebug.core.run.eval_log import EvalLog
from treedebug.engine.registry import Registry
from treedebug.engine.rule import Rule, param


def made(code="MY001", name="my-rule", **body):
    def check(self, log: EvalLog) -> Iterator[Finding]:
        yield from ()

    return type("Mine", (Rule,), {"code": code, "name": name, "check": check, **body})


@pytest.mark.parametrize("code", ["", "my001", "M1", "M001", "MYOWN001", "MY01", "MY0001", "MY-01"])
def test_illegal_codes(code):
    with pytest.raises(ConfigError, match="MY001"):
        Registry([made(code)])


@pytest.mark.parametrize("name", ["", "My-rule", "my_rule", "my--rule", "-x", "1rule"])
def test_illegal_names(name):
    with pytest.raises(ConfigError, match="lower-case"):
        Registry([made(name=name)])


@pytest.mark.parametrize("rule", [42, made()(), str, "MY001"])
def test_not_a_rule(rule):
    with pytest.raises(ConfigError, match=r"derived from treedebug.Rule"):
        Registry([rule])


def test_taken_codes_and_names():
    with pytest.raises(ConfigError, match="code MY001 is taken"):
        Registry([made(), made(name="other")])
    with pytest.raises(ConfigError, match="name 'my-rule' is taken by MY001"):
        Registry([made(), made("MY002")])
    rule = made()
    assert len(Registry([rule, rule])) == 1


def test_a_rule_without_check():
    class Idle(Rule):
        code, name = "MY001", "idle"

    with pytest.raises(ConfigError, match="no check method"):
        Registry([Idle])


def test_a_parameter_of_a_class_that_is_no_dataclass():
    with pytest.raises(ConfigError, match=r"@dataclass\(frozen=True, kw_only=True\)"):
        Registry([made(limit=param(1, "a limit", ge=0))])


def test_getting_and_matching():
    registry = Registry([made(), made("MY101", "other"), made("YO001", "third")])
    assert registry.get(" my001 ").name == "my-rule"
    assert registry.get("MY-Rule").code == "MY001"
    assert [r.code for r in registry.matching("my")] == ["MY001", "MY101"]
    assert [r.code for r in registry.matching("MY1")] == ["MY101"]
    assert [r.code for r in registry.matching("other")] == ["MY101"]
    assert [r.code for r in registry.matching("all")] == ["MY001", "MY101", "YO001"]
    assert [r.code for r in registry] == ["MY001", "MY101", "YO001"]
    for wrong, hint in (("MY002", "MY001"), ("my-rul", "my-rule"), ("", "treedebug rules")):
        with pytest.raises(ConfigError, match=hint):
            registry.matching(wrong)


PACKAGE = '''
from collections.abc import Iterator
from dataclasses import dataclass
import treedebug

@dataclass(frozen=True, kw_only=True)
class TooManyRounds(treedebug.Rule):
    """Too many rounds.

    ## What it does
    Counts.
    """
    code = "MY001"
    name = "too-many-rounds"
    limit: int = treedebug.param(3, "rounds", ge=1)

    def check(self, log: treedebug.RoundLog) -> Iterator[treedebug.Finding]:
        if log.n_rounds > self.limit:
            yield self.finding(f"{log.n_rounds} rounds, more than {self.limit}", n=log.n_rounds)

BOTH = [TooManyRounds]
'''
TRAIN = """
import numpy as np, xgboost as xgb, treedebug
X = np.random.default_rng(0).normal(size=(40, 2))
callback = treedebug.XGBoostCallback("run", quiet=True)
xgb.train({"nthread": 1}, xgb.DMatrix(X, X[:, 0]), 6, callbacks=[callback], verbose_eval=False)
print([f.message for f in callback.run.findings if f.code == "MY001"])
print([f.message for f in treedebug.check("run").findings if f.code == "MY001"])
"""


@pytest.fixture
def site(tmp_path):
    """A folder with an installed package of rules; `run(...)` starts Python there."""

    def install(entry, source=PACKAGE):
        folder = tmp_path / "site"
        info = folder / "my_rules-1.0.dist-info"
        info.mkdir(parents=True)
        (folder / "my_rules.py").write_text(source)
        (info / "METADATA").write_text("Metadata-Version: 2.1\nName: my-rules\nVersion: 1.0\n")
        (info / "entry_points.txt").write_text(f"[treedebug.rules]\nmine = {entry}\n")

    def run(*arguments, code=0):
        env = {**os.environ, "PYTHONPATH": str(tmp_path / "site"), "OMP_NUM_THREADS": "1"}
        done = subprocess.run(
            [sys.executable, *arguments], cwd=tmp_path, env=env, capture_output=True, text=True, check=False
        )
        assert done.returncode == code, done.stdout + done.stderr
        return done.stdout + done.stderr

    run.install, run.folder = install, tmp_path
    return run


@pytest.mark.parametrize("entry", ["my_rules:TooManyRounds", pytest.param("my_rules:BOTH", marks=pytest.mark.slow)])
def test_a_package_brings_rules_and_pyproject_sets_them(site, entry):
    site.install(entry)
    assert site("-c", TRAIN).splitlines() == ["['6 rounds, more than 3']"] * 2
    assert "too-many-rounds" in site("-m", "treedebug", "rules")
    assert "Counts." in site("-m", "treedebug", "explain", "MY001")
    (site.folder / "pyproject.toml").write_text("[tool.treedebug.rules.MY001]\nlimit = 5\n")
    assert "more than 5" in site("-m", "treedebug", "check", "run", "--select", "MY", code=1)
    (site.folder / "pyproject.toml").write_text("[tool.treedebug.rules.MY001]\nlimit = 6\n")
    assert "MY001" not in site("-m", "treedebug", "check", "run", "--select", "MY", code=0).replace("--select", "")
    (site.folder / "pyproject.toml").write_text("[tool.treedebug.rules.MY001]\nlimits = 6\n")
    assert "Did you mean 'limit'?" in site("-m", "treedebug", "check", "run", code=2)


@pytest.mark.parametrize(
    ("entry", "source", "words"),
    [
        ("my_rules:Nothing", PACKAGE, "my_rules:Nothing"),
        ("my_rules:BOTH", "import not_installed_anywhere", "not_installed_anywhere"),
        ("my_rules:BOTH", PACKAGE.replace("MY001", "CV101"), "CV101 is taken"),
        ("my_rules:BOTH", PACKAGE.replace("log: treedebug.RoundLog", "log"), "has no type"),
    ],
)
def test_a_broken_package_is_named(site, entry, source, words):
    site.install(entry, source)
    (site.folder / "run").mkdir()
    said = site("-m", "treedebug", "check", "run", code=2)
    assert words in said
    assert "Traceback" not in said


@dataclass(frozen=True, kw_only=True)
class OfTheUser(Rule):
    code, name = "MY001", "of-the-user"
    limit: int = param(3, "rounds", ge=1)

    def check(self, log: treedebug.RoundLog) -> Iterator[Finding]:
        if log.n_rounds > self.limit:
            yield self.finding("long", limit=self.limit)


def test_a_rule_of_ten_lines(tmp_path, monkeypatch):
    """Recorded, configured by pyproject, checked again."""
    import numpy as np
    import xgboost as xgb

    monkeypatch.chdir(tmp_path)
    (tmp_path / "pyproject.toml").write_text("[tool.treedebug.rules.MY001]\nlimit = 5\n")
    X = np.random.default_rng(0).normal(size=(40, 2))
    data = xgb.DMatrix(X, X[:, 0])
    callback = treedebug.XGBoostCallback("run", rules=[OfTheUser], quiet=True)
    xgb.train({"nthread": 1}, data, 6, callbacks=[callback], verbose_eval=False)
    stored = [f for f in treedebug.load("run").findings if f.code == "MY001"]
    assert [f.evidence for f in stored] == [{"limit": 5}]
    assert [f.evidence for f in treedebug.check("run", rules=[OfTheUser]).findings if f.code == "MY001"] == [
        {"limit": 5}
    ]
    # What the caller sets in Python is meant as it stands.
    found = treedebug.check("run", rules=[OfTheUser(limit=4)])
    assert [f.evidence for f in found if f.code == "MY001"] == [{"limit": 4}]
    # Where the class is not at hand, as on the command line, its section is nobody's mistake.
    assert not [f for f in treedebug.check("run").findings if f.code == "MY001"]


@pytest.mark.parametrize("wrong", [42, "MY001", str, lambda log: None])
def test_what_is_no_rule(wrong):
    with pytest.raises(ConfigError, match="rules= takes"):
        treedebug.check(treedebug.RunData(), rules=[wrong])
