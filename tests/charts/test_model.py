"""A row has a name of its own in a chart."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from archive.charts import fit_text, plot_report, show_count
from archive.errors import InvalidParameter
from archive.query.reports import Chart
from tests.charts.test_pictures import make_report

DAY = date(2026, 10, 1)
BAR, TIME = Chart("bar", "a", ("n",), None), Chart("time", "day", ("n",), "a")
SERIES = Chart("bar", "a", ("n",), "s")
NAMED: dict[str, tuple[Chart, list[dict[str, Any]], list[str]]] = {
    "different": (BAR, [{"a": "x", "n": 1, "m": "p"}, {"a": "y", "n": 2, "m": "q"}], ["x", "y"]),
    "module": (
        BAR,
        [{"a": "post", "m": "pay", "n": 17}, {"a": "post", "m": "cart", "n": 16}],
        ["post · pay", "post · cart"],
    ),
    "only where equal": (
        BAR,
        [{"a": "x", "m": "p", "n": 1}, {"a": "x", "m": "q", "n": 1}, {"a": "y", "m": "p", "n": 1}],
        ["x · p", "x · q", "y"],
    ),
    "text before ID": (
        BAR,
        [
            {"group_id": 1, "a": "x", "p": "web", "n": 1},
            {"group_id": 2, "a": "x", "p": "api", "n": 1},
            {"group_id": 3, "a": "x", "p": "api", "n": 1},
        ],
        ["x · web", "x · api · 2", "x · api · 3"],
    ),
    "flag": (
        BAR,
        [{"a": "x", "in_app": True, "n": 1}, {"a": "x", "in_app": False, "n": 1}],
        ["x · in_app", "x · not in_app"],
    ),
    "null": (
        BAR,
        [{"a": None, "m": None, "n": 1}, {"a": None, "m": "p", "n": 1}],
        ["(none)", "(none) · p"],
    ),
    "counts do not name": (
        BAR,
        [{"a": "x", "users": 1, "n": 1}, {"a": "x", "users": 2, "n": 1}],
        ["x", "x #2"],
    ),
    "series": (
        SERIES,
        [{"a": "x", "s": "1.0", "n": 1}, {"a": "x", "s": "2.0", "n": 1}],
        ["x · 1.0", "x · 2.0"],
    ),
    "no value": (BAR, [{"a": "x", "n": None}, {"a": "y", "n": 0}], ["y"]),
}
SPLIT: dict[str, tuple[list[dict[str, Any]], list[str]]] = {
    "one series": ([{"day": DAY, "a": "x", "n": 1, "p": "web"}], ["x"]),
    "equal titles on a day": (
        [{"day": DAY, "a": "x", "n": n, "p": p} for n, p in ((1, "web"), (2, "api"))],
        ["x · web", "x · api"],
    ),
    "equal titles on other days": (
        [{"day": DAY.replace(day=n), "a": "x", "n": n, "p": p} for n, p in ((1, "w"), (2, "v"))],
        ["x", "x"],
    ),
    "no time": ([{"day": None, "a": "x", "n": 1}], []),
}


@pytest.mark.parametrize(("chart", "rows", "names"), NAMED.values(), ids=NAMED)
def test_names(chart: Chart, rows: list[dict[str, Any]], names: list[str]) -> None:
    assert [point.label for point in plot_report(make_report(chart), rows).points] == names


@pytest.mark.parametrize(("rows", "names"), SPLIT.values(), ids=SPLIT)
def test_names_of_series(rows: list[dict[str, Any]], names: list[str]) -> None:
    assert [point.series for point in plot_report(make_report(TIME), rows).points] == names


@pytest.mark.parametrize(
    "time",
    [DAY, datetime(2026, 10, 1), datetime(2026, 10, 1, tzinfo=UTC)],
    ids=["date", "naive", "aware"],
)
def test_times(time: date) -> None:
    (point,) = plot_report(make_report(TIME), [{"day": time, "a": "x", "n": 1}]).points
    assert point.time == datetime(2026, 10, 1)


@pytest.mark.parametrize(
    ("chart", "row", "said"),
    [
        (BAR, {"a": "x", "n": "many"}, "n is not a number: many"),
        (BAR, {"a": "x", "n": float("inf")}, "n is not a number"),
        (TIME, {"day": "Monday", "a": "x", "n": 1}, "day is not a time: Monday"),
    ],
)
def test_what_cannot_be_drawn(chart: Chart, row: dict[str, Any], said: str) -> None:
    with pytest.raises(InvalidParameter, match=said):
        plot_report(make_report(chart), [row])


@pytest.mark.parametrize(
    ("value", "shown"),
    [(0, "0"), (1234567, "1,234,567"), (42.9, "42.9"), (0.1 + 0.2, "0.3"), (Decimal(3), "3")],
)
def test_numbers(value: Any, shown: str) -> None:
    (point,) = plot_report(make_report(BAR), [{"a": "x", "n": value}]).points
    assert show_count(point.value) == shown


@pytest.mark.parametrize(
    ("text", "room", "shown"),
    [("short", 5, "short"), ("abcdefghij", 6, "abc…ij"), ("abcdefghij", 3, "ab…"), ("ab", 1, "…")],
)
def test_a_name_is_cut_in_its_middle(text: str, room: int, shown: str) -> None:
    assert fit_text(text, room, len) == shown
