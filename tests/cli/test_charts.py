"""Reports as pictures: in the terminal, and in files that need nothing from anywhere."""

from __future__ import annotations

import sys
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

import archive
from archive.cli.chart import Point, draw_bars, draw_columns
from archive.query.reports import list_reports
from tests.builders import Run
from tests.query.reports.test_reports import CASES

MAGIC = {".png": b"\x89PNG\r\n", ".svg": b"<svg", ".html": b"<!DOCTYPE html>"}
DRAWN = [report.name for report in list_reports() if report.chart]


def test_bars() -> None:
    points = [Point("long name", 8, None), Point("b\x1b", 3, "s"), Point(None, 0, None)]
    assert [line.rstrip() for line in draw_bars(points, 30)] == [
        "long name  ████████████████ 8",
        "b\\x1b · s  ██████ 3",
        "            0",
    ]


def test_columns() -> None:
    days = [Point(date(2026, 1, day), value, None) for day, value in ((1, 5), (2, 10), (4, 1))]
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
        Point(datetime(2026, 1, 1, hour, minute, tzinfo=UTC), 1, "odd" if minute % 2 else "even")
        for hour in range(24)
        for minute in range(60)
    ]
    lines = list(draw_columns(points, 60))
    assert max(map(len, lines)) <= 60
    assert [line.split()[-1] for line in lines[-2:]] == ["720", "720"]


@pytest.mark.parametrize("points", [[], [Point(date(2026, 1, 1), 0, None)]], ids=["none", "zero"])
def test_nothing_to_draw(points: list[Point]) -> None:
    assert len(list(draw_bars(points, 40))) == len(points)
    assert list(draw_columns(points, 40)) or not points


@pytest.mark.parametrize("name", DRAWN)
def test_every_chart_is_drawn_in_the_terminal(sample: archive.Archive, run: Run, name: str) -> None:
    options = [f"--{key}={value}" for key, value in CASES[name][1].items()]
    ran = run("-a", sample.path, "report", name, "--chart", *options)
    assert (ran.code, ran.err) == (0, "")
    assert set(ran.out.decode()) & set("█▇▆▅▄▃▂▁▏▎▍▌▋▊▉")
    assert max(map(len, ran.out.decode().splitlines())) <= 80


@pytest.mark.parametrize("kind", MAGIC)
@pytest.mark.parametrize("name", ["crash-frames", "events-over-time", "events-per-day"])
def test_a_chart_in_a_file(
    sample: archive.Archive, run: Run, tmp_path: Path, name: str, kind: str
) -> None:
    pytest.importorskip("altair")
    path = tmp_path / f"chart{kind}"
    ran = run("-a", sample.path, "report", name, "--chart", "-o", path)
    assert (ran.code, ran.out, ran.err) == (0, b"", "")
    data = path.read_bytes()
    assert data.lstrip().startswith(MAGIC[kind])
    assert [*tmp_path.iterdir()] == [path]
    if kind == ".html":
        assert b'src="http' not in data
    else:
        assert len(data) > 5_000


def test_an_event_puts_no_script_on_a_page(
    sample: archive.Archive, run: Run, tmp_path: Path
) -> None:
    pytest.importorskip("altair")
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
    monkeypatch.setitem(sys.modules, "altair", None)
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
            "unsupported extension; expected .png, .svg, .html",
        ),
    ],
)
def test_no_chart(sample: archive.Archive, run: Run, arguments: list[str], said: str) -> None:
    ran = run("-a", sample.path, "report", *arguments)
    assert (ran.code, ran.out) == (2, b"")
    assert said in ran.err
