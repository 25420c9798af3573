"""The peers, each in its own environment below the cache: they do not live with the numpy or pandas of today."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

REQUIREMENTS = {
    "deepchecks": ("deepchecks==0.19.1", "numpy<2", "pandas<3", "scikit-learn<1.6", "setuptools<81"),
    "evidently": ("evidently==0.7.23", "pandas<3"),
    "cleanlab": ("cleanlab[datalab]==2.9.0",),
    "skore": ("skore==0.28.0",),
}


def environment(cache: Path, name: str) -> tuple[Path | None, str]:
    """The interpreter of a peer's environment, made on the first call; or None and why there is none."""
    home = cache / name
    python, done = home / "bin" / "python", home / "installed"
    if done.is_file():
        return python, ""
    print(f"installing {' '.join(REQUIREMENTS[name])} below {home} (minutes)")
    home.parent.mkdir(parents=True, exist_ok=True)
    for command in (
        [sys.executable, "-m", "venv", "--clear", str(home)],
        [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *REQUIREMENTS[name]],
        [str(python), "-W", "ignore", "-c", f"import {name}"],
    ):
        ran = subprocess.run(command, capture_output=True, text=True, check=False, env=os.environ | {"PYTHONPATH": ""})
        if ran.returncode:
            return None, f"not measured: {_last_line(ran.stderr or ran.stdout)}"
    done.touch()
    return python, ""


def _last_line(text: str) -> str:
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return lines[-1][:200] if lines else "it said nothing"
