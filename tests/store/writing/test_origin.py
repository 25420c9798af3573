import shutil
import subprocess

import pytest

from treedebug.store.writing import origin
from treedebug.store.writing.origin import command_line, git_state


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        (["python", "train.py", "--depth", "6"], "python train.py --depth 6"),
        (["train", "--api-key", "abc", "--depth", "6"], "train --api-key '***' --depth 6"),
        (["train", "--password=abc"], "train '--password=***'"),
        (["TOKEN=abc", "train"], "'TOKEN=***' train"),
        (["train", "--token", "--depth", "6"], "train --token --depth 6"),
        (["train", "s3://me:abc@host/data"], "train 's3://me:***@host/data'"),
    ],
)
def test_the_command_line_hides_secrets(given, shown):
    assert command_line(given) == shown
    assert "abc" not in command_line(given)


def test_the_command_line_is_bounded():
    assert len(command_line(["x" * 10_000])) == 1000
    assert command_line()


@pytest.fixture
def repository(tmp_path, monkeypatch):
    if shutil.which("git") is None:
        pytest.skip("git is not installed")
    origin._git_state.cache_clear()
    identity = ["-c", "user.name=a", "-c", "user.email=a@b"]
    for arguments in (["init", "-q"], ["add", "."], [*identity, "commit", "-q", "-m", "x"]):
        (tmp_path / "train.py").write_text("1")
        subprocess.run(["git", *arguments], cwd=tmp_path, check=True, capture_output=True)
    monkeypatch.chdir(tmp_path)
    yield tmp_path
    origin._git_state.cache_clear()


def test_the_commit_and_whether_something_changed(repository):
    clean = git_state()
    assert len(clean["commit"]) == 40
    assert clean["dirty"] is False
    origin._git_state.cache_clear()
    (repository / "train.py").write_text("two")
    assert git_state() == {"commit": clean["commit"], "dirty": True}


def test_nothing_that_the_repository_names_is_run(repository):
    """A file system monitor and an external diff are programs that a stranger's repository may name."""
    trap = repository / "trap.sh"
    trap.write_text("#!/bin/sh\ntouch sprung\n")
    trap.chmod(0o755)
    config = (repository / ".git" / "config").read_text()
    named = f"\tfsmonitor = {trap}\n\tpager = {trap}\n[diff]\n\texternal = {trap}\n[core]\n\thooksPath = {repository}\n"
    (repository / ".git" / "config").write_text(f"{config}[core]\n{named}")
    (repository / "train.py").write_text("two")
    origin._git_state.cache_clear()
    assert git_state()["dirty"] is True
    assert not (repository / "sprung").exists()


def test_outside_a_repository_and_in_a_broken_one_nothing_is_known(tmp_path, monkeypatch):
    origin._git_state.cache_clear()
    (tmp_path / ".git").write_text("gitdir: nowhere")
    monkeypatch.chdir(tmp_path)
    assert git_state() == {}
    origin._git_state.cache_clear()
