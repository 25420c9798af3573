"""Every text and mark stands out from what lies behind it, and what is pressed is large enough, in both lights.

axe looks at the texts of HTML alone; these look at the drawings too, by the formulas of WCAG 2.2: 4.5 to 1 for text
(1.4.3), 3 to 1 for marks (1.4.11), 24 by 24 pixels for what is pressed (2.5.8).
"""

import pytest

from tests.reports.html.browser import missing, open_page

pytestmark = pytest.mark.skipif(bool(missing()), reason=missing() or "a browser is here")
NAMES = ("binary", "many runs")
MORE = tuple(pytest.param(n, marks=pytest.mark.slow) for n in ("regression", "classes", "hostile", "network", "table"))

COLORS = """
const canvas = document.createElement("canvas").getContext("2d", {willReadFrequently: true});
function rgba(text) {  // any colour that CSS knows, as 0..1
    canvas.clearRect(0, 0, 1, 1);
    canvas.fillStyle = "rgba(0, 0, 0, 0)";
    canvas.fillStyle = text;
    canvas.fillRect(0, 0, 1, 1);
    return [...canvas.getImageData(0, 0, 1, 1).data].map(v => v / 255);
}
const over = ([r, g, b, a], [x, y, z]) => [r * a + x * (1 - a), g * a + y * (1 - a), b * a + z * (1 - a), 1];
const linear = v => (v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
const light = ([r, g, b]) => 0.2126 * linear(r) + 0.7152 * linear(g) + 0.0722 * linear(b);
const ratio = (a, b) => (Math.max(light(a), light(b)) + 0.05) / (Math.min(light(a), light(b)) + 0.05);
function shown(element, name) {  // the colour of a fill or stroke, with every opacity above it
    const style = getComputedStyle(element);
    const color = rgba(style[name]);
    let opacity = Number(style[`${name}Opacity`] || 1);
    for (let at = element; at && at.tagName !== "BODY"; at = at.parentElement) {
        opacity *= Number(getComputedStyle(at).opacity);
    }
    return style[name] === "none" ? [0, 0, 0, 0] : [...color.slice(0, 3), color[3] * opacity];
}
function paper(element) {  // the colour of the page behind an element
    for (let at = element; at; at = at.parentElement) {
        const color = rgba(getComputedStyle(at).backgroundColor);
        if (color[3] > 0.99) return color;
    }
    return rgba("white");
}
function behind(text) {  // the filled shapes that were drawn before a text and hold its middle
    const box = text.getBoundingClientRect(), x = box.x + box.width / 2, y = box.y + box.height / 2;
    let color = paper(text);
    for (const shape of text.closest("svg").querySelectorAll("rect, circle")) {
        if (!(shape.compareDocumentPosition(text) & Node.DOCUMENT_POSITION_FOLLOWING)) continue;
        const b = shape.getBoundingClientRect();
        if (x >= b.left && x <= b.right && y >= b.top && y <= b.bottom) color = over(shown(shape, "fill"), color);
    }
    return color;
}
const what = e => [
    e.closest("[data-picture]")?.dataset.picture, e.tagName, e.textContent.slice(0, 30),
    e.parentElement.className.baseVal,
].join(" ");
"""
TEXTS = """() => [...document.querySelectorAll(".chart svg text")].filter(t => t.textContent.trim()).map(t => {
    const halo = shown(t, "stroke");
    const ground = halo[3] > 0.9 && parseFloat(getComputedStyle(t).strokeWidth) >= 3 ? halo : behind(t);
    return [what(t), ratio(over(shown(t, "fill"), ground), ground)];
}).filter(([, r]) => r < 4.5)"""
MARKS = """() => [
    ".curve path", ".rank path", ".intervals path", ".bars rect", ".dots circle", ".nodes circle", ".best-mark circle",
    ".rows circle",
].flatMap(s => [...document.querySelectorAll(`.chart svg ${s}`)]).concat([...document.querySelectorAll(".legend line")])
    .filter(e => e.tagName !== "rect" || Number(e.getAttribute("height")) > 0)
    .map(e => [what(e), Math.max(...["fill", "stroke"].map(n => ratio(over(shown(e, n), paper(e)), paper(e))))])
    .filter(([, r]) => r < 3)"""
TARGETS = """() => [...document.querySelectorAll("button, select, summary, nav a")].filter(e => e.offsetParent)
    .map(e => [`${e.tagName} ${e.textContent.slice(0, 30)}`, e.getBoundingClientRect()])
    .filter(([, b]) => b.width < 24 || b.height < 24).map(([name, b]) => `${name}: ${b.width} x ${b.height}`)"""


@pytest.mark.parametrize("name", [*NAMES, *MORE])
def test_texts_marks_and_targets(pages, browser, name):
    with open_page(browser, pages[name], width=360, scheme="light", bypass_csp=True) as page:
        page.add_script_tag(content=COLORS)
        assert page.evaluate("document.querySelectorAll('.chart svg text').length") > 10
        assert page.evaluate(TARGETS) == []
        assert page.evaluate("document.documentElement.scrollWidth") <= 360
        for scheme in ("light", "dark"):
            page.emulate_media(color_scheme=scheme)
            assert (scheme, page.evaluate(TEXTS)) == (scheme, [])
            assert (scheme, page.evaluate(MARKS)) == (scheme, [])


def test_the_formulas_are_those_of_wcag(pages, browser):
    with open_page(browser, pages["binary"], bypass_csp=True) as page:
        page.add_script_tag(content=COLORS)
        assert page.evaluate("ratio(rgba('black'), rgba('white'))") == pytest.approx(21.0)
        assert page.evaluate("ratio(rgba('#777'), rgba('white'))") == pytest.approx(4.48, abs=0.01)
        assert page.evaluate("over(rgba('rgba(0, 0, 0, 0.5)'), rgba('white'))[0]") == pytest.approx(0.5, abs=0.01)
