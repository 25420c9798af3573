"""`treedebug ui` refuses what it cannot serve before anything listens."""

import socket

import pytest

from treedebug.cli import main


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["nowhere"], "there is no folder nowhere"),
        ([".", "--port", "99999"], "99999 is no port"),
        ([".", "--port", "x"], "x is no port"),
        (["nosuch://bucket/runs"], "fsspec knows no storage"),
        ([".", "--config", "none.toml"], "none.toml"),
    ],
)
def test_wrong_arguments(arguments, said, capsys):
    assert main(["ui", *arguments, "--no-browser"]) == 2
    assert said in capsys.readouterr().err


def test_a_port_that_is_taken(capsys):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        assert main(["ui", ".", "--port", str(taken.getsockname()[1]), "--no-browser"]) == 2
    assert "give another with --port" in capsys.readouterr().err
