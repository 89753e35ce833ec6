"""Bars: one per row, with its name before it and its value behind it."""

from __future__ import annotations

from archive.charts.model import Plot, show_count
from archive.charts.svg import MARGIN, WIDTH, fit, measure, write_mark, write_text

_ROW = 22
_MAX_LABEL = 330


def draw_bars(plot: Plot, top: float) -> tuple[list[str], float]:
    """Draw bars, and return where they end."""
    colors = plot.find_colors()
    values = [point.value for point in plot.points]
    labels = [fit(point.label, _MAX_LABEL) for point in plot.points]
    left = MARGIN + max(map(measure, labels)) + 8
    room = WIDTH - MARGIN - left - max(measure(show_count(value)) for value in values) - 6
    low, high = min(0, *values), max(0, *values)
    scale = room / ((high - low) or 1)
    zero = left - low * scale
    parts = []
    for at, (point, label) in enumerate(zip(plot.points, labels, strict=True)):
        y = top + at * _ROW
        start, end = sorted((zero, zero + point.value * scale))
        parts += [
            write_text(left - 8, y + 15, label, anchor="end"),
            write_mark((start, y + 3, end - start, _ROW - 6), point, colors[point.series]),
            write_text(end + 6, y + 15, show_count(point.value)),
        ]
    return parts, top + len(labels) * _ROW
