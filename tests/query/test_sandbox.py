"""What SQL cannot do to an archive, or to the machine: whatever the statement."""

from __future__ import annotations

import shutil
from pathlib import Path

import duckdb
import pytest

import archive
from archive.errors import DamagedArchive, InvalidQuery, NotAllowed
from archive.query.bounds import Bounds
from tests.builders import Run, make_event, write_json

FILE = "-o FILE"
JOIN = "--with NAME=FILE"
NAME = "WITH name AS"
BARRED = {
    "copy": ("COPY (SELECT 1) TO '{out}'", FILE),
    "copy in a CTE": ("WITH x AS (COPY (SELECT 1) TO '{out}') SELECT * FROM x", FILE),
    "copy in a CTE, explained": (
        "EXPLAIN ANALYZE WITH x AS (COPY (SELECT 1) TO '{out}') SELECT * FROM x", FILE,
    ),
    "copy to the directory for temporary data": (
        "WITH x AS (COPY (SELECT 1) TO '{spill}/out.csv') SELECT * FROM x", FILE,
    ),
    "copy there, in a comment's shade": (
        "WITH x AS (/* */ cOpY (SELECT 1) TO '{spill}/out.csv') SELECT * FROM x", FILE,
    ),
    "copy there, in another statement": (
        "SELECT 1; WITH x AS (COPY (SELECT 1) TO '{spill}/out.csv') SELECT * FROM x", FILE,
    ),
    "copy there, explained": (
        "EXPLAIN ANALYZE WITH x AS (COPY (SELECT 1) TO '{spill}/out.csv') SELECT * FROM x", FILE,
    ),
    "copy there, pivoted": (
        "WITH x AS (COPY (SELECT 1 AS a) TO '{spill}/out.csv') PIVOT x ON a USING count(*)", FILE,
    ),
    "copy there, in a text": (
        "FROM query('WITH x AS (CO' || 'PY (SELECT 1) TO ''{spill}/out.csv'') FROM x')", FILE,
    ),
    "copy explained": ("EXPLAIN ANALYZE COPY (SELECT 1) TO '{out}'", FILE),
    "copy over a part": (
        "WITH x AS (COPY (SELECT 1 AS a) TO '{part}' (FORMAT parquet, USE_TMP_FILE false)) FROM x",
        FILE,
    ),
    "copy over a part by its own name": (
        "WITH x AS (COPY (SELECT 1 AS a) TO 'archive://{name}' "
        "(FORMAT parquet, USE_TMP_FILE false)) FROM x",
        FILE,
    ),
    "export": ("EXPORT DATABASE '{out}'", FILE),
    "attach": ("ATTACH '{out}' AS other", JOIN),
    "install": ("INSTALL httpfs", ""),
    "load": ("LOAD httpfs", ""),
    "set": ("SET threads = 1", ""),
    "reset": ("RESET threads", ""),
    "pragma": ("PRAGMA threads = 1", ""),
    "unlock": ("SET enable_external_access = true", ""),
    "secret": ("CREATE SECRET s (TYPE s3)", ""),
    "create": ("CREATE TABLE t AS SELECT 1 AS a", NAME),
    "replace a view": ("CREATE OR REPLACE VIEW frames AS SELECT 1 AS a", NAME),
    "drop a view": ("DROP VIEW frames", NAME),
    "second statement": ("SELECT 1; DROP VIEW frames", NAME),
    "end of the transaction": ("COMMIT; DROP VIEW frames", ""),
    "delete in a CTE": ("WITH x AS (DELETE FROM parts.projects RETURNING 1) FROM x", NAME),
    "csv": ("SELECT * FROM read_csv('{secret}')", JOIN),
    "file by name": ("SELECT * FROM '{secret}'", JOIN),
    "text": ("SELECT * FROM read_text('{secret}')", JOIN),
    "glob": ("SELECT * FROM glob('{directory}/*')", JOIN),
    "network": ("FROM read_parquet('http://127.0.0.1:9/x.parquet')", JOIN),
    "extensions": ("UPDATE EXTENSIONS", ""),
}  # fmt: skip


@pytest.mark.parametrize("case", BARRED.values(), ids=BARRED)
def test_barred(
    sample: archive.Archive,
    run: Run,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    case: tuple[str, str],
) -> None:
    query, instead = case
    part = sample.files("frames")[0]
    before = part.read_bytes()
    spill = tmp_path / "spill"
    monkeypatch.setattr("archive.query.database.make_temporary_directory", lambda owner: spill)
    (tmp_path / "secret.csv").write_text("word\nswordfish\n")
    statement = query.format(
        out=tmp_path / "out.csv",
        part=part,
        name=f"frames/{part.name}",
        secret=tmp_path / "secret.csv",
        directory=tmp_path,
        spill=spill,
    )
    ran = run("-a", sample.path, "sql", statement)
    assert (ran.code, ran.out) == (2, b"")
    assert "queries can only read the archive" in ran.err
    assert instead in ran.err
    assert "--unsafe" in ran.err
    assert part.read_bytes() == before
    assert [path.name for path in tmp_path.iterdir()] == ["secret.csv"]
    assert [*sample.sql("SELECT count(*) > 1 FROM frames")] == [(True,)]


@pytest.mark.parametrize(
    "query",
    [
        "FROM read_text('archive://archive.json')",
        "FROM read_text('archive://../archive.json')",
        "FROM read_text('archive://{secret}')",
        "FROM glob('archive://**')",
    ],
)
def test_the_file_system_has_live_parts_only(
    sample: archive.Archive, tmp_path: Path, query: str
) -> None:
    secret = tmp_path / "secret.csv"
    secret.write_text("swordfish")
    assert [*sample.sql(query.format(secret=secret))] == []


def test_data_spills_to_a_private_directory(sample: archive.Archive) -> None:
    (before,) = sample.sql("SELECT current_setting('temp_directory')")
    with archive.open(sample.path, Bounds(memory="120MB")) as events:
        (found,) = events.sql("SELECT current_setting('temp_directory')")
        spill = Path(found[0])
        assert spill.stat().st_mode & 0o777 == 0o700
        assert not spill.is_symlink()
        assert [*spill.iterdir()] == []
        rows = events.sql("SELECT range, repeat('-', 200) FROM range(1000000) ORDER BY hash(range)")
        next(rows.rows)
        assert [*spill.iterdir()]
        del rows
    assert found != before
    assert not spill.exists()


def test_copy_in_serialized_sql(sample: archive.Archive, tmp_path: Path) -> None:
    copy = f"WITH x AS (COPY (SELECT 1) TO '{tmp_path / 'out.csv'}') FROM x"
    (serialized,) = next(iter(sample.sql("SELECT json_serialize_sql($copy)", {"copy": copy})))
    with pytest.raises(NotAllowed):
        sample.sql("FROM json_execute_serialized_sql($sql)", {"sql": serialized})
    assert not [*tmp_path.iterdir()]


def test_names_of_the_program_are_no_tables(sample: archive.Archive) -> None:
    secret = {"word": ["swordfish"]}
    with pytest.raises(InvalidQuery, match="secret does not exist"):
        sample.sql("FROM secret")
    assert secret


def test_allowed(sample: archive.Archive) -> None:
    for query in (
        "EXPLAIN SELECT 1",
        "DESCRIBE events",
        "SHOW TABLES",
        "SUMMARIZE SELECT level FROM events",
        "PIVOT events ON level USING count(*) GROUP BY project_slug",
        "WITH copy AS (SELECT 'COPY x TO y' AS copy) SELECT copy FROM copy",
        "SELECT 1; SELECT 2",
    ):
        assert [*sample.sql(query)], query


def test_unsafe(sample: archive.Archive, run: Run, tmp_path: Path) -> None:
    out = tmp_path / "out.csv"
    query = f"COPY (SELECT level FROM events GROUP BY 1 ORDER BY 1) TO '{out}'"
    assert run("-a", sample.path, "sql", "--unsafe", query).code == 0
    assert out.read_text() == "level\nerror\nfatal\ninfo\nwarning\n"
    reads = f"FROM read_csv('{out}')"
    assert run("-a", sample.path, "sql", "--unsafe", reads, "--format", "csv").out == (
        out.read_bytes()
    )


FILES = {
    "owners.csv": b"group_id,owner\n6014420117,ann\n",
    "owners.json": b'[{"group_id":6014420117,"owner":"ann"}]',
    "owners.jsonl": b'{"group_id":6014420117,"owner":"ann"}\n',
}


@pytest.mark.parametrize("name", [*FILES, "owners.parquet"])
def test_with_a_file(sample: archive.Archive, run: Run, tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    if name in FILES:
        path.write_bytes(FILES[name])
    else:
        duckdb.sql(f"COPY (SELECT 6014420117 AS group_id, 'ann' AS owner) TO '{path}'")
    query = 'SELECT owner, events FROM issues JOIN "o\'w" USING (group_id)'
    ran = run("-a", sample.path, "sql", "--with", f"o'w={path}", query, "--format", "csv")
    assert ran == (0, b"owner,events\nann,16\n", "")


@pytest.mark.parametrize(
    ("pair", "said"),
    [
        ("owners", "expected NAME=FILE"),
        ("owners=nowhere.csv", "owners: nowhere.csv: no such file"),
        ("owners={directory}", "no such file"),
        ("owners={directory}/owners.xls", "unsupported extension; expected .csv"),
        ("events={directory}/owners.csv", "already exists"),
        ("owners={directory}/broken.parquet", "owners: "),
    ],
)
def test_with_no_such_file(
    sample: archive.Archive, run: Run, tmp_path: Path, pair: str, said: str
) -> None:
    (tmp_path / "owners.xls").touch()
    (tmp_path / "owners.csv").write_text("a\n1\n")
    (tmp_path / "broken.parquet").write_text("no Parquet")
    ran = run("-a", sample.path, "sql", "--with", pair.format(directory=tmp_path), "SELECT 1")
    assert (ran.code, ran.out) == (2, b"")
    assert said in ran.err


def _flip(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[len(data) // 3] ^= 0xFF
    path.write_bytes(data)


@pytest.mark.parametrize("damage", [_flip, Path.unlink], ids=["a byte flipped", "missing"])
@pytest.mark.parametrize("table", ["events", "frames", "tags", "payloads"])
def test_a_damaged_part_is_an_error_that_names_it(
    sample: archive.Archive, run: Run, tmp_path: Path, table: str, damage: object
) -> None:
    shutil.copytree(sample.path, tmp_path / "archive")
    damaged = archive.open(tmp_path / "archive")
    (part,) = damaged.files(table)
    assert callable(damage)
    damage(part)
    for query in (f"SELECT count(*) FROM {table}", f"SELECT max(event_id) FROM {table}"):
        ran = run("-a", damaged.path, "sql", query)
        assert (ran.code, ran.out) == (4, b"")
        assert str(part) in ran.err


def test_only_the_parts_that_a_query_needs_are_read(
    sample: archive.Archive, tmp_path: Path
) -> None:
    shutil.copytree(sample.path, tmp_path / "archive")
    damaged = archive.open(tmp_path / "archive")
    _flip(damaged.files("payloads")[0])
    assert [*damaged.sql("SELECT count(*) FROM events")] == [(296,)]
    with pytest.raises(DamagedArchive, match="its SHA-256 is not the one recorded"):
        damaged.sql("SELECT count(*) FROM breadcrumbs")


def test_a_query_that_fails_reads_no_part_that_it_did_not_open(
    empty: archive.Archive, tmp_path: Path
) -> None:
    for number in (1, 2):
        empty.load(write_json(tmp_path / "source.json", make_event(number)))
    _flip(empty.files("payloads")[-1])
    with pytest.raises(InvalidQuery, match="Could not convert string"):
        [*empty.sql("SELECT CAST(title AS INTEGER) FROM events")]


def test_connect_gives_the_views_without_bars(sample: archive.Archive, tmp_path: Path) -> None:
    with sample.connect() as connection:
        connection.execute(f"COPY (SELECT 1 AS a) TO '{tmp_path / 'out.csv'}'")
        connection.execute("CREATE TABLE mine AS SELECT event_id FROM events")
        assert connection.execute("SELECT count(*) FROM mine").fetchall() == [(296,)]
    assert (tmp_path / "out.csv").read_text() == "a\n1\n"


def test_not_allowed_is_an_invalid_query(sample: archive.Archive) -> None:
    with pytest.raises(NotAllowed):
        sample.sql("DROP VIEW events")
