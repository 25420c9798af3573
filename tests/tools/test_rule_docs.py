"""The generator of docs/rules: what is stale, what it writes, and what --check says."""

from __future__ import annotations

from tools.rule_docs import main, pages, stale, write


def test_an_empty_folder_lacks_every_page(tmp_path):
    assert stale({"A.md": "a", "B.md": "b"}, tmp_path / "none") == ["A.md", "B.md"]


def test_written_pages_are_up_to_date(tmp_path):
    wanted = {"A.md": "a", "B.md": "b"}
    assert write(wanted, tmp_path / "rules") == ["A.md", "B.md"]
    assert stale(wanted, tmp_path / "rules") == []
    assert write(wanted, tmp_path / "rules") == []


def test_changed_and_orphaned_pages_are_stale_and_mended(tmp_path):
    write({"A.md": "a", "Gone.md": "g", "Same.md": "s"}, tmp_path)
    wanted = {"A.md": "new", "Same.md": "s"}
    assert stale(wanted, tmp_path) == ["A.md", "Gone.md"]
    write(wanted, tmp_path)
    assert sorted(p.name for p in tmp_path.iterdir()) == ["A.md", "Same.md"]


def test_check_names_the_stale_page_and_changes_nothing(tmp_path, capsys):
    assert main([], tmp_path) == 0
    name = min(pages())
    (tmp_path / name).write_text("old")
    capsys.readouterr()
    assert main(["--check"], tmp_path) == 1
    assert f"docs/rules/{name} is out of date" in capsys.readouterr().err
    assert (tmp_path / name).read_text() == "old"


def test_the_pages_in_the_repository_are_up_to_date(capsys):
    assert main(["--check"]) == 0, capsys.readouterr().err


def test_there_is_an_index():
    assert "| code | name | severity | needs | summary |" in pages()["README.md"]
