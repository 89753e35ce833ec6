"""A report as a picture: bars and columns in the terminal, or a file by Altair."""

from __future__ import annotations

import shutil
import sys
from collections import defaultdict
from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Any, NamedTuple

import click

from archive.cli.formats.table import cut_text, measure_text, show_value

if TYPE_CHECKING:
    from archive.query.database import Result
    from archive.query.reports import Chart, Report

HEIGHT = 10
MARGIN = 30
_ACROSS = " ▏▎▍▌▋▊▉█"
_UP = " ▁▂▃▄▅▆▇█"


class Point(NamedTuple):
    """A row as it is drawn."""

    label: Any
    value: float
    series: Any


def draw(report: Report, result: Result, output: str | None) -> None:
    """Draw a report that has a chart. Raises MissingExtra where a file is to be drawn."""
    if report.chart is None:
        raise ValueError(f"{report.name} has no chart")
    points = list(_read_points(report.chart, result))
    if output is not None:
        from archive.cli.picture import save_picture

        save_picture(report.title, report.chart, points, output)
        return
    click.echo(f"{report.title}: {report.chart.value} by {report.chart.label}")
    lines = draw_columns(points) if report.chart.type == "time" else draw_bars(points)
    for line in lines:
        click.echo(line.rstrip())


def draw_bars(points: Sequence[Point], width: int | None = None) -> Iterable[str]:
    """A bar a row, the longest as wide as there is room."""
    room = width or _find_width()
    labels = [_name(point) for point in points]
    figures = [show_value(point.value) for point in points]
    named = min(max(map(measure_text, labels), default=0), room // 2)
    counted = max(map(len, figures), default=0)
    longest = max((point.value for point in points), default=0) or 1
    for label, figure, point in zip(labels, figures, points, strict=True):
        text = cut_text(label, named)
        bar = _fill(point.value / longest * max(room - named - counted - 4, 8))
        yield f"{text}{' ' * (named - measure_text(text))}  {bar} {figure}"


def draw_columns(points: Sequence[Point], width: int | None = None) -> Iterable[str]:
    """Columns over time for all series together, and a line of its own for each."""
    if not points:
        return
    room = width or _find_width()
    totals: dict[Any, dict[Any, float]] = defaultdict(dict)
    for point in points:
        totals[point.series][point.label] = point.value
    named = min(max(measure_text(show_value(name)) for name in totals), MARGIN)
    slots = _spread(sorted({point.label for point in points}), room - max(named, 12) - 10)
    every = _gather(slots, [(point.label, point.value) for point in points])
    top = max(every) or 1
    for row in reversed(range(HEIGHT)):
        cells = (min(max(value / top * HEIGHT - row, 0), 1) for value in every)
        axis = f"{show_value(top):>8} ┤" if row == HEIGHT - 1 else f"{'':>8} │"
        yield axis + "".join(_UP[round(cell * 8)] for cell in cells)
    yield f"{0:>8} └{'─' * len(every)}"
    first, last = show_value(points[0].label)[:16], show_value(points[-1].label)[:16]
    yield f"{'':>10}{first}{last:>{max(len(every) - len(first), len(last) + 2)}}"
    if len(totals) > 1:
        yield ""
        yield from _draw_series(totals, slots, named)


def _draw_series(
    totals: dict[Any, dict[Any, float]], slots: dict[Any, int], named: int
) -> Iterable[str]:
    for name, values in sorted(totals.items(), key=lambda item: -sum(item[1].values())):
        gathered = _gather(slots, list(values.items()))
        top = max(gathered) or 1
        line = "".join(_UP[-(-int(value * 8) // max(int(top), 1))] for value in gathered)
        text = cut_text(show_value(name), named)
        yield f"{text}{' ' * (named - measure_text(text))}  {line} {show_value(sum(gathered))}"


def _spread(moments: Sequence[Any], room: int) -> dict[Any, int]:
    """The column of each moment, so that the distance between them is the time between them."""
    start, end = moments[0], moments[-1]
    steps = [after - before for before, after in pairwise(moments)]
    if not steps:
        return {start: 0}
    wanted = round((end - start) / min(steps))
    last = max(min(wanted, room - 1), 1)
    return {moment: round((moment - start) / (end - start) * last) for moment in moments}


def _gather(slots: dict[Any, int], values: Iterable[tuple[Any, float]]) -> list[float]:
    gathered: list[float] = [0] * (max(slots.values()) + 1)
    for moment, value in values:
        gathered[slots[moment]] += value
    return gathered


def _read_points(chart: Chart, result: Result) -> Iterable[Point]:
    points = [
        Point(row[chart.label], row[chart.value] or 0, row[chart.series] if chart.series else None)
        for row in result.dicts()
        if chart.type != "time" or row[chart.label] is not None
    ]
    return sorted(points, key=lambda point: point.label) if chart.type == "time" else points


def _name(point: Point) -> str:
    named = show_value(point.label)
    return named if point.series is None else f"{named} · {show_value(point.series)}"


def _fill(cells: float) -> str:
    eighths = round(cells * 8)
    return "█" * (eighths // 8) + _ACROSS[eighths % 8].strip()


def _find_width() -> int:
    return shutil.get_terminal_size().columns if sys.stdout.isatty() else 80
