"""[tool.treedebug], as users write it."""

from __future__ import annotations

import pytest

import treedebug
from treedebug.api.known_rules import chosen_rules, registry
from treedebug.core.errors import ConfigError
from treedebug.core.findings import Severity
from treedebug.engine.config import Config, load_config, make_rule, parse_config, settle
from treedebug.engine.rule import Rule, param
from treedebug.rules import BUILTIN


def write(folder, text, name="pyproject.toml"):
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_text(text)
    return folder / name


def codes(config):
    return [r.code for r in config.rules(registry())]


@pytest.fixture(autouse=True)
def elsewhere(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def test_defaults():
    config = load_config()
    assert config == Config()
    assert codes(config) == sorted(r.code for r in registry() if not r.preview)
    assert config.fail_on is Severity.WARNING


def test_the_nearest_file_with_the_table_counts(tmp_path):
    write(tmp_path, "[tool.treedebug]\nselect = ['CV']\n")
    write(tmp_path / "a" / "b", "[project]\nname = 'member-of-a-workspace'\n")
    inner = write(tmp_path / "c", "[tool.treedebug]\nselect = ['TR']\n")
    assert load_config(tmp_path / "a" / "b").select == ("CV",)
    assert load_config(str(tmp_path / "c")).select == ("TR",)
    assert load_config(str(tmp_path / "c")).origin == str(inner)
    assert load_config().select == ("CV",)


def test_everything_there_is(tmp_path):
    write(
        tmp_path,
        """
        [tool.treedebug]
        select = ["CV", "dominant-feature"]
        fail-on = "never"
        [tool.treedebug.ignore]
        CV102 = "we cut to the best round"
        [tool.treedebug.rules.overfitting]
        min-rounds = 7
        [tool.treedebug.rules.cv101]
        """,
    )
    config = load_config()
    rules = {r.code: r for r in config.rules(registry())}
    assert "CV102" not in rules
    assert rules["CV101"].code == "CV101"
    assert config.fail_on is None
    assert config.ignore == {"CV102": "we cut to the best round"}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[tool.treedebug]\nselct = ['CV']", "no setting 'selct'. Did you mean 'select'?"),
        ("[tool.treedebug]\nfail_on = 'error'", "Did you mean 'fail-on'?"),
        ("[tool.treedebug]\nfail-on = 'eror'", "Did you mean 'error'?"),
        ("[tool.treedebug]\nfail-on = 3", "must be one of info, warning, error, never; got 3"),
        ("[tool.treedebug]\nselect = 'CV'", "must be a list of rule codes"),
        ("[tool.treedebug]\nselect = [1]", "must be a list of rule codes"),
        ("[tool.treedebug]\nselect = ['CV999']", "no rule 'CV999'"),
        ("[tool.treedebug]\nselect = ['overfiting']", "Did you mean 'overfitting'?"),
        ("[tool.treedebug]\nselect = ['MY001']", "no rule 'MY001'"),
        ("[tool.treedebug]\nignore = ['CV9']", "no rule 'CV9'"),
        ("[tool.treedebug]\nignore = 1", "list of rule codes, or a table"),
        ("[tool.treedebug.ignore]\nCV101 = true", 'code = "reason"'),
        ("[tool.treedebug]\nrules = 1", "[tool.treedebug.rules.CV102]"),
        ("[tool.treedebug.rules]\nCV102 = 1", "[tool.treedebug.rules.CV102]"),
        ("[tool.treedebug.rules.CVV102]\npatience = 1", "Did you mean 'CV102'?"),
        ("[tool.treedebug.rules.overtrainig]\npatience = 1", "Did you mean 'overtraining'?"),
        ("[tool.treedebug.rules.CV102]\npatiense = 1", "no parameter 'patiense'. Did you mean 'patience'?"),
        ("[tool.treedebug.rules.CV102]\npatience = 0", "CV102.patience must be >= 1"),
        ("[tool.treedebug.rules.CV102]\npatience = 2.5", "must be a whole number; got 2.5"),
        ("[tool.treedebug.rules.CV102]\npatience = 'x'", "must be a number; got 'x'"),
        ("[tool.treedebug.rules.CV102]\npatience = true", "must be a number; got True"),
        ("[tool.treedebug.rules.CV102]\npatience = nan", "must be a number; got nan"),
        ("[tool.treedebug.rules.CV102]\npatience = inf", "must be a whole number"),
        ("[tool]\ntreedebug = 1", "[tool.treedebug] must be a table; got 1"),
        ("[tool.treedebug]\nselect = [", "is not valid TOML"),
    ],
)
def test_mistakes_name_the_file_and_the_remedy(tmp_path, text, words):
    path = write(tmp_path, text)
    with pytest.raises(ConfigError) as error:
        load_config().rules(registry())
    assert str(error.value).startswith(str(path))
    assert words in str(error.value)


def test_files_that_are_no_toml(tmp_path):
    (tmp_path / "pyproject.toml").write_bytes(b"\xff\xfe\x00[")
    with pytest.raises(ConfigError, match="not valid TOML"):
        load_config()
    (tmp_path / "pyproject.toml").unlink()
    (tmp_path / "pyproject.toml").mkdir()
    assert load_config() == Config()
    with pytest.raises(ConfigError, match=r"other.toml cannot be read: No such file"):
        load_config("other.toml")


def test_odd_but_legal_files(tmp_path):
    write(tmp_path, "tool = 3")
    assert load_config() == Config()
    write(tmp_path, "[tool.treedebug]\nselect = []")
    assert codes(load_config()) == []


def test_a_file_by_name(tmp_path):
    path = write(tmp_path / "x", "[tool.treedebug]\nfail-on = 'error'", "ci.toml")
    assert load_config(path).fail_on is Severity.ERROR
    with pytest.raises(ConfigError, match=r"has no \[tool.treedebug\] table"):
        load_config(write(tmp_path, "", "empty.toml"))


def test_sections_of_rules_known_elsewhere(tmp_path):
    write(tmp_path, "[tool.treedebug]\nignore = ['MY002']\n[tool.treedebug.rules.MY001]\nlimit = 1")
    assert len(codes(load_config())) == sum(not r.preview for r in registry())


def test_rules_in_preview_are_off_until_asked_for(tmp_path, monkeypatch):
    every = sorted(r.code for r in registry())
    first = next(iter(registry()))
    monkeypatch.setattr(first, "preview", True)
    assert first.code not in codes(Config())
    assert codes(Config(preview=True)) == every
    assert codes(Config().override(preview=True)) == every
    write(tmp_path, "[tool.treedebug]\npreview = true")
    assert codes(load_config()) == every
    assert codes(Config(select=(first.code,))) == codes(Config(select=(first.name,))) == [first.code]
    assert first.code not in codes(Config(select=(first.code[:2],)))
    with pytest.raises(ConfigError, match="preview must be true or false"):
        parse_config({"preview": "yes"}, "here")


def test_the_callers_choice():
    config = parse_config({"select": ["CV"], "ignore": ["CV102"]}, "here")
    assert settle(config, select=["TR"], ignore=None).select == ("TR",)
    assert sorted(settle(config, select=None, ignore=("CV101",)).ignore) == ["CV101", "CV102"]
    for wrong in ("CV102", [1], 5):
        with pytest.raises(ConfigError, match="select must be a list"):
            settle(config, select=wrong, ignore=None)
    for wrong in ({"select": ["CV"]}, "pyproject.toml"):
        with pytest.raises(ConfigError, match=r"load_config\('pyproject.toml'\)"):
            treedebug.check(treedebug.RunData(), config=wrong)


class Odd(Rule):
    code, name = "MY001", "odd"


def test_parameters_that_are_no_numbers():
    from dataclasses import dataclass

    @dataclass(frozen=True, kw_only=True)
    class Mixed(Rule):
        code, name = "MY002", "mixed"
        text: str = param("a", "a text")
        flag: bool = param(False, "on or off")
        choice: str = param("x", "one of two", choices=("x", "y"))
        several: tuple = param((), "names")
        share: float = param(0.5, "a share", ge=0.0, le=1.0)
        loose: int = param(3, "without a range")

    good = make_rule(Mixed, {"text": "b", "flag": True, "choice": "y", "several": ["a"], "share": 1, "loose": 4.0})
    assert (good.loose, type(good.loose)) == (4, int)
    for name, value, words in (
        ("text", 1, "a text"), ("flag", 1, "true or false"), ("choice", "z", "one of 'x', 'y'"),
        ("share", 1.5, ">= 0.0 and <= 1.0"), ("share", "1", "a number"), ("loose", "4", "a number"),
    ):  # fmt: skip
        with pytest.raises(ConfigError, match=words):
            make_rule(Mixed, {name: value})


def test_own_rules_are_always_on():
    class Own(Rule):
        code, name = "MY003", "own"

        def check(self, log: treedebug.EvalLog):
            yield from ()

    config = Config(select=("CV101",), ignore={"MY": ""})
    with pytest.raises(ConfigError, match="no rule 'MY'"):
        chosen_rules(config)
    assert [r.code for r in chosen_rules(config, [Own])] == ["CV101", "MY003"]
    assert [r.code for r in chosen_rules(Config(select=()), [Own()])] == ["MY003"]
    mine = BUILTIN[0]()
    assert any(r is mine for r in chosen_rules(Config(), [mine]))


def test_columns_by_rule():
    config = parse_config({"ignore": {"DA604": ["flag_x"], "CV102": "known"}, "select": ["DA", "DA610:price"]}, "here")
    assert config.ignore == {"CV102": "known"}
    assert config.select == ("DA", "DA610")
    assert config.columns["DA604"].without == {"flag_x"}
    assert not config.columns["DA610"].takes("other")
    more = config.override(ignore=["DA604:flag_y", "DA605"])
    assert more.columns["DA604"].without == {"flag_x", "flag_y"}
    assert set(more.ignore) == {"CV102", "DA605"}


def test_ignored_columns_must_be_texts():
    with pytest.raises(ConfigError, match=r'code = \["column"\]'):
        parse_config({"ignore": {"DA604": [3]}}, "here")
