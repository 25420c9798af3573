"""A headless Chromium for the tests that look at pages, or the reason why there is none."""

import contextlib
import shutil

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


def executable():
    return next((found for name in NAMES if (found := shutil.which(name))), None)


def missing():
    """Why pages cannot be looked at here; "" if they can."""
    try:
        import playwright.sync_api  # noqa: F401 - only asked whether it is there
    except ImportError:
        return "needs playwright: pip install playwright"
    return "" if executable() else "needs a Chromium: apt-get install chromium"


@contextlib.contextmanager
def open_browser():
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable(), args=["--no-sandbox"])
        try:
            yield browser
        finally:
            browser.close()


@contextlib.contextmanager
def open_page(browser, path, *, width=1280, scheme="light", **more):
    """A page of a file; `page.said` are the errors and warnings of its console, `page.asked` the addresses it asked."""
    context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme, **more)
    try:
        page = context.new_page()
        page.said, page.asked = [], []
        page.on("console", lambda m: page.said.append(m.text) if m.type in ("error", "warning") else None)
        page.on("pageerror", lambda e: page.said.append(str(e)))
        page.on("dialog", lambda d: (page.said.append(f"dialog {d.message}"), d.dismiss()))
        page.on("request", lambda r: page.asked.append(r.url))
        page.goto(path.as_uri())
        page.wait_for_function(
            "document.documentElement.dataset.drawn || document.readyState === 'complete'", timeout=20_000
        )
        yield page
    finally:
        context.close()
