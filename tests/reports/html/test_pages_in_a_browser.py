"""The pages as a real browser shows them: what is drawn is what was recorded, for every eye, hand and ear."""

import itertools

import numpy as np
import pytest

import treedebug
from tests.reports.html.browser import missing, open_page

pytestmark = pytest.mark.skipif(bool(missing()), reason=missing() or "a browser is here")


NAMES = ("binary", "regression", "classes", "hostile", "one round", "table", "two runs", "many runs")
SLOW = (pytest.param("network", marks=pytest.mark.slow),)


@pytest.mark.parametrize("name", [*NAMES, *SLOW])
def test_it_opens_from_the_file_system_and_asks_nothing(pages, browser, name):
    for width, scheme in ((360, "dark"), (1280, "light")):
        with open_page(browser, pages[name], width=width, scheme=scheme) as page:
            assert page.said == []
            assert page.asked == [pages[name].as_uri()]
            assert page.evaluate("document.documentElement.scrollWidth") <= width
            undrawn = page.evaluate(
                "[...document.querySelectorAll('.chart')].filter(c => c.clientWidth && !c.querySelector('svg'))"
                ".map(c => c.dataset.picture)"
            )
            assert undrawn == []
            assert page.evaluate("document.querySelectorAll('.chart svg').length") >= 1
            odd = page.evaluate("[...document.querySelectorAll('text')].map(t => t.textContent).join()")
            assert not [word for word in ("NaN", "undefined", "Infinity") if word in odd]


def drawn(page, selector):
    """[x, y] of the points of a line, in the units of its axes."""
    return np.array(
        page.evaluate(
            """(selector) => {
                const path = document.querySelector(selector), svg = path.closest("svg");
                const x = svg.scale("x"), y = svg.scale("y");
                return path.getAttribute("d").slice(1).split(/[ML]/).map(p => p.split(",").map(Number))
                    .map(([a, b]) => [x.invert(a), y.invert(b)]);
            }""",
            selector,
        )
    )


def test_the_drawn_curves_are_the_recorded_ones(pages, browser, runs):
    frame = runs["binary"].metrics
    with open_page(browser, pages["binary"]) as page:
        for k, dataset in enumerate(("train", "valid")):
            known = frame[frame["dataset"] == dataset]
            points = drawn(page, f"section:has(#learning-curves) .curve-{k} path")
            assert np.allclose(points[:, 0], known["round_index"], atol=0.05)
            assert np.allclose(points[:, 1], known["value"], atol=0.005 * (np.ptp(known["value"]) + 0.1))
        wasted = page.evaluate(
            """() => {
                const rect = document.querySelector("section:has(#learning-curves) .wasted rect");
                const x = rect.closest("svg").scale("x");
                const from = Number(rect.getAttribute("x"));
                return [x.invert(from), x.invert(from + Number(rect.getAttribute("width")))];
            }"""
        )
    best = int(frame[frame["dataset"] == "valid"]["value"].to_numpy().argmin())
    assert wasted == pytest.approx([best + 1, 39], abs=0.1)


def test_the_drawn_bars_cells_and_nodes_are_the_recorded_ones(pages, browser, runs):
    run = runs["binary"]
    gain = run.importance(cumulative=True).groupby("feature")["value"].last().sort_values(ascending=False)
    last = [r for r in run.data.classes if r.dataset == "valid"][-1]
    with open_page(browser, pages["binary"]) as page:
        bars = page.evaluate(
            """() => [...document.querySelectorAll(".chart[data-picture=importance_bars]:not([data-focus]) .bars rect")]
                .map(r => [r.closest("svg").scale("x"), Number(r.getAttribute("x")), Number(r.getAttribute("width"))])
                .map(([scale, x, width]) => scale.invert(x + width))"""
        )
        cells = page.evaluate(
            """() => [...document.querySelector(".chart[data-picture=confusion]:not([data-focus]) svg .cells")
                .parentElement.querySelectorAll("g[data-mark=text] text")].map(t => Number(t.textContent))"""
        )
        nodes = page.evaluate("document.querySelectorAll('.chart[data-picture=one_tree] .nodes circle').length")
    assert np.allclose(bars, gain.to_numpy(), rtol=0.01)
    assert cells == last.confusion.ravel().tolist()
    assert nodes == len(run.nodes(0))


def test_a_network_s_rows_inputs_and_layers_are_the_recorded_ones(pages, browser, runs):
    run = runs["network"]
    picture = run.latent("1", max_rows=400)
    with open_page(browser, pages["network"]) as page:
        rows = page.evaluate(
            """() => [...document.querySelectorAll(".chart[data-picture=latent_space] .rows circle")].map(c =>
                ["x", "y"].map(n => c.closest("svg").scale(n).invert(Number(c.getAttribute(`c${n}`)))))"""
        )
        bars = page.evaluate(
            """() => [...document.querySelectorAll(".chart[data-picture=saliency] .bars rect")]
                .map(r => [r.closest("svg").scale("x"), Number(r.getAttribute("x")), Number(r.getAttribute("width"))])
                .map(([scale, x, width]) => scale.invert(x + width))"""
        )
        norms = drawn(page, ".chart[data-picture=layer_norms] .layer-0 path")
    assert np.allclose(rows, picture[["x", "y"]], atol=1e-3 * np.ptp(picture["x"]))
    assert bars == sorted(bars, reverse=True)
    assert len(bars) == 20
    frame = run.tensors
    own = frame[(frame["layer"] == "0.weight") & (frame["kind"] == "gradient") & (frame["statistic"] == "norm")]
    assert np.allclose(norms[:, 1], own["value"], rtol=0.02)


def test_a_finding_is_drawn_on_the_picture_it_speaks_of(pages, browser, runs):
    finding = next(f for f in treedebug.check(runs["binary"]) if f.code.startswith("CV") and f.rounds)
    with open_page(browser, pages["binary"]) as page:
        texts = page.evaluate("[...document.querySelectorAll('.chart[data-focus] svg text')].map(t => t.textContent)")
    assert finding.code in texts


@pytest.mark.parametrize(
    ("name", "width", "scheme"),
    [
        ("binary", 360, "dark"),
        ("binary", 1280, "light"),
        ("table", 360, "light"),
        ("many runs", 1280, "dark"),
        pytest.param("network", 1280, "light", marks=pytest.mark.slow),
    ],
)
def test_there_is_no_serious_barrier(pages, browser, name, width, scheme):
    axe = pytest.importorskip("axe_playwright_python.sync_playwright").Axe()
    with open_page(browser, pages[name], width=width, scheme=scheme, bypass_csp=True) as page:
        page.evaluate("document.querySelectorAll('details:not(.data)').forEach(d => { d.open = true; })")
        page.evaluate("document.querySelector('details.data').open = true")
        found = axe.run(page).response["violations"]
    assert [(v["id"], v["nodes"][0]["html"][:200]) for v in found if v["impact"] in ("serious", "critical")] == []


def test_it_is_used_by_keyboard(pages, browser):
    with open_page(browser, pages["binary"]) as page:
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.className") == "skip"
        page.keyboard.press("Enter")
        assert page.url.endswith("#main")
        listed = page.locator(".chart[data-picture=importance_bars]:not([data-focus]) select")
        before = page.evaluate("document.querySelectorAll('.bars text, .bars rect')[0].outerHTML")
        listed.focus()
        page.keyboard.press("ArrowDown")
        assert page.evaluate("document.querySelectorAll('.bars text, .bars rect')[0].outerHTML") != "" != before
        assert listed.input_value() == "1"
        details = page.locator("details.data").first
        details.locator("summary").focus()
        page.keyboard.press("Enter")
        page.wait_for_selector("details.data[open] table")
        assert page.locator("details.data[open] th").first.text_content() == "dataset"


def test_every_picture_has_a_text_and_a_table(pages, browser):
    with open_page(browser, pages["classes"]) as page:
        unnamed = page.evaluate("document.querySelectorAll('.chart svg[role=img]:not([aria-label])').length")
        levels = page.evaluate("[...document.querySelectorAll('h1, h2, h3, h4')].map(h => Number(h.tagName[1]))")
        page.evaluate("document.querySelectorAll('details.data').forEach(d => { d.open = true; })")
        page.wait_for_function("[...document.querySelectorAll('details.data')].every(d => d.querySelector('table'))")
    assert unnamed == 0
    assert levels[0] == 1
    assert all(b - a <= 1 for a, b in itertools.pairwise(levels))


def test_the_table_of_runs_is_sorted_by_its_headings(pages, browser):
    with open_page(browser, pages["many runs"]) as page:
        column = "[...document.querySelectorAll('table.sortable tbody tr')].map(r => Number(r.cells[1].dataset.value))"
        first = page.evaluate(column)
        assert first == sorted(first)
        head = page.locator("table.sortable th button").nth(1)
        head.press("Enter")
        head.press("Enter")
        assert page.evaluate(column) == sorted(first, reverse=True)
        assert page.locator("table.sortable th[aria-sort=descending]").count() == 1


def test_it_prints(pages, browser):
    with open_page(browser, pages["binary"]) as page:
        printed = page.pdf()
    assert printed.startswith(b"%PDF")
    assert len(printed) > 20_000
