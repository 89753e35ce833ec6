"""Draw the chart of a report: in the terminal, or in a file."""

from __future__ import annotations

import math
import shutil
import sys
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from html import escape
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

import click

from archive.charts import EMPTY, Plot, Point, draw_svg, fit_text, plot_report, show_count
from archive.cli.table import measure_text
from archive.errors import InvalidParameter, MissingExtra
from archive.storage.outputs import stage_output

if TYPE_CHECKING:
    from archive.query.database import Result
    from archive.query.reports import Report

HEIGHT = 10
MAX_NAME = 30
FILES = (".svg", ".html", ".png")
_ACROSS = " ▏▎▍▌▋▊▉█"
_UP = " ▁▂▃▄▅▆▇█"
_SHADES = " ░▒▓█"
_PAGE = """\
<!DOCTYPE html>
<html lang="en">
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="viewport" content="width=device-width">
<meta name="color-scheme" content="light dark">
<title>{title}</title>
<style>svg {{ display: block; max-width: 100%; height: auto; margin: auto }}</style>
{picture}</html>
"""


def draw(report: Report, result: Result, output: str | None) -> None:
    """Draw a report that has a chart. Raises MissingExtra, InvalidParameter."""
    plot = plot_report(report, result.dicts())
    if output is not None:
        _save(plot, Path(output))
        return
    click.echo(f"{plot.title}: {plot.subtitle}")
    if not plot.points:
        click.echo(EMPTY)
        return
    lines = {"bar": draw_bars, "time": draw_columns, "heat": draw_cells}[plot.type]
    for line in lines(plot.points, _find_width()):
        click.echo(line.rstrip())


def draw_bars(points: Sequence[Point], width: int) -> Iterator[str]:
    """Draw one bar per row; the longest fills the width."""
    values = [show_count(point.value) for point in points]
    name_width = min(max(measure_text(point.label) for point in points), width // 2)
    room = max(width - name_width - max(map(len, values)) - 4, 8)
    longest = max(point.value for point in points) or 1
    for point, value in zip(points, values, strict=True):
        eighths = round(max(point.value, 0) / longest * room * 8)
        bar = "█" * (eighths // 8) + _ACROSS[eighths % 8].strip()
        yield f"{_pad(point.label, name_width)}  {bar} {value}"


def draw_cells(points: Sequence[Point], width: int) -> Iterator[str]:
    """Draw a heat map: one line per series with its sum, one column per label."""
    series: dict[str, dict[str, float]] = defaultdict(dict)
    for point in points:
        series[point.series][point.label] = point.value
    labels = list(dict.fromkeys(point.label for point in points))
    most = max(point.value for point in points) or 1
    name_width = min(max(map(measure_text, series)), MAX_NAME)
    sums = {name: show_count(sum(values.values())) for name, values in series.items()}
    room = width - name_width - max(map(len, sums.values())) - 4
    cell = max(room // len(labels), 1)
    for name, values in series.items():
        line = "".join(
            _SHADES[math.ceil(max(values.get(label, 0), 0) / most * 4)] * cell for label in labels
        )
        yield f"{_pad(name, name_width)}  {line}  {sums[name]}"
    every = max(map(measure_text, labels)) // cell + 1
    axis = "".join(_pad(label, cell * every) for label in labels[::every])
    yield f"{'':>{name_width}}  {axis}"


def draw_columns(points: Sequence[Point], width: int) -> Iterator[str]:
    """Draw the sum of all series over time, and a line for each series."""
    series: dict[str, list[Point]] = defaultdict(list)
    for point in points:
        series[point.series].append(point)
    name_width = min(max(map(measure_text, series)), MAX_NAME)
    slots = _spread(sorted({point.time for point in points}), width - max(name_width, 12) - 10)
    sums = _add_up(slots, points)
    top = max(sums) or 1
    for row in reversed(range(HEIGHT)):
        cells = (min(max(value / top * HEIGHT - row, 0), 1) for value in sums)
        axis = f"{show_count(top):>8} ┤" if row == HEIGHT - 1 else f"{'':>8} │"
        yield axis + "".join(_UP[round(cell * 8)] for cell in cells)
    yield f"{0:>8} └{'─' * len(sums)}"
    first, last = points[0].label[:16], points[-1].label[:16]
    yield f"{'':>10}{first}{last:>{max(len(sums) - len(first), len(last) + 2)}}"
    if len(series) > 1:
        yield ""
        for name in sorted(series, key=lambda name: -sum(p.value for p in series[name])):
            yield _draw_line(_pad(name, name_width), _add_up(slots, series[name]))


def _draw_line(name: str, values: Sequence[float]) -> str:
    top = max(values) or 1
    line = "".join(_UP[-(-int(value * 8) // max(int(top), 1))] for value in values)
    return f"{name}  {line} {show_count(sum(values))}"


def _spread(times: Sequence[datetime], room: int) -> dict[datetime, int]:
    """Assign a column to each time, in proportion to the time between them."""
    start, end = times[0], times[-1]
    if start == end:
        return {start: 0}
    wanted = round((end - start) / min(after - before for before, after in pairwise(times)))
    last = max(min(wanted, room - 1), 1)
    return {time: round((time - start) / (end - start) * last) for time in times}


def _add_up(slots: Mapping[datetime, int], points: Iterable[Point]) -> list[float]:
    sums: list[float] = [0] * (max(slots.values()) + 1)
    for point in points:
        sums[slots[point.time]] += point.value
    return sums


def _pad(text: str, width: int) -> str:
    cut = fit_text(text, width, measure_text)
    return cut + " " * (width - measure_text(cut))


def _find_width() -> int:
    return shutil.get_terminal_size().columns if sys.stdout.isatty() else 80


def _save(plot: Plot, path: Path) -> None:
    """Draw a plot into a file that needs nothing else."""
    suffix = path.suffix.lower()
    if suffix not in FILES:
        reason = f"{path}: unsupported extension; expected {', '.join(FILES)}"
        raise InvalidParameter(name="output", reason=reason)
    data = _convert(draw_svg(plot), plot.title, suffix)
    with stage_output(path) as staged:
        staged.write_bytes(data)


def _convert(picture: str, title: str, suffix: str) -> bytes:
    if suffix == ".html":
        return _PAGE.format(title=escape(title), picture=picture).encode()
    if suffix == ".svg":
        return picture.encode()
    try:
        from vl_convert import svg_to_png
    except ImportError as error:
        raise MissingExtra(what="a chart in a .png file", extra="charts") from error
    png: bytes = svg_to_png(picture, scale=2)
    return png
