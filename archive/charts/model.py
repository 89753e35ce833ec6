"""What a chart shows: one point per row of a report, under a name that no other row has."""

from __future__ import annotations

import math
from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from decimal import Decimal
from itertools import pairwise
from typing import TYPE_CHECKING, Any, NamedTuple

from archive.errors import InvalidParameter
from archive.text import escape_controls, make_plain

if TYPE_CHECKING:
    from archive.query.reports import Chart, Report

EMPTY = "There are no rows to draw."
NOTHING = "(none)"
OTHER = "other"
MAX_COLORS = 8
MAX_NAME = 300


class Point(NamedTuple):
    """A row of a report, or a cell of a heat map; `series` is empty if there is one series."""

    label: str
    series: str
    value: float
    time: datetime = datetime.min


@dataclass(frozen=True, slots=True)
class Plot:
    """The points of a chart, in the order of the rows or of time."""

    type: str
    title: str
    subtitle: str
    points: Sequence[Point]

    def list_series(self) -> list[str]:
        """List the series, largest first."""
        sums: dict[str, float] = defaultdict(float)
        for point in self.points:
            sums[point.series] += abs(point.value)
        return sorted(sums, key=lambda series: -sums[series])

    def find_colors(self) -> dict[str, int]:
        """Number the colors of the series; those after MAX_COLORS share the last color."""
        return {series: min(at, MAX_COLORS) for at, series in enumerate(self.list_series())}

    def has_legend(self) -> bool:
        """Whether the colors mean something."""
        return self.type != "heat" and self.list_series() != [""]

    def find_period(self) -> float:
        """Find the shortest time between two points, in seconds; a day if there is one point."""
        times = sorted({point.time for point in self.points})
        return min(((b - a).total_seconds() for a, b in pairwise(times)), default=86_400)


def plot_report(report: Report, rows: Iterable[Mapping[str, Any]]) -> Plot:
    """Make the points of a report's chart. Raises InvalidParameter."""
    chart = report.chart
    if chart is None:
        raise InvalidParameter(name="chart", reason=f"the report {report.name} has no chart")
    make, subtitle = {
        "bar": (_plot_bars, f"{chart.values[0]} by {chart.label}"),
        "time": (_plot_times, f"{chart.values[0]} by {chart.label}"),
        "heat": (_plot_cells, f"by {chart.label}, {chart.values[0]} to {chart.values[-1]}"),
    }[chart.type]
    subtitle += f" and {chart.series}" if chart.series else ""
    return Plot(chart.type, report.title, subtitle, make(chart, list(rows)))


def show_count(value: float) -> str:
    """Format a number as people read it."""
    return f"{value if isinstance(value, int) else round(value, 6):,}"


def cut_middle(text: str, length: int) -> str:
    """Cut a text in its middle, because names often differ at their end."""
    if len(text) <= length:
        return text
    end = (length - 1) * 2 // 5
    return f"{text[: length - 1 - end]}…{text[len(text) - end :]}"


def fit_text(text: str, room: float, measure: Callable[[str], float]) -> str:
    """Cut a text in its middle so that it fits a width."""
    if measure(text) <= room:
        return text
    lengths = range(2, len(text))
    fitting = bisect_right(lengths, room, key=lambda length: measure(cut_middle(text, length)))
    return cut_middle(text, fitting + 1)


def _plot_bars(chart: Chart, rows: list[Mapping[str, Any]]) -> list[Point]:
    rows = [row for row in rows if row[chart.values[0]] is not None]
    columns = [chart.label, chart.series] if chart.series else [chart.label]
    return [
        Point(name, _show(row[chart.series]) if chart.series else "", _read(chart.values[0], row))
        for row, name in zip(rows, _name_rows(chart, rows, columns, [0] * len(rows)), strict=True)
    ]


def _plot_times(chart: Chart, rows: list[Mapping[str, Any]]) -> list[Point]:
    rows = [row for row in rows if None not in (row[chart.label], row[chart.values[0]])]
    times = [_read_time(chart.label, row) for row in rows]
    columns = [chart.series] if chart.series else []
    named = zip(rows, times, _name_rows(chart, rows, columns, times), strict=True)
    points = [
        Point(_show(row[chart.label]), series, _read(chart.values[0], row), at)
        for row, at, series in named
    ]
    return sorted(points, key=lambda point: point.time)


def _plot_cells(chart: Chart, rows: list[Mapping[str, Any]]) -> list[Point]:
    names = _name_rows(chart, rows, [chart.label], [0] * len(rows))
    return [
        Point(name, column, _read(column, row))
        for column in chart.values
        for row, name in zip(rows, names, strict=True)
        if row[column] is not None
    ]


def _name_rows(
    chart: Chart,
    rows: Sequence[Mapping[str, Any]],
    columns: Sequence[str],
    places: Sequence[Hashable],
) -> list[str]:
    """Name rows by columns, and by others that distinguish rows of one name at one place."""
    names = [
        [_show(row[name]) for at, name in enumerate(columns) if at == 0 or row[name] is not None]
        for row in rows
    ]
    for column in _find_names(chart, rows):
        groups: dict[tuple[str, ...], list[int]] = defaultdict(list)
        for at, name in enumerate(names):
            groups[tuple(name)].append(at)
        for group in groups.values():
            is_clear = len({places[at] for at in group}) == len(group)
            if not is_clear and len({_show(rows[at][column]) for at in group}) > 1:
                for at in group:
                    names[at] += _name(column, rows[at][column])
    seen: Counter[tuple[str, Hashable]] = Counter()
    joined = []
    for name, place in zip(names, places, strict=True):
        text = cut_middle(" · ".join(name), MAX_NAME)
        seen[text, place] += 1
        number = seen[text, place]
        joined.append(f"{text} #{number}" if number > 1 else text)
    return joined


def _find_names(chart: Chart, rows: Sequence[Mapping[str, Any]]) -> list[str]:
    """Find the other columns that name rather than count: texts, then IDs and flags."""
    used = {chart.label, chart.series, *chart.values}
    others = [name for name in (rows[0] if rows else ()) if name not in used]
    texts = [name for name in others if any(isinstance(row[name], str) for row in rows)]
    flags = [name for name in others if any(isinstance(row[name], bool) for row in rows)]
    return texts + [n for n in others if n not in texts and (n in flags or n.endswith("_id"))]


def _name(column: str, value: Any) -> list[str]:
    if isinstance(value, bool):
        return [column if value else f"not {column}"]
    return [] if value is None else [_show(value)]


def _show(value: Any) -> str:
    return NOTHING if value is None else escape_controls(str(make_plain(value)))


def _read(column: str, row: Mapping[str, Any]) -> float:
    value = row[column]
    if isinstance(value, Decimal):
        value = int(value) if value == int(value) else float(value)
    if not isinstance(value, int | float) or not math.isfinite(value):
        raise InvalidParameter(name="chart", reason=f"{column} is not a number: {_show(value)}")
    return value


def _read_time(column: str, row: Mapping[str, Any]) -> datetime:
    value = row[column]
    if isinstance(value, datetime):
        return value.astimezone(UTC).replace(tzinfo=None) if value.tzinfo else value
    if isinstance(value, date):
        return datetime.combine(value, time())
    raise InvalidParameter(name="chart", reason=f"{column} is not a time: {_show(value)}")
