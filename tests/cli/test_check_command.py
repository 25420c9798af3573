import json

import pytest

from tests.reports.examples import CLEAN, DIVERGED, FULL, OVERTRAINING, feature_finding, report
from treedebug.api import check_many as command
from treedebug.cli import main
from treedebug.core.errors import FormatError, RunNotFoundError
from treedebug.store.file_format import FILE_NAME

INFO = report(feature_finding("größe [red]"))
WARNING = report(OVERTRAINING)
ERROR = report(DIVERGED)
BY_PATH = {"clean": CLEAN, "info": INFO, "warning": WARNING, "error": ERROR, "full": FULL}


@pytest.fixture(autouse=True)
def configs(monkeypatch):
    """`judged` answers by the path's last part; returns the configs it was called with."""
    seen = []

    def judged(target, y, options, chosen, settings):
        seen.append(settings)
        if target == "damaged":
            raise FormatError("damaged is not a model file:\nit ends after 3 bytes")
        name = target.replace("\\", "/").rsplit("/", 1)[-1].partition("-")[0]
        if name not in BY_PATH:
            raise RunNotFoundError(f"there is no run at {target}")
        return BY_PATH[name]

    monkeypatch.setattr(command, "judged", judged)
    return seen


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["clean"], 0),
        (["info"], 0),
        (["warning"], 1),
        (["error"], 1),
        (["full", "--fail-on", "never"], 0),
        (["info", "--fail-on", "info"], 1),
        (["warning", "--fail-on", "error"], 0),
        (["error", "--fail-on", "error"], 1),
        (["clean", "warning"], 1),
        (["nowhere"], 2),
        (["warning", "nowhere"], 2),
        (["damaged"], 2),
        (["clean", "--fail-on", "warnings"], 2),
        (["clean", "--config", "none.toml"], 2),
    ],
)
def test_exit_codes(arguments, code):
    assert main(["check", *arguments]) == code


def test_text(capsys):
    main(["check", "full"])
    captured = capsys.readouterr()
    lines = captured.out.splitlines()
    assert max(map(len, lines)) <= 80
    assert "\x1b" not in captured.out
    assert "größe [red]" in captured.out
    assert lines[-1].startswith("1 error, 1 warning, 1 info in 500 rounds")
    assert not captured.err


def test_json_of_several_paths_one_of_them_broken(capsys):
    assert main(["check", "full", "nowhere", "clean", "--output", "json"]) == 2
    captured = capsys.readouterr()
    data = json.loads(captured.out)
    assert [len(r["findings"]) for r in data["reports"]] == [3, 0]
    assert data["failed"] == [{"source": "nowhere", "error": "there is no run at nowhere"}]
    assert captured.err == "treedebug: error: there is no run at nowhere\n"


def test_github(capsys):
    assert main(["check", "warning", "--output", "github"]) == 1
    assert capsys.readouterr().out.startswith("::warning title=CV102 overtraining::")


def test_an_error_is_one_line(capsys):
    main(["check", "damaged"])
    assert capsys.readouterr().err == "treedebug: error: damaged is not a model file: it ends after 3 bytes\n"


def test_a_folder_of_runs_checks_each(tmp_path, capsys):
    for name in ("warning-0", "clean-1"):
        (tmp_path / "cv" / name).mkdir(parents=True)
        (tmp_path / "cv" / name / FILE_NAME).touch()
    assert main(["check", str(tmp_path / "cv"), "--output", "json"]) == 1
    assert len(json.loads(capsys.readouterr().out)["reports"]) == 2


def test_select_and_ignore_reach_the_check(configs):
    main(["check", "clean", "--select", "CV, TR201", "--ignore", "CV102"])
    assert configs[0].select == ("CV", "TR201")
    assert list(configs[0].ignore) == ["CV102"]


def test_configuration_from_the_current_folder_and_from_a_file(configs, tmp_path):
    (tmp_path / "pyproject.toml").write_text('[tool.treedebug]\nfail-on = "error"\n')
    assert main(["check", "warning"]) == 0
    other = tmp_path / "other.toml"
    other.write_text('[tool.treedebug]\nselect = ["TR"]\n')
    assert main(["check", "warning", "--config", str(other)]) == 1
    assert configs[1].select == ("TR",)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("[tool.treedebug", "is not valid TOML"),
        ("[tool.other]", "has no [tool.treedebug] table"),
        ("[tool.treedebug]\nfail_on = 'error'", "Did you mean 'fail-on'?"),
    ],
)
def test_a_wrong_configuration_says_so(content, said, tmp_path, capsys):
    (tmp_path / "c.toml").write_text(content)
    assert main(["check", "clean", "--config", str(tmp_path / "c.toml")]) == 2
    assert said in capsys.readouterr().err
