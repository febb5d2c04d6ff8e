"""A small line chart with logarithmic axes as SVG: one panel per latency, one line per contender."""

from collections.abc import Mapping, Sequence
from math import ceil, floor, log10
from typing import Final

_WIDTH: Final = 380
_HEIGHT: Final = 300
_LEFT: Final = 60
_TOP: Final = 40
_GAP: Final = 70
_COLOURS: Final = ("#0b6e4f", "#7a7a7a", "#c1440e", "#3355aa")

Line = Sequence[tuple[float, float]]


def chart(panels: Mapping[str, Mapping[str, Line]], *, x: str, y: str) -> str:
    """Draw `panels`, title to lines by name; the lines of one name have one colour."""
    points = [point for lines in panels.values() for line in lines.values() for point in line]
    low, high = floor(log10(min(p[1] for p in points))), ceil(log10(max(p[1] for p in points)))
    names = list(dict.fromkeys(name for lines in panels.values() for name in lines))
    ticks = sorted({p[0] for p in points})
    left, right = log10(ticks[0]), log10(ticks[-1])
    width = _LEFT + len(panels) * (_WIDTH + _GAP)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {_TOP + _HEIGHT + 90}">',
        "<style>text { font: 12px sans-serif }</style>",
        '<rect width="100%" height="100%" fill="#ffffff"/>',
    ]

    def up(value: float) -> float:
        return _TOP + _HEIGHT * (high - log10(value)) / (high - low)

    for number, (title, lines) in enumerate(panels.items()):
        start = _LEFT + number * (_WIDTH + _GAP)

        def across(value: float, start: float = start) -> float:
            return start + _WIDTH * (log10(value) - left) / (right - left)

        parts.append(_text(start + _WIDTH / 2, _TOP - 14, title, "middle"))
        for power in range(low, high + 1):
            at = up(10.0**power)
            parts.append(_stroke([(start, at), (start + _WIDTH, at)], "#dddddd", 1))
            parts.append(_text(start - 6, at + 4, f"{10.0**power:g}", "end"))
        for tick in ticks:
            parts.append(_stroke([(across(tick), _TOP), (across(tick), _TOP + _HEIGHT)], "#eeeeee", 1))
            parts.append(_text(across(tick), _TOP + _HEIGHT + 16, f"{tick:,.0f}", "middle"))
        parts.append(_text(start + _WIDTH / 2, _TOP + _HEIGHT + 34, x, "middle"))
        for name, line in lines.items():
            drawn = [(across(a), up(b)) for a, b in line]
            colour = _COLOURS[names.index(name) % len(_COLOURS)]
            parts.append(_stroke(drawn, colour, 2))
            parts += [f'<circle cx="{a:.1f}" cy="{b:.1f}" r="3" fill="{colour}"/>' for a, b in drawn]
    for number, name in enumerate(names):
        at, row = _LEFT + number * 200, _TOP + _HEIGHT + 62
        parts.append(_stroke([(at, row - 4), (at + 24, row - 4)], _COLOURS[number % len(_COLOURS)], 2))
        parts.append(_text(at + 30, row, name, "start"))
    middle = _TOP + _HEIGHT / 2
    parts.append(f'<text transform="translate(14 {middle:.0f}) rotate(-90)" text-anchor="middle">{y}</text>')
    return "\n".join([*parts, "</svg>", ""])


def _text(x: float, y: float, text: str, anchor: str) -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{text}</text>'


def _stroke(points: Line, colour: str, width: int) -> str:
    joined = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
    return f'<polyline points="{joined}" fill="none" stroke="{colour}" stroke-width="{width}"/>'
