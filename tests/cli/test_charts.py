"""Reports as pictures: in the terminal, and in files that need nothing from anywhere."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from pathlib import Path

import pytest

import archive
from archive.charts import EMPTY, Point
from archive.cli.chart import draw_bars, draw_cells, draw_columns
from archive.query.reports import list_reports
from tests.builders import Run
from tests.query.reports.test_reports import CASES

MAGIC = {".png": b"\x89PNG\r\n", ".svg": b"<svg", ".html": b"<!DOCTYPE html>"}
DRAWN = [report.name for report in list_reports() if report.chart]


def test_bars() -> None:
    points = [Point("long name", "", 8), Point("b\\x1b · s", "s", 3), Point("(none)", "", 0)]
    assert [line.rstrip() for line in draw_bars(points, 30)] == [
        "long name  ████████████████ 8",
        "b\\x1b · s  ██████ 3",
        "(none)      0",
    ]


def test_columns() -> None:
    days = [make_point(datetime(2026, 1, day), value) for day, value in ((1, 5), (2, 10), (4, 1))]
    assert [line.rstrip() for line in draw_columns(days, 40)] == [
        "      10 ┤ █",
        *["         │ █"] * 4,
        *["         │██"] * 4,
        "         │██ █",
        "       0 └────",
        "          2026-01-01  2026-01-04",
    ]


def test_columns_of_series_over_more_time_than_there_is_room() -> None:
    points = [
        make_point(datetime(2026, 1, 1, hour, minute), 1, "odd" if minute % 2 else "even")
        for hour in range(24)
        for minute in range(60)
    ]
    lines = list(draw_columns(points, 60))
    assert max(map(len, lines)) <= 60
    assert [line.split()[-1] for line in lines[-2:]] == ["720", "720"]


def test_cells() -> None:
    counts = {"monday": [0, 1, 8, 4], "sunday": [3, 0, 0, 2]}
    points = [
        Point(str(hour), day, value)
        for day, values in counts.items()
        for hour, value in enumerate(values)
    ]
    assert [line.rstrip() for line in draw_cells(points, 21)] == [
        "monday    ░░██▒▒  13",
        "sunday  ▒▒    ░░  5",
        "        0 1 2 3",
    ]


@pytest.mark.parametrize("draw", [draw_bars, draw_columns, draw_cells])
def test_zero(draw: Callable[[Sequence[Point], int], Iterable[str]]) -> None:
    assert list(draw([make_point(datetime(2026, 1, 1), 0)], 40))


def make_point(time: datetime, value: float, series: str = "") -> Point:
    return Point(f"{time:%Y-%m-%d}", series, value, time)


@pytest.mark.parametrize("name", DRAWN)
def test_every_chart_is_drawn_in_the_terminal(sample: archive.Archive, run: Run, name: str) -> None:
    options = [f"--{key}={value}" for key, value in CASES[name][1].items()]
    ran = run("-a", sample.path, "report", name, "--chart", *options)
    assert (ran.code, ran.err) == (0, "")
    assert set(ran.out.decode()) & set("█▇▆▅▄▃▂▁▏▎▍▌▋▊▉░▒▓")
    assert max(map(len, ran.out.decode().splitlines())) <= 80


@pytest.mark.parametrize("name", ["top-frames", "events-over-time"])
def test_no_rows(sample: archive.Archive, run: Run, name: str) -> None:
    ran = run("-a", sample.path, "report", name, "--project", "missing", "--chart")
    assert ran.out.decode().splitlines()[1:] == [EMPTY]


@pytest.mark.parametrize("kind", MAGIC)
@pytest.mark.parametrize("name", ["crash-frames", "events-over-time", "events-per-day"])
def test_a_chart_in_a_file(
    sample: archive.Archive, run: Run, tmp_path: Path, name: str, kind: str
) -> None:
    if kind == ".png":
        pytest.importorskip("vl_convert")
    path = tmp_path / f"chart{kind}"
    ran = run("-a", sample.path, "report", name, "--chart", "-o", path)
    assert (ran.code, ran.out, ran.err) == (0, b"", "")
    data = path.read_bytes()
    assert data.lstrip().startswith(MAGIC[kind])
    assert [*tmp_path.iterdir()] == [path]
    if kind == ".html":
        assert b"default-src 'none'" in data
    assert len(data) > 5_000


def test_an_event_puts_no_script_on_a_page(
    sample: archive.Archive, run: Run, tmp_path: Path
) -> None:
    (tmp_path / "evil.sql").write_text(
        "-- title: Evil\n-- column: a -- A.\n-- column: n -- N.\n-- chart: bar a n\n"
        "SELECT '</script><script>alert(1)</script>' AS a, 1 AS n"
    )
    path = tmp_path / "evil.html"
    ran = run("-a", sample.path, "report", "--reports", tmp_path, "evil", "--chart", "-o", path)
    assert ran.code == 0
    assert b"<script>alert" not in path.read_bytes()


def test_without_the_library_it_says_what_to_install(
    sample: archive.Archive, run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "vl_convert", None)
    path = tmp_path / "chart.png"
    ran = run("-a", sample.path, "report", "top-frames", "--chart", "-o", path)
    assert (ran.code, ran.out) == (2, b"")
    assert "pip install 'event-archive[charts]'" in ran.err
    assert not path.exists()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["trace", "--trace", "1", "--chart"], "the report trace has no chart"),
        (
            ["top-frames", "--chart", "-o", "x.gif"],
            "unsupported extension; expected .svg, .html, .png",
        ),
    ],
)
def test_no_chart(sample: archive.Archive, run: Run, arguments: list[str], said: str) -> None:
    ran = run("-a", sample.path, "report", *arguments)
    assert (ran.code, ran.out) == (2, b"")
    assert said in ran.err
