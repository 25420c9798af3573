import os
import subprocess
import sys
from pathlib import Path

import pytest

import treedebug
from treedebug import cli
from treedebug.cli import COMMANDS, main


def python(*arguments, env=None, **kwargs):
    return subprocess.run(
        [sys.executable, *arguments],
        capture_output=True,
        check=False,
        timeout=60,
        cwd=Path(treedebug.__file__).parent.parent,
        env={**os.environ, **(env or {})},
        **kwargs,
    )


def test_version(capsys):
    assert main(["--version"]) == 0
    assert capsys.readouterr().out == f"treedebug {treedebug.__version__}\n"


def test_help_names_every_command(capsys):
    assert main(["--help"]) == 0
    text = capsys.readouterr().out
    assert all(f"  {name} " in text for name in COMMANDS)
    assert max(map(len, text.splitlines())) <= 80


def test_no_command_shows_the_help_and_fails(capsys):
    assert main([]) == 2
    assert "usage: treedebug" in capsys.readouterr().out


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help(command, capsys):
    assert main([command, "--help"]) == 0
    assert capsys.readouterr().out.startswith(f"usage: treedebug {command}")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["chek"], "there is no command 'chek'. Did you mean 'check'?"),
        (["--verison"], "unknown option '--verison'"),
        (["check"], "the following arguments are required: PATH (see treedebug check --help)"),
        (["check", "x", "--output", "xml"], "invalid choice: 'xml'"),
        (["compare", "--frobnicate", "x"], "unrecognized arguments: --frobnicate"),
    ],
)
def test_wrong_usage_is_one_line_on_stderr(arguments, said, capsys):
    assert main(arguments) == 2
    captured = capsys.readouterr()
    assert captured.err.startswith("treedebug: error: ")
    assert said in captured.err
    assert captured.err.count("\n") == 1
    assert not captured.out


@pytest.mark.parametrize(
    ("error", "code", "said"),
    [
        (KeyboardInterrupt(), 130, ""),
        (RuntimeError("broken\nin two"), 2, "treedebug: error: RuntimeError: broken in two"),
        (BrokenPipeError(), 0, ""),
    ],
)
def test_no_error_becomes_a_traceback(error, code, said, capsys, monkeypatch):
    def fail(name):
        raise error

    monkeypatch.setattr(cli, "_load", fail)
    monkeypatch.setattr(cli, "_discard_stdout", lambda: None)
    assert main(["check", "x"]) == code
    assert capsys.readouterr().err.startswith(said)


def test_the_module_runs():
    done = python("-m", "treedebug", "--version")
    assert done.stdout.decode() == f"treedebug {treedebug.__version__}{os.linesep}"


def test_version_and_help_import_nothing_heavy():
    heavy = "{'numpy', 'pandas', 'rich', 'sklearn', 'xgboost', 'lightgbm'}"
    code = f"import sys; from treedebug.cli import main; main(['--help']); sys.exit(bool({heavy} & set(sys.modules)))"
    assert python("-c", code).returncode == 0


@pytest.mark.parametrize("command", ["check", "compare", "rules", "explain"])
def test_no_command_imports_a_booster_library(command):
    code = (
        f"import sys, treedebug.cli.{command}_command; "
        "print({'xgboost', 'lightgbm', 'sklearn'} & set(sys.modules) or 'none')"
    )
    assert python("-c", code).stdout.decode().strip() == "none"


def test_a_closed_pipe_is_no_error():
    code = "import sys; from treedebug.cli import main; sys.exit(main(['rules']))"
    process = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    process.stdout.close()
    error = process.stderr.read()
    process.stderr.close()
    process.wait(timeout=60)
    assert b"Traceback" not in error
    assert b"BrokenPipe" not in error
