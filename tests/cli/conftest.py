import pytest


@pytest.fixture(autouse=True)
def _plain_terminal(monkeypatch, tmp_path):
    """80 columns, no colour forced, and no pyproject.toml of ours above the current folder."""
    for name in ("FORCE_COLOR", "NO_COLOR", "TTY_COMPATIBLE", "PYTHONIOENCODING", "TREEDEBUG_TRACEBACK"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.chdir(tmp_path)
