"""Search, filters, conditions and sorting of the list."""

from pathlib import Path

import pytest

from treedebug.core.errors import ConfigError
from treedebug.live.listed_run import ListedRun, id_of
from treedebug.live.run_query import RunQuery, choices_of


def listed(place, *, params=None, **row):
    known = {"state": "finished", "findings": "", "name": "", "library": "xgboost", **row}
    return ListedRun(id_of(place), place, Path(place), (1, 1), row=known, params=params or {})


RUNS = [
    listed("a", params={"max_depth": 3, "booster": "gbtree"}, best=0.3, n_rounds=10, findings="CV101,CV102",
           dataset="valid", metric="logloss", started="2026-01-01"),
    listed("b", params={"max_depth": 10}, best=0.1, n_rounds=200, state="running", findings="TR201", dataset="valid",
           metric="logloss", started="2026-01-03"),
    listed("c", params={"max_depth": "deep"}, best=None, n_rounds=None, name="Churn", started="2026-01-02"),
    listed("d", params={"max_depth": 5}, best=float("nan"), n_rounds=7, findings="", dataset="valid", metric="auc"),
]  # fmt: skip


def places(**asked):
    return "".join(run.place for run in RunQuery.of(asked).chosen(RUNS))


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ({}, "bcad"),  # the newest first, those without a start last
        ({"text": "churn"}, "c"),
        ({"text": "max_depth=10"}, "b"),
        ({"text": "xgboost cv102"}, "a"),
        ({"text": "nowhere"}, ""),
        ({"finding": "CV102"}, "a"),
        ({"finding": "CV"}, "a"),
        ({"status": "running"}, "b"),
        ({"metric": "valid auc"}, "d"),
        ({"sort": "best"}, "badc"),
        ({"sort": "best", "order": "down"}, "abcd"),
        ({"sort": "rounds", "order": "up"}, "dabc"),
        ({"sort": "max_depth"}, "adbc"),  # numbers before words
        ({"sort": "no such thing"}, "abcd"),
        ({"sort": "run", "order": "down"}, "dcba"),
        ({"where": "max_depth >= 5", "sort": "run"}, "bd"),
        ({"where": "max_depth >= 5, best < 0.2"}, "b"),
        ({"where": "max_depth = deep"}, "c"),
        ({"where": "max_depth=3.0"}, "a"),
        ({"where": "booster != gbtree"}, ""),
        ({"where": "rounds>100"}, "b"),
        ({"where": "status = Finished, findings = TR201"}, ""),
        ({"where": "best > -1", "sort": "run"}, "ab"),
    ],
)
def test_what_is_asked_for_is_shown(asked, found):
    assert places(**asked) == found


@pytest.mark.parametrize("where", ["max_depth", ">= 3", "max_depth >=", "a ~ b"])
def test_a_condition_that_is_none_is_refused(where):
    with pytest.raises(ConfigError, match="max_depth >= 6"):
        places(where=where)


@pytest.mark.parametrize(("page", "number"), [("3", 3), ("0", 1), ("-1", 1), ("x", 1), ("9" * 99, 1), ("²", 1)])
def test_a_page_is_a_number(page, number):
    assert RunQuery.of({"page": page}).page == number


def test_the_filters_offer_what_there_is():
    offered = choices_of(RUNS)
    assert offered.findings == [("CV101", 1), ("CV102", 1), ("TR201", 1)]
    assert dict(offered.states) == {"finished": 3, "running": 1}
    assert offered.metrics == [("valid logloss", 2), ("valid auc", 1)]
    assert offered.parameters == ["max_depth"]


def test_an_id_is_safe_in_any_address():
    for place in ("a/b", "a?b#c", "\udcff", "../..", "<script>"):
        assert id_of(place).isalnum()
    assert id_of("a") != id_of("b")
