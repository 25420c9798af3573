"""What the docs show of networks runs as pasted, and prints what stands below it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from treedebug.cli import main

ROOT = Path(__file__).parents[2]


def blocks(page, language):
    return re.findall(
        rf"^```{language}\n(.*?)^```$", (ROOT / page).read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE
    )


def shape(text):
    """The words of a text: figures and dates aside, and where its lines end."""
    return re.sub(r"[\d.,:+-]*\d[\d.,:+-]*\S*", "#", " ".join(text.split()))


def findings(text):
    """(code, what was said) of each finding in a report, without its evidence."""
    found = re.findall(
        r"^(?:warning|error|  explains) (NN\d+ .*?)(?=^\S|^  \w+=|^  try:|^  explains|\Z)",
        text,
        re.DOTALL | re.MULTILINE,
    )
    return [shape(f) for f in found]


def checked(capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "100")
    capsys.readouterr()
    assert main(["check", "runs/net"]) == 1
    return capsys.readouterr().out


def test_the_first_net_of_the_docs(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    example, reading = blocks("docs/nn.md", "python")[:2]
    shown = blocks("docs/nn.md", "text")[0]
    assert len(example.splitlines()) <= 45
    names = {}
    exec(example, names)  # it is ours
    assert findings(checked(capsys, monkeypatch)) == findings(shown)
    assert findings(shown)
    quick = [line for line in reading.splitlines() if "latent" not in line]  # t-SNE takes seconds
    assert len(reading.splitlines()) - len(quick) == 3
    exec("\n".join(quick), names)
    assert (tmp_path / "gradient.png").exists()


def test_the_net_of_the_readme(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    first, *others = blocks("README.md", "python")
    (net,) = (b for b in others if "TorchRecorder" in b)
    (shown,) = (b for b in blocks("README.md", "text") if "NN917" in b)
    names = {}
    exec(first.partition("dtrain, dvalid")[0], names)  # the data
    exec(net, names)
    there = findings(checked(capsys, monkeypatch))
    assert len(findings(shown)) >= 4
    assert set(findings(shown)) <= set(there)


@pytest.mark.parametrize("page", ["README.md", "docs/nn.md"])
def test_links_lead_somewhere(page):
    text = (ROOT / page).read_text(encoding="utf-8")
    links = [x for x in re.findall(r"\]\(([^)#]+)\)", text) if "://" not in x]
    assert links or page != "README.md"
    assert [x for x in links if not ((ROOT / page).parent / x).exists()] == []
