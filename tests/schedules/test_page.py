"""docs/schedules.md runs as pasted, one snippet after the other."""

import re
from pathlib import Path

import pytest

pytest.importorskip("torch")
PAGE = (Path(__file__).parents[2] / "docs" / "schedules.md").read_text(encoding="utf-8")


@pytest.mark.filterwarnings("ignore::UserWarning")
def test_every_snippet_runs(capsys):
    names = {}
    snippets = re.findall(r"^```python\n(.*?)^```$", PAGE, re.DOTALL | re.MULTILINE)
    assert len(snippets) >= 6
    for snippet in snippets:
        exec(snippet, names)  # it is ours
    assert "rising: no difference shown" in capsys.readouterr().out
    assert names["done"].n_rounds + names["done"].n_discarded == 60
    changes = names["recorder"].run.rate_changes
    assert list(changes.columns) == ["round_index", "learning_rate", "why"]
    assert changes["why"][0] == "GreedyLR begins"


def test_every_picture_is_there():
    pictures = re.findall(r"\]\((\S+\.svg)\)", PAGE)
    assert pictures
    assert all((Path(__file__).parents[2] / "docs" / name).exists() for name in pictures)
