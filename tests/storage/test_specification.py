"""docs/on-disk-format.md specifies what the code does, and no format changes its meaning."""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import fields
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pytest

import archive
from archive.exports.project_map import Project
from archive.storage.manifest import FORMAT, Manifest, PartFile
from archive.tables.registry import TABLES
from archive.tables.schema import find_schema
from archive.tables.sql import read_sql
from archive.version import VERSION
from tests.builders import PROJECT, make_event, write_json

TEXT = (PROJECT / "docs" / "on-disk-format.md").read_text()
FIXTURES = PROJECT / "tests" / "fixtures"

# The columns of all tables, by format. If yours differ: raise FORMAT, add a fixture of the format
# before it, and a step to `upgrade`. Never change a line.
SCHEMAS = {2: "0c7228d6c5b3906b9dc886fd9116bcebfc8039c92ea9be6aff2ddd567d74efb5"}
# The files of a fixture. Never change a line.
FIXTURE_FILES = {1: "5f49a78f4cd5707dfaaf8f9a0a69f6cfdbbed81b7e112b1c6dae7c8d98b20666"}


def _read_table(*headings: str) -> list[list[str]]:
    """Return the cells of the table with these headings, without back quotes."""
    head = re.escape("| " + " | ".join(headings) + " |")
    return _read_tables(head)[0]


def _read_tables(head: str) -> list[list[list[str]]]:
    found = re.findall(rf"^{head}\n\|[-|]+\|\n((?:\|.*\n)+)", TEXT, re.MULTILINE)
    return [
        [[cell.strip(" `") for cell in line.split("|")[1:-1]] for line in rows.splitlines()]
        for rows in found
    ]


@pytest.fixture(scope="module")
def loaded(tmp_path_factory: pytest.TempPathFactory) -> archive.Archive:
    place = tmp_path_factory.mktemp("format")
    events = archive.open(place / "archive")
    events.load(write_json(place / "1.json", [make_event(1), None]))
    return events


def test_files(loaded: archive.Archive) -> None:
    """Every file of an archive has a name that the page specifies."""
    kinds = {"commit": r"\d{8,}-[0-9a-f]{4}", "n": r"\d{4,}", "number": r"\d{8,}"}
    tables = "|".join(TABLES)
    patterns = []
    for path, _ in _read_table("path", "content"):
        pattern = re.escape(path).replace("<table>", f"({tables})").replace("<file>", ".*")
        for name, kind in kinds.items():
            pattern = pattern.replace(f"<{name}>", kind)
        patterns.append(pattern)
    found = [
        str(path.relative_to(loaded.path)) for path in loaded.path.rglob("*") if path.is_file()
    ]
    unknown = [path for path in found if not any(re.fullmatch(p, path) for p in patterns)]
    assert len(found) > 10
    assert unknown == []


MEMBERS: dict[str, list[str]] = {
    "archive.json": ["format", "created", "created_by", "sha256"],
    "manifest": [field.name for field in fields(Manifest) if field.name != "sha256"],
    "project": [field.name for field in fields(Project)],
}


@pytest.mark.parametrize("number", range(len(MEMBERS)), ids=MEMBERS)
def test_members(number: int) -> None:
    tables = _read_tables(re.escape("| member | meaning |"))
    assert [name for name, _ in tables[number]] == [*MEMBERS.values()][number]


def test_parts() -> None:
    names = [name for name, _ in _read_table("value", "meaning")]
    assert names == [field.name for field in fields(PartFile)][1:]


def test_members_are_written(loaded: archive.Archive) -> None:
    metadata: dict[str, Any] = json.loads((loaded.path / "archive.json").read_bytes())
    assert list(metadata) == MEMBERS["archive.json"]
    (manifest,) = (loaded.path / "manifest").iterdir()
    assert sorted(json.loads(manifest.read_bytes())["manifest"]) == sorted(MEMBERS["manifest"])


def test_tables() -> None:
    specified = {
        name: kind for name, kind, _ in _read_table("table", "kind", "sorted within a part by")
    }
    assert specified == {name: table.kind.value for name, table in TABLES.items()}


def test_index() -> None:
    connection = duckdb.connect()
    connection.execute(read_sql("index.sql"))
    created = connection.execute("DESCRIBE entries").fetchall()
    specified = [(name, kind) for name, kind, _ in _read_table("column", "type", "meaning")]
    assert specified == [(name, kind) for name, kind, *_ in created]


def test_rejects(loaded: archive.Archive) -> None:
    (path,) = (loaded.path / "rejects").iterdir()
    with pa.input_stream(path, compression="zstd") as stream:
        (reject,) = map(json.loads, stream.read().splitlines())
    names = [name for name, _ in _read_tables(re.escape("| member | meaning |"))[-1]]
    assert names == [*reject, "raw_base64"]


def test_the_format_is_frozen() -> None:
    columns = {name: find_schema(name).to_string() for name in sorted(TABLES)}
    text = json.dumps([columns, read_sql("index.sql")]).encode()
    assert hashlib.sha256(text).hexdigest() == SCHEMAS[FORMAT]


@pytest.mark.parametrize("number", FIXTURE_FILES)
def test_a_fixture_is_never_made_again(number: int) -> None:
    assert _hash_files(FIXTURES / f"archive-format-{number}") == FIXTURE_FILES[number]


def test_formats() -> None:
    rows = _read_table("format", "versions", "fixture")
    assert [int(number) for number, *_ in rows] == list(range(1, FORMAT + 1))
    assert rows[-1][1] == VERSION.rpartition(".")[0]
    assert [(PROJECT / path).is_dir() for *_, path in rows[:-1]] == [True] * (FORMAT - 1)


def _hash_files(directory: Path) -> str:
    digest = hashlib.sha256()
    for path in sorted(path for path in directory.rglob("*") if path.is_file()):
        digest.update(f"{path.relative_to(directory)}\0".encode() + path.read_bytes())
    return digest.hexdigest()
