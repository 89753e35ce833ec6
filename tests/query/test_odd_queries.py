"""Queries and files that are not what they should be: errors of the caller, not bugs."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import archive
from archive.errors import ExitCode, InvalidQuery
from tests.builders import Run

ODD = "SELECT '\udcff'"  # as the command line passes a byte that is not UTF-8


@pytest.mark.parametrize("query", [None, b"SELECT 1", ODD], ids=["None", "bytes", "not UTF-8"])
def test_not_text(sample: archive.Archive, query: Any) -> None:
    with pytest.raises(InvalidQuery, match="the query is not"):
        sample.sql(query)


@pytest.mark.parametrize(
    ("verb", "code"),
    [("sql -", ExitCode.USAGE), ("sql -f odd.sql", ExitCode.USAGE), ("shell", ExitCode.OK)],
)
def test_not_utf8(sample: archive.Archive, tmp_path: Path, verb: str, code: ExitCode) -> None:
    text = ODD.encode("utf-8", "surrogateescape")
    (tmp_path / "odd.sql").write_bytes(text)
    root = Path(archive.__file__).parent.parent
    env = {**os.environ, "PYTHONIOENCODING": "utf-8:strict", "PYTHONPATH": str(root)}
    command = [sys.executable, "-m", "archive", "-a", str(sample.path), *verb.split()]
    ran = subprocess.run(command, input=text, cwd=tmp_path, env=env, capture_output=True)
    assert (ran.returncode, ran.stdout) == (code, b"")
    assert b"not UTF-8" in ran.stderr


@pytest.mark.parametrize("name", ["a[1].csv", "a*.csv", "a?.csv"])
def test_the_name_of_a_file_is_no_glob(sample: archive.Archive, tmp_path: Path, name: str) -> None:
    (tmp_path / "a1.csv").write_text("x\nwrong\n")
    (tmp_path / name).write_text("x\nright\n")
    assert [*sample.sql("FROM given", files={"given": tmp_path / name})] == [("right",)]


def test_an_error_does_not_quote_a_payload(sample: archive.Archive, run: Run) -> None:
    ran = run("-a", sample.path, "sql", "SELECT repeat(raw::VARCHAR, 9)::INT FROM payloads")
    assert ran.code == ExitCode.USAGE
    assert "Conversion Error" in ran.err
    assert len(ran.err) < 1_100


def test_odd_bytes_in_a_url(sample: archive.Archive, run: Run) -> None:
    ran = run("-a", sample.path, "serve", "--get", "/api/0/\udcff/")
    assert (ran.code, ran.out) == (ExitCode.USAGE, b"")
    assert "percent-encode" in ran.err
