"""Columns over time: the series of a time are on top of each other."""

from __future__ import annotations

import math
from collections import defaultdict
from datetime import datetime

from archive.charts.model import Plot, show_count
from archive.charts.svg import MARGIN, WIDTH, measure, write_line, write_mark, write_text
from archive.charts.timeaxis import find_ticks

_HEIGHT = 240
_MAX_WIDTH = 64
_MAX_TICKS = 4


def draw_columns(plot: Plot, top: float) -> tuple[list[str], float]:
    """Draw columns, and return where they end."""
    colors = plot.find_colors()
    sums: dict[datetime, float] = defaultdict(float)
    for point in plot.points:
        sums[point.time] += max(point.value, 0)
    step = _find_step(max(sums.values()), all(point.value % 1 == 0 for point in plot.points))
    steps = math.ceil(max(sums.values()) / step) or 1
    top, bottom = top + 12, top + 12 + _HEIGHT
    scale = _HEIGHT / (steps * step)
    left = MARGIN + measure(show_count(steps * step)) + 8

    parts = []
    for at in range(steps + 1):
        y = bottom - at * step * scale
        parts.append(write_line(left, y, WIDTH - MARGIN, y))
        parts.append(write_text(left - 8, y + 4, show_count(at * step), "dim", "end"))

    start, end = plot.points[0].time, plot.points[-1].time
    period = plot.find_period()
    second = (WIDTH - MARGIN - left) / ((end - start).total_seconds() + period)
    width = max(min(period * second * 0.85, _MAX_WIDTH), 1)

    def find_x(time: datetime) -> float:
        return left + ((time - start).total_seconds() + period / 2) * second

    filled: dict[datetime, float] = defaultdict(float)
    for point in sorted(plot.points, key=lambda point: colors[point.series]):
        height = max(point.value, 0) * scale
        filled[point.time] += height
        area = (find_x(point.time) - width / 2, bottom - filled[point.time], width, height)
        parts.append(write_mark(area, point, colors[point.series]))

    previous = ""
    for time, near, far in find_ticks(start, end, period):
        parts.append(write_line(find_x(time), bottom, find_x(time), bottom + 5))
        parts.append(write_text(find_x(time), bottom + 18, near, anchor="middle"))
        if far != previous:
            middle = max(find_x(time), MARGIN + measure(far) / 2)
            parts.append(write_text(middle, bottom + 34, far, "dim", "middle"))
        previous = far
    return parts, bottom + 38


def _find_step(most: float, whole: bool) -> float:
    """Find the distance of round numbers on the axis; of whole numbers if all values are."""
    least = most / _MAX_TICKS or 1
    power = 10.0 ** math.floor(math.log10(least))
    step = next(power * factor for factor in (1, 2, 5, 10) if power * factor >= least * 0.9999)
    return max(round(step), 1) if whole else step
