"""A heat map: a row per series, a column per label; the darker, the more."""

from __future__ import annotations

from collections.abc import Iterable

from archive.charts.model import Plot, show_count
from archive.charts.svg import MARGIN, WIDTH, fit, measure, write_mark, write_text

_ROW = 26
_LEAST, _MOST = 0.06, 0.6  # so that a number is readable on each
_MAX_LABEL = 160


def draw_cells(plot: Plot, top: float) -> tuple[list[str], float]:
    """Draw a heat map, and return where it ends."""
    rows = _number(point.series for point in plot.points)
    columns = _number(point.label for point in plot.points)
    names, labels = ([fit(text, _MAX_LABEL) for text in texts] for texts in (rows, columns))
    most = max(max(point.value for point in plot.points), 0) or 1
    left = MARGIN + max(map(measure, names)) + 8
    width = (WIDTH - MARGIN - left) / len(labels)
    bottom = top + len(rows) * _ROW
    parts = [
        write_text(left - 8, top + at * _ROW + 17, name, anchor="end")
        for at, name in enumerate(names)
    ]
    for point in plot.points:
        x = left + columns[point.label] * width
        y = top + rows[point.series] * _ROW
        share = max(point.value, 0) / most
        opacity = _LEAST + (_MOST - _LEAST) * share
        parts.append(write_mark((x + 1, y + 1, width - 2, _ROW - 2), point, 0, opacity))
        value = show_count(point.value)
        if point.value and measure(value) < width:
            parts.append(write_text(x + width / 2, y + 17, value, anchor="middle"))
    every = int(max(map(measure, labels)) // width) + 1
    for at in range(0, len(labels), every):
        middle = left + (at + 0.5) * width
        parts.append(write_text(middle, bottom + 16, labels[at], "dim", "middle"))
    return parts, bottom + 20


def _number(names: Iterable[str]) -> dict[str, int]:
    return {name: at for at, name in enumerate(dict.fromkeys(names))}
