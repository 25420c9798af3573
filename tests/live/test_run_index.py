"""The list keeps up with runs that come, grow, move, break and go."""

import shutil
from pathlib import Path

import pytest

import treedebug
from tests.live.asking import ask
from tests.reports.html import pages_of
from treedebug.api.known_rules import chosen_rules
from treedebug.engine.config import Config
from treedebug.live.app import make_app
from treedebug.live.keeper import Keeper
from treedebug.live.run_index import RunIndex
from treedebug.store.file_format import FILE_NAME
from treedebug.store.quick_look import quick_look


@pytest.fixture(scope="module")
def recorded(tmp_path_factory):
    folder = tmp_path_factory.mktemp("recorded") / "run"
    pages_of.binary(n_rounds=12, n=120, path=folder, name="<b>bold</b>")
    return folder


@pytest.fixture
def top(recorded, tmp_path):
    for place in ("a", "deep/b"):
        shutil.copytree(recorded, tmp_path / "runs" / place)
    return tmp_path / "runs"


def rows(index):
    return {run.place: run.row for run in index.runs.values()}


def test_the_two_ends_say_what_the_whole_says(top):
    index = RunIndex(top)
    index.refresh()
    first = rows(index)
    assert not index.n_whole
    assert not index.read_some(60)
    whole = rows(index)
    assert index.n_whole == 2
    for place, row in whole.items():
        assert {k: row[k] for k in first[place]} == first[place]
    frame = treedebug.runs(top).frame
    assert {place: row["findings"] for place, row in whole.items()} == frame["findings"].to_dict()
    assert {place: row["best"] for place, row in whole.items()} == frame["best"].to_dict()


def test_runs_come_and_go(top):
    index = RunIndex(top)
    index.refresh()
    before = index.version
    (top / "a").rename(top / "c")
    index.refresh(now=True)
    assert sorted(rows(index)) == ["c", str(Path("deep", "b"))]
    assert index.version > before
    shutil.rmtree(top)
    index.refresh(now=True)
    assert "no folder" in index.error
    assert len(index.runs) == 2  # what was seen stays on the page


def test_a_run_that_grew_is_read_again(top, recorded):
    whole = (recorded / FILE_NAME).read_bytes()
    file = top / "a" / FILE_NAME
    file.write_bytes(whole[: len(whole) // 2])
    index = RunIndex(top)
    index.refresh()
    assert rows(index)["a"]["state"] in {"killed", "running", "running or killed"}
    index.read_some(60)
    file.write_bytes(whole)
    for run in index.runs.values():
        run.looked_at -= 60
    index.refresh(now=True)
    index.read_some(60)
    assert rows(index)["a"]["state"] == "finished"


@pytest.mark.parametrize("data", [b"", b"\0" * 64, b"not a run at all", b"TREEDBG\n\x01\0\0\0" + b"\xff" * 500])
def test_a_damaged_run_is_listed_and_says_so(top, data):
    (top / "a" / FILE_NAME).write_bytes(data)
    app = make_app(Keeper(top, chosen_rules(Config())))
    status, _, text = ask(app, "/")
    assert status == 200
    assert "deep/b" in text
    keeper = Keeper(top, ())
    keeper.look()
    (name,) = [run.id for run in keeper.index.runs.values() if run.place == "a"]
    assert ask(app, f"/run/{name}")[0] in {200, 422}


def test_every_prefix_has_a_first_look(recorded, tmp_path):
    whole = (recorded / FILE_NAME).read_bytes()
    file = tmp_path / FILE_NAME
    for length in range(0, len(whole), 97):
        file.write_bytes(whole[:length])
        seen = quick_look(file)
        assert seen.ending is None
        assert not seen.error
    file.write_bytes(whole)
    assert quick_look(file).ending["n_rounds"] == 12


def test_the_pages_of_an_application(top):
    app = make_app(Keeper(top, chosen_rules(Config())))
    status, headers, text = ask(app, "/?sort=run")
    assert status == 200
    assert "<b>bold" not in text
    assert "&lt;b&gt;bold" in text
    first, second = (part.partition('"')[0] for part in text.split('href="/run/')[1:])
    for path in (f"/run/{first}", f"/board?run={first}&run={second}", f"/compare?run={first}&run={second}"):
        status, headers, text = ask(app, path)
        assert (status, "script-src 'self';" in headers["content-security-policy"]) == (200, True)
        assert "<script>" not in text
        assert "<b>bold" not in text
    for name in ("charts.js", "live.js", "page.css", "live.css"):
        assert ask(app, f"/assets/{name}")[0] == 200
    for path in ("/run/none", "/run/..%2f..", "/assets/../pyproject.toml", "/nothing", "/board?run=none&run=other"):
        assert ask(app, path)[0] == 404, path
    assert ask(app, f"/board?run={first}")[0] == 400
    assert ask(app, "/compare?" + "&".join(f"run={i}" for i in range(51)))[0] == 400
    assert ask(app, "/?where=max_depth")[0] == 200
    shutil.rmtree(top / "a")
    shutil.rmtree(top / "deep")
    assert ask(app, f"/run/{first}")[0] == 200  # what was read before


def test_a_run_that_was_deleted_leaves_its_page(top):
    keeper = Keeper(top, chosen_rules(Config()))
    keeper.look()
    name = next(iter(keeper.index.runs))
    run = keeper.follow(name)
    assert '"status":"finished' in run.strip()
    shutil.rmtree(run.listed.path)
    run.poll()
    assert "its files are gone" in run.strip()


def test_runs_in_object_storage_are_listed_and_shown(recorded):
    fs = pytest.importorskip("fsspec").filesystem("memory")
    fs.pipe("/live-page/runs/a/records.treedebug", (recorded / FILE_NAME).read_bytes())
    keeper = Keeper("memory://live-page/runs", chosen_rules(Config()))
    keeper.look()
    assert rows(keeper.index)["a"]["state"] == "finished"
    app = make_app(keeper)
    (name,) = keeper.index.runs
    assert ask(app, f"/run/{name}")[0] == 200
    fs.pipe("/live-page/runs/b/records.treedebug", (recorded / FILE_NAME).read_bytes())
    keeper.index.refresh(now=True)
    assert sorted(rows(keeper.index)) == ["a", "b"]


def test_a_storage_that_cannot_be_read_is_said_on_the_page():
    pytest.importorskip("fsspec")
    keeper = Keeper("nowhere://bucket/runs", ())
    keeper.look()
    status, _, text = ask(make_app(keeper), "/")
    assert status == 200
    assert "fsspec knows no storage" in text
