"""What is printed: each format, and nothing in an event controls a terminal."""

from __future__ import annotations

import csv
import io
import json
import subprocess
import sys
from pathlib import Path

import click
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import archive
from archive.cli.options import FORMATS
from archive.cli.output import BINARY, ENDINGS, write_result
from archive.cli.table import write_table
from archive.cli.text import format_bytes, format_kinds
from archive.errors import ExitCode
from archive.text import escape_controls
from tests.builders import CheckGolden, Run, make_event, write_json

EVERY_TYPE = """
SELECT * FROM (VALUES
    (1, 1.5, 'plain', true, TIMESTAMPTZ '2026-01-02 03:04:05+00', DATE '2026-01-02',
     'blob'::BLOB, [1, 2], {'a': NULL}, '{"a": 1.10}'::JSON, 'NaN'::DOUBLE, 1.25::DECIMAL(9, 2)),
    (170141183460469231731687303715884105727, -0.5, E'tab\\tnew\\nline, "quoted" \\x1b[31m', false,
     TIMESTAMPTZ '2026-01-02 03:04:05.678901+00', NULL, '\\xFF'::BLOB, [], NULL, 'null'::JSON,
     NULL, NULL),
    (NULL, NULL, '日本語 🚀', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL)
) AS t(number, fraction, text, flag, moment, day, bytes, list, struct, json, nan, exact)
"""


@pytest.mark.parametrize("form", [form for form in FORMATS if form not in BINARY])
def test_golden(sample: archive.Archive, run: Run, form: str, check_golden: CheckGolden) -> None:
    ran = run("-a", sample.path, "sql", EVERY_TYPE, "--format", form)
    assert (ran.code, ran.err) == (0, "")
    check_golden(f"types.{form}", ran.out)


def _read_arrow(path: Path) -> pa.Table:
    return pq.read_table(path) if path.suffix == ".parquet" else pa.ipc.open_file(path).read_all()


@pytest.mark.parametrize("form", BINARY)
def test_golden_binary(
    sample: archive.Archive, run: Run, form: str, tmp_path: Path, check_golden: CheckGolden
) -> None:
    """The bytes depend on the version of PyArrow: schema and rows are compared."""
    path = tmp_path / f"types.{form}"
    assert run("-a", sample.path, "sql", EVERY_TYPE, "-o", path) == (0, b"", "")
    table = _read_arrow(path)
    text = f"{table.schema.remove_metadata()}\n\n{table.to_pylist()}\n"
    check_golden(f"types.{form}.txt", text.encode())


@pytest.mark.parametrize("ending", ENDINGS)
def test_a_file_has_what_would_be_printed(
    sample: archive.Archive, run: Run, tmp_path: Path, ending: str
) -> None:
    query = "SELECT level, count(*) AS n FROM events GROUP BY ALL ORDER BY 2 DESC"
    path = tmp_path / f"levels{ending}"
    assert run("-a", sample.path, "sql", query, "-o", path) == (0, b"", "")
    if ENDINGS[ending] in BINARY:
        assert _read_arrow(path).to_pylist()[0] == {"level": "error", "n": 183}
    else:
        printed = run("-a", sample.path, "sql", query, "--format", ENDINGS[ending])
        assert path.read_bytes() == printed.out
    assert [*tmp_path.iterdir()] == [path]


def test_a_reader_who_leaves_early_is_no_failure(sample: archive.Archive) -> None:
    query = "SELECT range, repeat('-', 1000) FROM range(100000)"
    event_archive = str(Path(sys.executable).with_name("event-archive"))
    command = [event_archive, "-a", str(sample.path), "sql", query, "--format", "csv"]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
        assert process.stdout
        process.stdout.read(100)
        process.stdout.close()
    assert process.returncode == ExitCode.OK


def test_a_file_is_whole_or_as_it_was(sample: archive.Archive, run: Run, tmp_path: Path) -> None:
    path = tmp_path / "rows.csv"
    path.write_text("before")
    fails = "SELECT CASE WHEN i = 5000 THEN error('no') ELSE i END FROM range(9000) t(i)"
    assert run("-a", sample.path, "sql", fails, "-o", path).code == 2
    assert [(each.name, each.read_text()) for each in tmp_path.iterdir()] == [
        ("rows.csv", "before")
    ]


def test_a_file_of_no_known_ending(sample: archive.Archive, run: Run, tmp_path: Path) -> None:
    ran = run("-a", sample.path, "sql", "SELECT 1", "-o", tmp_path / "rows.xls")
    assert (ran.code, ran.out) == (2, b"")
    assert "; pass --format" in ran.err


@pytest.mark.parametrize("form", BINARY)
def test_binary_is_nothing_for_a_terminal(
    sample: archive.Archive, form: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    with pytest.raises(click.UsageError, match="to a terminal; use -o FILE"):
        write_result(sample.sql("SELECT 1"), form)


@pytest.mark.parametrize("form", BINARY)
def test_limit_of_binary(sample: archive.Archive, run: Run, tmp_path: Path, form: str) -> None:
    path = tmp_path / f"rows.{form}"
    ran = run("-a", sample.path, "sql", "FROM range(200000)", "-o", path, "--limit", "70000")
    assert ran.err == "output limited to 70,000 rows; there are more\n"
    assert _read_arrow(path).num_rows == 70_000


@pytest.mark.parametrize(
    ("text", "cell"),
    [
        ("=1+1", "'=1+1"),
        ("+cmd", "'+cmd"),
        ("-cmd", "'-cmd"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("\t=1", "'\t=1"),
        ("-5", "-5"),
        ("+4.25", "+4.25"),
        ("a=1", "a=1"),
    ],
)
def test_csv_is_safe_in_a_spreadsheet(
    sample: archive.Archive, run: Run, tmp_path: Path, text: str, cell: str
) -> None:
    path = tmp_path / "a.json"
    write_json(path, [{text: text}])
    out = run("-a", sample.path, "sql", "--with", f"a={path}", "FROM a", "--format", "csv").out
    assert [*csv.reader(io.StringIO(out.decode()))] == [[cell], [cell]]


def test_markdown_has_no_marks_of_an_event(
    sample: archive.Archive, run: Run, tmp_path: Path
) -> None:
    path = write_json(tmp_path / "a.json", [{"a": "__init__ | <b>*x*\n`y`"}])
    ran = run("-a", sample.path, "sql", "--with", f"a={path}", "FROM a", "--format", "markdown")
    cell = r"\_\_init\_\_ \| \<b\>\*x\*\\n\`y\`"
    assert ran.out.decode() == f"| a |\n|---|\n| {cell} |\n"


def test_files_of_a_table(sample: archive.Archive, run: Run) -> None:
    paths = [str(path) for path in sample.files("frames")]
    assert run("-a", sample.path, "info", "--files", "frames").out.decode().split() == paths
    listed = run("-a", sample.path, "info", "--files", "frames", "--json").out
    assert json.loads(listed) == paths
    assert pq.read_table(paths[0]).num_rows == sample.table("frames").count_rows()
    wrong = run("-a", sample.path, "info", "--files", "nothing")
    assert (wrong.code, wrong.out) == (2, b"")
    assert "there are: events, frames, frame_counts, tags" in wrong.err


@pytest.mark.parametrize("form", ["json", "jsonl"])
def test_json_is_json(sample: archive.Archive, run: Run, form: str) -> None:
    out = run("-a", sample.path, "sql", EVERY_TYPE, "--format", form).out.decode()
    rows = json.loads(out) if form == "json" else [json.loads(line) for line in out.splitlines()]
    assert [row["number"] for row in rows] == [1, 2**127 - 1, None]


def test_no_rows(sample: archive.Archive, run: Run) -> None:
    none = "SELECT 1 AS a WHERE false"
    expected = {"table": b"a\n\xe2\x94\x80\n", "json": b"[]\n", "jsonl": b"", "csv": b"a\n"}
    for form, out in expected.items():
        assert run("-a", sample.path, "sql", none, "--format", form) == (0, out, "")


@pytest.mark.parametrize("way", ["argument", "stdin", "file"])
def test_where_a_query_comes_from(
    sample: archive.Archive, run: Run, tmp_path: Path, way: str
) -> None:
    (tmp_path / "q.sql").write_text("SELECT 1 AS a")
    arguments: dict[str, list[str]] = {
        "argument": ["SELECT 1 AS a"],
        "stdin": ["-"],
        "file": ["-f", str(tmp_path / "q.sql")],
    }
    ran = run("-a", sample.path, "sql", *arguments[way], "--format", "csv", stdin=b"SELECT 1 AS a")
    assert ran == (0, b"a\n1\n", "")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["sql", "SELEC"], "syntax error"),
        (["sql", "SELECT nothing FROM events"], "nothing"),
        (["sql"], "Pass a QUERY"),
        (["sql", "-f", "nowhere.sql"], "No such file"),
        (["report", "nothing"], "No such command 'nothing'"),
        (["report", "tag-values"], "Missing option '--key'"),
        (["report", "events-per-day", "--since", "soon"], "since: invalid date 'soon';"),
        (
            ["report", "top-frames", "--limit", "-1"],
            "limit: expected a non-negative integer, got '-1'",
        ),
        (["nothing"], "No such command"),
        (["resolve"], "Missing argument"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_usage(sample: archive.Archive, run: Run, arguments: list[str], said: str) -> None:
    ran = run("-a", sample.path, *arguments)
    assert (ran.code, ran.out) == (2, b"")
    assert said in ran.err


def test_limit_says_that_there_is_more(sample: archive.Archive, run: Run) -> None:
    query = "SELECT unnest([1, 2, 3]) AS a"
    assert run("-a", sample.path, "sql", query, "--limit", "2", "--format", "csv") == (
        0, b"a\n1\n2\n", "output limited to 2 rows; there are more\n",
    )  # fmt: skip
    assert run("-a", sample.path, "sql", query, "--limit", "3").err == ""


def test_nothing_an_event_says_steers_a_terminal(
    empty: archive.Archive, tmp_path: Path, run: Run
) -> None:
    evil = "\x1b]0;owned\x07\x9b31m\u202e\r\n"
    event = make_event(1, title=evil, culprit=evil, tags=[{"key": evil, "value": evil}])
    empty.load(write_json(tmp_path / "e.json", event))
    for verb in (["show", f"{1:032x}"], ["sql", "SELECT title FROM events"]):
        out = run("-a", empty.path, *verb).out.decode()
        assert not set(out) & set("\x1b\x07\x9b\u202e\r"), verb
        assert "\\x1b]0;owned" in out


@pytest.mark.parametrize(
    ("text", "escaped"),
    [("a\x00b", "a\\x00b"), ("\x1b[0m", "\\x1b[0m"), ("\t\n\r", "\\t\\n\\r"), ("é日", "é日")],
)
def test_escape_controls(text: str, escaped: str) -> None:
    assert escape_controls(text) == escaped


@pytest.mark.parametrize(
    ("size", "shown"),
    [(0, "0 B"), (999, "999 B"), (1000, "1.0 kB"), (1_540_000, "1.5 MB"), (2e15, "2000.0 TB")],
)
def test_format_bytes(size: float, shown: str) -> None:
    assert format_bytes(size) == shown


@pytest.mark.parametrize(
    ("kind", "count", "shown"),
    [
        ("replay", 7, "7 replays"),
        ("API error", 1, "1 API error"),
        ("feedback", 2, "2 feedback"),
        ("stored query", 1_200, "1,200 stored queries"),
        ("client address", 2, "2 client addresses"),
        ("issue's counts", 2, "2 issue's counts"),
        ("unprocessed copy of an event", 2, "2 unprocessed copies of an event"),
    ],
)
def test_format_kinds(kind: str, count: int, shown: str) -> None:
    assert format_kinds({kind: count}) == shown
    assert format_kinds({kind: count, "span": 2}) == f"{shown}, 2 spans"


def test_a_table_fits_the_terminal_and_says_what_it_cut(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    monkeypatch.setenv("COLUMNS", "30")
    write_table(["number", "text"], [(1, "x" * 80), (2, "日本" * 20)])
    printed = capsys.readouterr()
    assert printed.out.splitlines() == [
        "number  text",
        "──────  ──────────────────────",
        "     1  xxxxxxxxxxxxxxxxxxxxx…",
        "     2  日本日本日本日本日本…",
    ]
    assert "were cut;" in printed.err


def test_rows_without_end_are_printed_as_they_come(capsys: pytest.CaptureFixture[str]) -> None:
    write_table(["a"], ((number,) for number in range(2500)))
    assert len(capsys.readouterr().out.splitlines()) == 2502


def test_info(sample: archive.Archive, run: Run) -> None:
    info = json.loads(run("-a", sample.path, "info", "--json").out)
    assert info["events"] == sum(project["events"] for project in info["projects"])
    assert info["loads"][0]["stored"] == info["events"] == info["tables"]["events"]["rows"]
    assert (info["first_seen"], info["last_seen"]) == (
        "2020-03-10T16:08:53Z",
        "2026-11-19T23:41:08Z",
    )
    text = run("info", "-a", sample.path).out.decode()
    assert "296 events, 2020-03-10T16:08:53Z to 2026-11-19T23:41:08Z" in text


def test_info_of_an_archive_without_events(
    empty: archive.Archive, tmp_path: Path, run: Run
) -> None:
    empty.load(write_json(tmp_path / "none.json", []))
    ran = run("-a", empty.path, "info")
    assert (ran.code, ran.err) == (0, "")
    assert "0 events" in ran.out.decode()


def test_the_archive_may_stand_before_or_after_the_verb_or_in_the_environment(
    sample: archive.Archive, run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    query = ["sql", "SELECT count(*) AS n FROM events", "--format", "csv"]
    expected = b"n\n296\n"
    assert run("-a", sample.path, *query).out == expected
    assert run(*query, "--archive", sample.path).out == expected
    assert run("-a", tmp_path, *query, "-a", sample.path).out == expected
    monkeypatch.setenv("EVENT_ARCHIVE", str(sample.path))
    assert run(*query, environment=True).out == expected
    assert run("-a", sample.path, *query, environment=True).out == expected
