"""The deciding metric as a small drawing that needs no script: for notebooks, and while it trains."""

from __future__ import annotations

from collections.abc import Sequence

from treedebug.core.html_text import Html, escaped
from treedebug.pictures.learning_curves import Curve, LearningCurves
from treedebug.reports.phrasing import short

_WIDTH, _HEIGHT, _LEFT, _BOTTOM, _TOP, _RIGHT = 460, 150, 54, 20, 8, 8
_VALID, _TRAIN = "#2a7de1", "#8a94a3"


def small_curves(picture: LearningCurves) -> Html:
    """Return an SVG of the deciding metric, or of the first; "" where there is nothing to draw."""
    metric = picture.curves[0 if picture.deciding is None else picture.deciding].metric
    curves = [c for c in picture.curves if c.metric == metric and len(c.values) > 1]
    if not curves:
        return Html("")
    low, high = min(float(c.values.min()) for c in curves), max(float(c.values.max()) for c in curves)
    first, last = min(int(c.rounds[0]) for c in curves), max(int(c.rounds[-1]) for c in curves)
    area = _Area(first, last, low, high if high > low else low + 1.0)
    lines = [_line(area, c, is_deciding=picture.curves.index(c) == picture.deciding) for c in curves]
    best = "" if picture.best_round is None else _best(area, picture.best_round, picture.best_value)
    names = ", ".join(f"{c.dataset} {short(c.last_value)}" for c in curves)
    said = f"{metric} by round; last values: {names}"
    texts = [
        _text(_LEFT - 6, area.y(high) + 4, short(high), "end"),
        _text(_LEFT - 6, area.y(low), short(low), "end"),
        _text(_LEFT, _HEIGHT - 5, f"round {first}", "start"),
        _text(_WIDTH - _RIGHT, _HEIGHT - 5, str(last), "end"),
    ]
    return Html(
        f'<svg role="img" aria-label="{escaped(said)}" width="{_WIDTH}" height="{_HEIGHT}" '
        f'viewBox="0 0 {_WIDTH} {_HEIGHT}" style="max-width:100%;height:auto;color:inherit">'
        f'<path d="M{_LEFT} {_TOP}V{_HEIGHT - _BOTTOM}H{_WIDTH - _RIGHT}" fill="none" stroke="currentColor" '
        f'stroke-opacity="0.35"/>{"".join(lines)}{best}{"".join(texts)}</svg>'
    )


class _Area:
    """Where a value lies in the drawing."""

    def __init__(self, first: int, last: int, low: float, high: float) -> None:
        self._first, self._width = first, max(last - first, 1)
        self._low, self._span = low, high - low

    def x(self, round_index: float) -> float:
        return _LEFT + (round_index - self._first) / self._width * (_WIDTH - _LEFT - _RIGHT)

    def y(self, value: float) -> float:
        return _HEIGHT - _BOTTOM - (value - self._low) / self._span * (_HEIGHT - _BOTTOM - _TOP)


def _line(area: _Area, curve: Curve, *, is_deciding: bool) -> str:
    points = " ".join(f"{area.x(r):.1f},{area.y(v):.1f}" for r, v in _pairs(curve))
    color, dash = (_TRAIN, ' stroke-dasharray="5 3"') if curve.is_training else (_VALID, "")
    return (
        f'<polyline points="{points}" fill="none" stroke="{color}" stroke-width="{2 if is_deciding else 1.5}"{dash}/>'
    )


def _pairs(curve: Curve) -> Sequence[tuple[int, float]]:
    return list(zip(curve.rounds.tolist(), curve.values.tolist(), strict=True))


def _best(area: _Area, best_round: int, value: float) -> str:
    x, y = area.x(best_round), area.y(value)
    anchor, dx = ("end", -8) if x > _WIDTH * 0.6 else ("start", 8)
    label = _text(x + dx, min(y + 16, _HEIGHT - _BOTTOM - 4), f"best: {short(value)} in round {best_round}", anchor)
    return f'<circle cx="{x:.1f}" cy="{y:.1f}" r="4" fill="{_VALID}"/>{label}'


def _text(x: float, y: float, text: str, anchor: str) -> str:
    place = f'x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}"'
    return f'<text {place} font-size="11" fill="currentColor">{escaped(text)}</text>'
