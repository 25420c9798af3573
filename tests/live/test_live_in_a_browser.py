"""The live page in a real browser: it follows a training, obeys its own policy, and shows hostile names as text."""

import contextlib
import shutil
import threading
import time

import numpy as np
import pytest
import xgboost as xgb

import treedebug
from tests.reports.html import pages_of
from tests.reports.html.browser import missing, open_browser
from treedebug.api.known_rules import chosen_rules
from treedebug.engine.config import Config
from treedebug.live import server

sync_api = pytest.importorskip("playwright.sync_api")
Error = sync_api.Error
pytestmark = [pytest.mark.slow, pytest.mark.skipif(bool(missing()), reason=missing() or "a browser is here")]
READY = "document.documentElement.dataset.drawn"


def until(page, condition, *, timeout=20.0):
    """Wait for a condition; playwright's own waiting evaluates texts in the page, which the policy forbids."""
    ends = time.monotonic() + timeout
    while time.monotonic() < ends:
        with contextlib.suppress(Error):  # between two pages
            if page.evaluate(condition):
                return
        time.sleep(0.05)
    raise AssertionError(f"{condition} did not come true in {timeout} s")


@contextlib.contextmanager
def served(folder, **more):
    """The address of a server in a thread of this process."""
    opened = server.open_server(folder, chosen_rules(Config()), host="127.0.0.1", port=0, **more)
    thread = threading.Thread(target=opened.run, daemon=True)
    thread.start()
    try:
        yield opened.address.rstrip("/")
    finally:
        opened.stop()
        thread.join(10)


@pytest.fixture(scope="module")
def browser():
    with open_browser() as opened:
        yield opened


@contextlib.contextmanager
def looked_at(browser, address, *, width=1280, scheme="light"):
    context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme)
    try:
        page = context.new_page()
        page.said = []
        page.on("console", lambda m: page.said.append(m.text) if m.type in ("error", "warning") else None)
        page.on("pageerror", lambda e: page.said.append(str(e)))
        page.on("dialog", lambda d: (page.said.append(f"dialog {d.message}"), d.dismiss()))
        page.goto(address)
        until(page, READY)
        yield page
    finally:
        context.close()


def slow_training(path, n_rounds, *, started, pause=0.1):
    """A training of about `n_rounds * pause` seconds, in this thread."""

    class Pause(xgb.callback.TrainingCallback):
        def after_iteration(self, model, epoch, evals_log):
            started.set()
            time.sleep(pause)
            return False

    rng = np.random.default_rng(0)
    x = rng.normal(size=(300, 5))
    y = (x[:, 0] + rng.normal(size=300) > 0).astype(int)
    train, valid = xgb.DMatrix(x[:200], y[:200]), xgb.DMatrix(x[200:], y[200:])
    callbacks = [treedebug.XGBoostCallback(path, quiet=True), Pause()]
    params = {"objective": "binary:logistic", "nthread": 1, "verbosity": 0}
    xgb.train(
        params, train, n_rounds, evals=[(train, "train"), (valid, "valid")], callbacks=callbacks, verbose_eval=False
    )


LAST_ROUND = (
    """() => Math.max(0, ...treedebug.data.pictures.learning_curves?.curves.map(c => c.rounds.at(-1)) ?? [0])"""
)


def test_a_run_is_followed_without_a_reload(browser, tmp_path):
    started = threading.Event()
    training = threading.Thread(
        target=slow_training, args=(tmp_path / "runs" / "one", 120), kwargs={"started": started}
    )
    training.start()
    assert started.wait(30)
    time.sleep(1.5)
    with served(tmp_path / "runs") as address, looked_at(browser, address) as page:
        page.click("text=one")
        until(page, READY)
        page.evaluate("window.stillHere = true")
        until(page, f"({LAST_ROUND})() > 15")
        seen = []
        for _ in range(6):
            seen.append(page.evaluate(LAST_ROUND))
            page.wait_for_timeout(1000)
        assert len(set(seen)) >= 4, seen
        assert "running" in page.inner_text("#live-status")
        training.join()
        until(page, "document.getElementById('live-status').innerText.startsWith('finished')")
        until(page, "document.querySelector('.facts').innerText.includes('finished')")
        assert page.evaluate(LAST_ROUND) == 119
        chart = ".chart[data-picture=learning_curves]:not([data-focus]) figure > svg"
        drawn = page.evaluate(f"document.querySelector('{chart}').scale('x').domain[1]")
        assert drawn >= 119
        assert page.evaluate("window.stillHere")
        assert page.said == []
        shutil.rmtree(tmp_path / "runs" / "one")
        until(page, "document.getElementById('live-status').innerText.includes('gone')")
        assert page.evaluate(LAST_ROUND) == 119


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    top = tmp_path_factory.mktemp("runs")
    for depth in (1, 3, 6):
        pages_of.record(
            pages_of.two_classes, {"objective": "binary:logistic", "max_depth": depth}, path=top / f"d{depth}"
        )
    hostile = top / "<img src=x onerror=alert(1)> \u202e&?#%"
    pages_of.binary(n_rounds=12, path=hostile, name="</script><script>alert(2)</script>", tags=["<b>"])
    return top


@pytest.fixture(scope="module")
def address(folder):
    with served(folder) as found:
        yield found


def ids(page):
    return page.evaluate("[...document.querySelectorAll('input[name=run]')].map(i => i.value)")


@pytest.mark.parametrize(("width", "scheme"), [(360, "dark"), (1280, "light")])
def test_every_page_obeys_its_policy_and_fits_its_screen(browser, address, width, scheme):
    with looked_at(browser, address, width=width, scheme=scheme) as page:
        asked = "&".join(f"run={i}" for i in ids(page))
        runs = ids(page)
        assert len(runs) == 4
        for path in ("/", *(f"/run/{i}" for i in runs), f"/board?{asked}", f"/compare?{asked}"):
            page.goto(address + path)
            until(page, READY)
            page.wait_for_timeout(400)
            assert page.evaluate("document.documentElement.scrollWidth") <= width, path
            undrawn = page.evaluate(
                "[...document.querySelectorAll('.chart')].filter(c => c.clientWidth && !c.querySelector('svg')).length"
            )
            assert undrawn == 0, path
            assert page.evaluate("document.querySelectorAll('img, script:not([src]):not([type])').length") == 0
        assert page.said == []


def test_the_list_is_searched_sorted_ticked_and_compared(browser, address):
    with looked_at(browser, address) as page:
        page.fill("input[name=where]", "max_depth >= 3")
        page.fill("input[name=text]", "d")
        page.keyboard.press("Enter")
        until(page, "document.querySelector('.counts').innerText.startsWith('3 of 4')")
        page.click("th a:has-text('max_depth')")
        until(page, "document.querySelector('th[aria-sort]').innerText.includes('max_depth')")
        for box in page.query_selector_all("input[name=run]")[:2]:
            box.check()
        page.click("button:has-text('Side by side')")
        until(page, "document.querySelectorAll('.board figure > svg').length === 2")
        page.click("text=Compare them")
        until(page, "document.title.endsWith('comparison')")
        assert page.said == []


def test_there_is_no_serious_barrier(browser, address):
    axe = pytest.importorskip("axe_playwright_python.sync_playwright").Axe()
    context = browser.new_context(viewport={"width": 360, "height": 900}, color_scheme="dark", bypass_csp=True)
    page = context.new_page()
    page.goto(address)
    asked = "&".join(f"run={i}" for i in ids(page))
    for path in ("/", f"/board?{asked}"):
        page.goto(address + path)
        until(page, READY)
        found = axe.run(page).response["violations"]
        assert [(v["id"], v["nodes"][0]["html"][:200]) for v in found if v["impact"] in ("serious", "critical")] == []
    context.close()


def test_what_is_ticked_and_opened_stays_when_the_page_is_fetched_again(browser, folder, tmp_path):
    shutil.copytree(folder, tmp_path / "runs")
    with served(tmp_path / "runs") as address, looked_at(browser, address) as page:
        page.wait_for_timeout(2500)
        page.query_selector_all("input[name=run]")[1].check()
        ticked = page.evaluate("document.querySelector('input:checked').value")
        page.fill("input[name=text]", "half a wo")
        shutil.copytree(tmp_path / "runs" / "d1", tmp_path / "runs" / "later")
        until(page, "document.body.innerText.includes('later')")
        assert page.evaluate("document.querySelector('input:checked').value") == ticked
        assert page.input_value("input[name=text]") == "half a wo"
        assert page.said == []
