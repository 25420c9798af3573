"""Where a page is written, and what is never overwritten."""

import pytest

from treedebug.core.errors import RunExistsError, StoreError
from treedebug.reports.html.written_pages import MARK, write_page

PAGE = f"<!DOCTYPE html>\n{MARK}\n<p>new</p>"


def test_it_is_written_whole_and_leaves_nothing_beside_it(tmp_path):
    target = write_page(PAGE, tmp_path / "a.html")
    assert target.read_text(encoding="utf-8") == PAGE
    assert [p.name for p in tmp_path.iterdir()] == ["a.html"]


def test_an_older_page_is_overwritten(tmp_path):
    (tmp_path / "a.html").write_text(PAGE.replace("new", "old"), encoding="utf-8")
    assert "new" in write_page(PAGE, tmp_path / "a.html").read_text(encoding="utf-8")


def test_anything_else_is_not_unless_asked(tmp_path):
    (tmp_path / "a.html").write_text("mine", encoding="utf-8")
    with pytest.raises(RunExistsError, match="is no report of treedebug: give another name, or --force"):
        write_page(PAGE, tmp_path / "a.html")
    assert (tmp_path / "a.html").read_text(encoding="utf-8") == "mine"
    assert write_page(PAGE, tmp_path / "a.html", force=True).read_text(encoding="utf-8") == PAGE


@pytest.mark.parametrize(("name", "said"), [("", "is a folder"), ("no/where.html", "does not exist")])
def test_where_it_cannot_be_written(tmp_path, name, said):
    with pytest.raises(StoreError, match=said):
        write_page(PAGE, tmp_path / name)


def test_a_name_that_cannot_be_is_one_error(tmp_path):
    target = tmp_path / ("x" * 300 + ".html")
    with pytest.raises(StoreError, match="cannot be written"):
        write_page(PAGE, target)
    assert list(tmp_path.iterdir()) == []
