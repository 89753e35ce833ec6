"""The questions of docs/cookbook.md, and the engines of docs/engines.md, on sample_data/."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

import archive
from tests.builders import PROJECT, CheckGolden, Run

COOKBOOK = (PROJECT / "docs" / "cookbook.md").read_text()
ENGINES = (PROJECT / "docs" / "engines.md").read_text()
QUESTIONS = re.findall(r"\*\*(\d+)\. (.+?)\*\*\n\n```sql\n(.+?)```", COOKBOOK, re.DOTALL)
SNIPPETS = re.findall(r"## (.+?)\n\n```python\n(.+?)```", ENGINES, re.DOTALL)
# The ID and time of a load, and the directory that its files are in.
VARYING = re.compile(rb"^[0-9a-f]{8}-[0-9a-f]{4},[^,]+,.+?/(?=sample_data/)", re.MULTILINE)
SHOWN = {
    "DuckDB, with the views": "TypeError: Cannot read",
    "DuckDB, plain": "CartDrawer",
    "PyArrow": "23",
    "pandas": "storefront@2026.42.1",
    "Polars": "CartDrawer",
    "chDB (in-process ClickHouse)": "fatal",
}


def test_there_are_twenty() -> None:
    assert len(QUESTIONS) == 20
    assert COOKBOOK.count("```sql") == 20


@pytest.mark.parametrize("question", QUESTIONS, ids=lambda question: question[1][:40])
def test_question(
    sample: archive.Archive, run: Run, check_golden: CheckGolden, question: tuple[str, str, str]
) -> None:
    number, _, query = question
    ran = run("-a", sample.path, "sql", query, "--limit", "3", "--format", "csv")
    assert ran.code == 0
    check_golden(f"cookbook/{int(number):02}.csv", VARYING.sub(b"load,finished,", ran.out))


@pytest.fixture(scope="module")
def place(sample: archive.Archive, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A directory with the archive that the examples name."""
    path = tmp_path_factory.mktemp("engines")
    (path / "event-archive").symlink_to(sample.path)
    return path


@pytest.mark.parametrize("snippet", SNIPPETS, ids=lambda snippet: str(snippet[0]))
def test_engine(place: Path, snippet: tuple[str, str]) -> None:
    name, code = snippet
    for package in re.findall(r"^import (\w+)", code, re.MULTILINE):
        pytest.importorskip(package)
    ran = subprocess.run(
        [sys.executable, "-c", code], cwd=place, capture_output=True, text=True, check=False
    )
    assert (ran.returncode, ran.stderr) == (0, "")
    assert SHOWN[name] in ran.stdout


def test_every_engine_has_its_output() -> None:
    assert [name for name, _ in SNIPPETS] == list(SHOWN)


def test_dataset_has_the_rows_and_types_of_the_table(sample: archive.Archive) -> None:
    for table in ("events", "frames", "tags", "payloads", "sources"):
        counted = [*sample.sql(f"SELECT count(*) FROM {table}")]
        assert [(sample.table(table).count_rows(),)] == counted


def test_reports_of_ones_own(sample: archive.Archive, run: Run, tmp_path: Path) -> None:
    (text,) = re.findall(
        r"```sql\n(-- title: Levels.+?)```", (PROJECT / "docs/reports.md").read_text(), re.DOTALL
    )
    (tmp_path / "levels.sql").write_text(text)
    call = ["-a", sample.path, "report", "--reports", tmp_path]
    assert run(*call).out.startswith(b"busiest-hours ")
    assert b"\nlevels              Number" in run(*call).out
    ran = run(*call, "levels", "--since", "2026-01-01", "--limit", "1", "--format", "csv")
    assert ran == (0, b"level,events\nerror,182\n", "")
    assert [*sample.report("levels", reports=tmp_path, limit=1)] == [("error", 183)]
    assert "█" in run(*call, "levels", "--chart").out.decode()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("SELECT 1", "there is no line `-- title: …`"),
        ("-- title: A\n-- param: a float -- A.", "not a parameter: a float -- A."),
        (
            "-- title: A\n-- param: query text -- A.",
            "not a name for a parameter: query; `report` has one of this name",
        ),
        (
            "-- title: A\n-- params: since a",
            "not a common parameter: a; they are since, until, project, release, limit",
        ),
        ("-- title: A\n-- column: a", "not a column: a"),
        ("-- title: A\n-- chart: pie a b", "not a chart: pie a b"),
        ("-- title: A\n-- chart: bar a b", "chart: there is no column a"),
    ],
    ids=[
        "title",
        "parameter",
        "reserved name",
        "common parameter",
        "column",
        "chart",
        "column of a chart",
    ],
)
def test_a_report_that_is_none(
    sample: archive.Archive, run: Run, tmp_path: Path, text: str, said: str
) -> None:
    (tmp_path / "mine.sql").write_text(text)
    ran = run("-a", sample.path, "report", "--reports", tmp_path, "mine")
    assert (ran.code, ran.out) == (2, b"")
    assert f"{tmp_path / 'mine.sql'}: {said}; see docs/reports.md" in ran.err


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("SELECT 1 AS a,\n 2 AS b;\n", "a  b\n─  ─\n1  2\n"),
        ("SELECT 1 AS a", "a\n─\n1\n"),
        (".report levels\n.quit\nSELECT 2;", ""),
        (".report tag-values key=gift_note\n", "value  events"),
        (".tables\n", "crash_frames"),
        (".report\n", "top-frames            Top in-app frames"),
        (".help\n", ".report NAME key=value"),
        ("", ""),
    ],
    ids=["two lines", "no semicolon", "quit", "report", "tables", "reports", "help", "nothing"],
)
def test_shell(sample: archive.Archive, run: Run, typed: str, said: str) -> None:
    ran = run("-a", sample.path, "shell", stdin=typed.encode())
    assert ran.code == 0
    assert said in ran.out.decode()


def test_shell_goes_on_after_an_error(sample: archive.Archive, run: Run) -> None:
    typed = b".nothing\n.report nothing\nSELEC;\nDROP VIEW events;\n.report 'a\nSELECT 1 AS a;\n"
    ran = run("-a", sample.path, "shell", stdin=typed)
    assert (ran.code, ran.out.decode()) == (0, "a\n─\n1\n")
    for said in (
        ".nothing: no such command", "no report named 'nothing'", "syntax error",
        "DROP is not allowed:", "No closing quotation",
    ):  # fmt: skip
        assert said in ran.err


def test_words_to_complete(sample: archive.Archive) -> None:
    pytest.importorskip("prompt_toolkit")
    from archive.cli.prompt import list_words

    assert {"SELECT", "crash_frames", "stack_level", "top-frames"} <= set(list_words(sample))
