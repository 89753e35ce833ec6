"""Pictures show the rows of their reports: every value is read back from the SVG."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any
from xml.etree import ElementTree

import pytest

import archive
from archive.charts import EMPTY, STYLE, draw_svg, plot_report
from archive.query.reports import Chart, Report, list_reports
from tests.query.reports.test_reports import CASES

DRAWN = {report.name: report for report in list_reports() if report.chart}
SVG = "{http://www.w3.org/2000/svg}"
DAYS = [date(2026, 12, 30) + timedelta(days=day) for day in range(5)]
HOSTILE = {
    "script": "</title></svg><script>alert(1)</script>",
    "attribute": "\" onload='alert(1)' x=\"",
    "entity": "&lt;b&gt; ]]> <!-- &#0; &unknown;",
    "control characters": "a\x00b\x1bc\nd\x85\u2028\ufffe\uffff",
    "direction": "safe\u202egnp.exe",
    "lone surrogate": "\ud800",
    "wide": "漢字" * 400,
    "long": "x" * 5_000,
    "empty": "",
}  # fmt: skip


def make_report(chart: Chart) -> Report:
    return Report("test", "Test", "A test.", (), {}, chart, {}, "")


def read_svg(picture: str) -> ElementTree.Element:
    return ElementTree.fromstring(picture)


def draw(chart: Chart, rows: Sequence[Mapping[str, Any]]) -> ElementTree.Element:
    return read_svg(draw_svg(plot_report(make_report(chart), rows)))


def read_marks(svg: ElementTree.Element) -> list[dict[str, str]]:
    return [dict(mark.attrib) for mark in svg.iter(f"{SVG}rect") if "data-value" in mark.attrib]


def read_texts(svg: ElementTree.Element) -> list[str]:
    return [text.text or "" for text in svg.iter(f"{SVG}text")]


@pytest.mark.parametrize("name", DRAWN)
def test_values_are_those_of_the_rows(sample: archive.Archive, name: str) -> None:
    chart = DRAWN[name].chart
    assert chart is not None
    rows = list(sample.report(name, **CASES[name][1]).dicts())
    marks = read_marks(read_svg(draw_svg(plot_report(DRAWN[name], rows))))
    drawn = sorted(json.loads(mark["data-value"]) for mark in marks)
    assert drawn == sorted(row[column] for row in rows for column in chart.values)
    assert len({(mark["data-label"], mark["data-series"]) for mark in marks}) == len(marks)
    assert all(not mark["data-label"].endswith("#2") for mark in marks)
    if chart.type == "bar":
        for row, mark in zip(rows, marks, strict=True):
            assert mark["data-label"].startswith(str(row[chart.label] or "(none)"))
            assert json.loads(mark["data-value"]) == row[chart.values[0]]
    elif chart.type == "heat":
        cells = {(mark["data-label"], mark["data-series"]): mark["data-value"] for mark in marks}
        assert cells == {(str(r[chart.label]), c): str(r[c]) for r in rows for c in chart.values}


@pytest.mark.parametrize("name", DRAWN)
def test_sizes_are_those_of_the_values(sample: archive.Archive, name: str) -> None:
    rows = sample.report(name, **CASES[name][1]).dicts()
    plot = plot_report(DRAWN[name], rows)
    marks = read_marks(read_svg(draw_svg(plot)))
    size = {"bar": "width", "time": "height", "heat": "fill-opacity"}[plot.type]
    least = 0.06 if plot.type == "heat" else 0
    pairs = [(float(mark["data-value"]), float(mark.get(size, 1)) - least) for mark in marks]
    value, longest = max(pairs)
    for other, drawn in pairs:
        assert drawn == pytest.approx(other / value * longest, abs=0.02)


def test_columns_are_stacked() -> None:
    rows = [{"day": DAYS[0], "n": n, "s": s} for n, s in ((3, "a"), (5, "b"), (2, "c"))]
    marks = read_marks(draw(Chart("time", "day", ("n",), "s"), rows))
    spans = sorted((float(m["y"]), float(m["y"]) + float(m["height"])) for m in marks)
    assert [round(end) for _, end in spans[:-1]] == [round(start) for start, _ in spans[1:]]
    assert len({mark["x"] for mark in marks}) == 1


BARS = Chart("bar", "a", ("n",), "s")
ONE = [{"a": "b", "n": 1, "s": None}]


@pytest.mark.parametrize(
    ("series", "colors", "others"),
    [(1, 1, []), (8, 8, []), (9, 9, ["other (1)"]), (30, 9, ["other (22)"])],
)
def test_every_series_has_a_color_and_the_rest_is_other(
    series: int, colors: int, others: list[str]
) -> None:
    rows = [{"a": "same", "n": 100 - at, "s": f"s{at}"} for at in range(series)]
    svg = draw(BARS, rows)
    marks = read_marks(svg)
    assert len({mark["class"] for mark in marks}) == colors
    assert {mark["class"] for mark in marks[8:]} <= {"c8"}
    assert [text for text in read_texts(svg) if text.startswith("other")] == others
    assert all(f".{mark['class']}{{" in STYLE for mark in marks)


@pytest.mark.parametrize(
    ("values", "labels"),
    [
        ([1], ["0", "1"]),
        ([3, 1], ["0", "1", "2", "3"]),
        ([7], ["0", "2", "4", "6", "8"]),
        ([1_500_000], ["0", "500,000", "1,000,000", "1,500,000"]),
        ([0.3, 0.1], ["0.0", "0.1", "0.2", "0.3"]),
        ([0], ["0", "1"]),
    ],
)
def test_axis_has_round_numbers_and_counts_are_whole(
    values: list[float], labels: list[str]
) -> None:
    rows = [{"day": day, "n": n} for day, n in zip(DAYS, values, strict=False)]
    texts = read_texts(draw(Chart("time", "day", ("n",), None), rows))
    assert texts[2 : 2 + len(labels)] == labels


def test_axis_of_time_has_years() -> None:
    rows = [{"day": day, "n": 1} for day in DAYS]
    texts = read_texts(draw(Chart("time", "day", ("n",), None), rows))
    assert texts[-7:] == ["Dec 30", "2026", "Dec 31", "Jan 1", "2027", "Jan 2", "Jan 3"]


@pytest.mark.parametrize("type_", ["bar", "time", "heat"])
def test_no_rows(type_: str) -> None:
    svg = draw(Chart(type_, "a", ("n",), None), [])
    assert EMPTY in read_texts(svg)
    assert read_marks(svg) == []


def test_it_is_an_image_with_a_title() -> None:
    svg = draw(BARS, ONE)
    assert (svg.get("role"), svg.get("width"), svg[0].tag) == ("img", "720", f"{SVG}title")
    assert svg.get("aria-label") == svg[0].text == "Test: n by a and s"
    assert "prefers-color-scheme:dark" in STYLE


@pytest.mark.parametrize("series", [None, "s"], ids=["alone", "series"])
@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
@pytest.mark.parametrize("type_", ["bar", "time", "heat"])
def test_hostile_texts_are_escaped_and_cut(type_: str, text: str, series: str | None) -> None:
    label = DAYS[0] if type_ == "time" else text
    svg = draw(Chart(type_, "a", ("n",), series), [{"a": label, "n": 1, "s": text}])
    assert {element.tag for element in svg.iter()} <= {
        f"{SVG}{tag}" for tag in ("svg", "title", "style", "rect", "line", "text")
    }
    assert not any(name.startswith("on") for element in svg.iter() for name in element.attrib)
    assert max(map(len, read_texts(svg))) <= 100
    assert len(ElementTree.tostring(svg, "unicode")) < len(STYLE) + 15_000
    assert float(read_marks(svg)[0]["width"]) > 10
