"""A browser, and the pages that are looked at: each is made when a test first asks for it."""

import numpy as np
import pandas as pd
import pytest

import treedebug
from tests.reports.html import pages_of
from tests.reports.html.browser import open_browser


@pytest.fixture(scope="session")
def browser():
    with open_browser() as opened:
        yield opened


class Made(dict):
    """What its functions make, by name, once."""

    def __init__(self, makers):
        self.makers = makers

    def __missing__(self, name):
        self[name] = self.makers[name]()
        return self[name]


RUNS = {
    "binary": pages_of.binary,
    "regression": pages_of.regression,
    "classes": pages_of.multiclass,
    "hostile": lambda: pages_of.binary(names=pages_of.HOSTILE, name="<script>alert(7)</script>", tags=["</script>"]),
    "one round": lambda: pages_of.binary(n_rounds=1),
    "empty": lambda: treedebug.Run(treedebug.RunData()),
    "network": pages_of.network,
}


@pytest.fixture(scope="session")
def runs():
    return Made(RUNS)


@pytest.fixture(scope="session")
def pages(runs, tmp_path_factory):
    folder = tmp_path_factory.mktemp("pages")

    def page_of(name):
        return lambda: runs[name].report(folder / f"{name}.html")

    def table():
        rng = np.random.default_rng(0)
        found = pd.DataFrame(rng.normal(size=(300, 4)), columns=["a", "b", "c", "<img src=x onerror=alert(3)>"])
        found["y"] = (found["a"] > 0).astype(int)
        found.loc[:40, "b"] = np.nan
        return treedebug.report(found, folder / "table.html", target="y")

    def two():
        return treedebug.compare(runs["binary"], pages_of.binary(seed=1)).report(folder / "two.html")

    def many():
        several = [
            pages_of.regression(n_rounds=12, path=folder / f"depth{d}-eta{e}") for d, e in ((1, 1), (2, 2), (3, 3))
        ]
        others = (pages_of.record(pages_of.amounts, {"max_depth": d}, n_rounds=12) for d in (1, 2, 4, 5, 6, 8))
        return treedebug.compare(*several, *others).report(folder / "many.html")

    return Made({**{n: page_of(n) for n in RUNS}, "table": table, "two runs": two, "many runs": many})
