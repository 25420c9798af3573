"""SY807; trained on real clusters in tests/recorders/test_clusters.py."""

from __future__ import annotations

from treedebug.rules.system.uneven_workers import UnevenWorkers
from treedebug.testing import header, rule_test


def shared(*rows, n_workers=None, name="train"):
    workers = [{"rank": i, "host": f"node{i}", "rows": {name: n}} for i, n in enumerate(rows)]
    data = {"train": {"n_rows": sum(rows), "is_training": True}}
    return header(library="xgboost", data=data, n_workers=n_workers or len(rows), workers=workers)


test_uneven_workers = rule_test(
    UnevenWorkers(),
    fires={
        "three quarters of two": (shared(300, 100), {"largest_rows": 300, "even_rows": 200.0, "n_workers": 2}),
        "one of four has most": shared(900, 100, 100, 100),
        "one has none": shared(0, 100),
    },
    silent={
        "even": shared(100, 100),
        "a little more": shared(140, 100, 60),
        "no rows at all": shared(0, 0),
    },
    skipped={
        "one process": header(library="xgboost", n_workers=1),
        "of one machine only": shared(100, n_workers=2),
        "of other data": shared(100, 100, name="valid"),
        "nothing known": header(),
    },
)
