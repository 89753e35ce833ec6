"""Draw a report as a chart: in the terminal, or in a file with Altair."""

from __future__ import annotations

import json
import shutil
import sys
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import click

from archive.cli.table import cut_text, measure_text, show_value
from archive.cli.text import escape_controls, make_plain
from archive.errors import InvalidParameter, MissingExtra
from archive.storage.outputs import stage_output

if TYPE_CHECKING:
    from archive.query.database import Result
    from archive.query.reports import Chart, Report

HEIGHT = 10
MAX_NAME = 30
FILES = (".png", ".svg", ".html")
FILE_WIDTH = 720
_ACROSS = " ▏▎▍▌▋▊▉█"
_UP = " ▁▂▃▄▅▆▇█"
_LESS = r"\u0001less\u0001"  # replaces < in a page, so that no data begins or ends a script


class Point(NamedTuple):
    """A row of the chart."""

    label: Any
    value: float
    series: Any


def draw(report: Report, result: Result, output: str | None) -> None:
    """Draw a report that has a chart. Raises MissingExtra, InvalidParameter."""
    if report.chart is None:
        raise ValueError(f"{report.name} has no chart")
    points = list(_read_points(report.chart, result))
    if output is not None:
        _save(report.title, report.chart, points, Path(output))
        return
    click.echo(f"{report.title}: {report.chart.value} by {report.chart.label}")
    for line in draw_columns(points) if report.chart.type == "time" else draw_bars(points):
        click.echo(line.rstrip())


def _read_points(chart: Chart, result: Result) -> Iterable[Point]:
    points = [
        Point(row[chart.label], row[chart.value] or 0, row[chart.series] if chart.series else None)
        for row in result.dicts()
        if chart.type != "time" or row[chart.label] is not None
    ]
    return sorted(points, key=lambda point: point.label) if chart.type == "time" else points


def draw_bars(points: Sequence[Point], width: int | None = None) -> Iterable[str]:
    """Draw one bar per row; the longest fills the width."""
    width = width or _find_width()
    names = [
        " · ".join(show_value(part) for part in (point.label, point.series) if part is not None)
        for point in points
    ]
    values = [show_value(point.value) for point in points]
    name_width = min(max(map(measure_text, names), default=0), width // 2)
    value_width = max(map(len, values), default=0)
    longest = max((point.value for point in points), default=0) or 1
    for name, value, point in zip(names, values, points, strict=True):
        eighths = round(point.value / longest * max(width - name_width - value_width - 4, 8) * 8)
        bar = "█" * (eighths // 8) + _ACROSS[eighths % 8].strip()
        yield f"{_pad(name, name_width)}  {bar} {value}"


def draw_columns(points: Sequence[Point], width: int | None = None) -> Iterable[str]:
    """Draw the sum of all series over time, and a line for each series."""
    if not points:
        return
    series: dict[Any, dict[Any, float]] = defaultdict(dict)
    for point in points:
        series[point.series][point.label] = point.value
    name_width = min(max(measure_text(show_value(name)) for name in series), MAX_NAME)
    room = (width or _find_width()) - max(name_width, 12) - 10
    slots = _spread(sorted({point.label for point in points}), room)
    sums = _add_up(slots, ((point.label, point.value) for point in points))
    top = max(sums) or 1
    for row in reversed(range(HEIGHT)):
        cells = (min(max(value / top * HEIGHT - row, 0), 1) for value in sums)
        axis = f"{show_value(top):>8} ┤" if row == HEIGHT - 1 else f"{'':>8} │"
        yield axis + "".join(_UP[round(cell * 8)] for cell in cells)
    yield f"{0:>8} └{'─' * len(sums)}"
    first, last = show_value(points[0].label)[:16], show_value(points[-1].label)[:16]
    yield f"{'':>10}{first}{last:>{max(len(sums) - len(first), len(last) + 2)}}"
    if len(series) > 1:
        yield ""
        for name, values in sorted(series.items(), key=lambda item: -sum(item[1].values())):
            yield _draw_line(_pad(show_value(name), name_width), _add_up(slots, values.items()))


def _draw_line(name: str, values: Sequence[float]) -> str:
    top = max(values) or 1
    line = "".join(_UP[-(-int(value * 8) // max(int(top), 1))] for value in values)
    return f"{name}  {line} {show_value(sum(values))}"


def _spread(times: Sequence[Any], room: int) -> dict[Any, int]:
    """Assign a column to each time, in proportion to the time between them."""
    start, end = times[0], times[-1]
    if start == end:
        return {start: 0}
    wanted = round((end - start) / _find_step(times))
    last = max(min(wanted, room - 1), 1)
    return {time: round((time - start) / (end - start) * last) for time in times}


def _find_step(times: Sequence[Any]) -> Any:
    return min(after - before for before, after in pairwise(times))


def _add_up(slots: Mapping[Any, int], values: Iterable[tuple[Any, float]]) -> list[float]:
    sums: list[float] = [0] * (max(slots.values()) + 1)
    for time, value in values:
        sums[slots[time]] += value
    return sums


def _pad(text: str, width: int) -> str:
    cut = cut_text(text, width)
    return cut + " " * (width - measure_text(cut))


def _find_width() -> int:
    return shutil.get_terminal_size().columns if sys.stdout.isatty() else 80


def _save(title: str, chart: Chart, points: Sequence[Point], path: Path) -> None:
    """Draw points into a self-contained file."""
    suffix = path.suffix.lower()
    if suffix not in FILES:
        reason = f"{path}: unsupported extension; expected {', '.join(FILES)}"
        raise InvalidParameter(name="output", reason=reason)
    try:
        import altair as alt
        import vl_convert  # noqa: F401  Altair writes files with it
    except ImportError as error:
        raise MissingExtra(what="a chart in a file", extra="charts") from error

    rows = [
        {"label": _plain(p.label), "value": float(p.value), "series": _plain(p.series)}
        for p in points
    ]
    if suffix == ".html":
        rows = json.loads(json.dumps(rows).replace("<", _LESS))
    encoding: dict[str, Any] = {
        "tooltip": [alt.Tooltip(f"{name}:N") for name in ("label", "value", "series")]
    }
    if chart.series:
        encoding["color"] = alt.Color("series:N", title=chart.series)
    base = alt.Chart({"values": rows}, title=title, width=FILE_WIDTH)
    if chart.type == "time":
        times = sorted({point.label for point in points})
        slots = (times[-1] - times[0]) / _find_step(times) + 1 if len(times) > 1 else 8
        marks = base.mark_bar(width=max(FILE_WIDTH / slots * 0.8, 1)).encode(
            x=alt.X("label:T", title=chart.label, scale=alt.Scale(type="utc")),
            y=alt.Y("value:Q", title=chart.value),
            **encoding,
        )
    else:
        axis = alt.Axis(labelLimit=320)
        marks = base.mark_bar().encode(
            x=alt.X("value:Q", title=chart.value),
            y=alt.Y("label:N", title=chart.label, sort=None, axis=axis),
            **encoding,
        )
    with stage_output(path) as staged:
        if suffix == ".html":
            staged.write_text(marks.to_html(inline=True).replace(_LESS, r"\u003c"), "utf-8")
        else:
            marks.save(str(staged), format=suffix[1:], scale_factor=2)


def _plain(value: object) -> object:
    plain = make_plain(value)
    return escape_controls(plain) if isinstance(plain, str) else plain
