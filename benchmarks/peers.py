"""What one would do without Event Archive: `python benchmarks/peers.py NAME ARGUMENT...`."""

from __future__ import annotations

import json
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib.util import find_spec
from itertools import islice
from pathlib import Path
from typing import Any

from measure import time_call
from table import Budget

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

LARGEST_OBJECT = 100_000_000
TOP_FRAMES = """
WITH stacks AS (
    SELECT eventID, groupID, dateCreated, unnest(
        list_filter(entries, lambda entry: entry.type = 'exception')[1].data.values
    ).stacktrace.frames AS frames
    FROM read_json($files, format = 'newline_delimited', maximum_object_size = $size, columns = {
        eventID: 'VARCHAR', groupID: 'VARCHAR', dateCreated: 'TIMESTAMPTZ', entries: 'STRUCT(
            type VARCHAR, data STRUCT(values STRUCT(stacktrace STRUCT(frames STRUCT(
                function VARCHAR, module VARCHAR, filename VARCHAR, inApp BOOLEAN
            )[]))[])
        )[]'
    })
), flat AS (
    SELECT eventID, groupID, dateCreated, unnest(frames) AS frame,
           generate_subscripts(frames, 1) = len(frames) AS is_last
    FROM stacks
)
SELECT frame.function, coalesce(frame.module, frame.filename) AS module,
       count(DISTINCT eventID) AS events, count(*) AS frames,
       count(*) FILTER (is_last) AS crashes,
       count(DISTINCT groupID) AS groups, max(dateCreated) AS last_seen
FROM flat
WHERE frame.inApp
GROUP BY ALL
ORDER BY events DESC, frames DESC, module, frame.function
LIMIT 20
"""
SCHEMA = """
CREATE TABLE events (event_id TEXT, project_id INTEGER, group_id INTEGER, timestamp TEXT,
    level TEXT, release TEXT, environment TEXT, title TEXT, culprit TEXT, raw BLOB);
CREATE TABLE frames (event_id TEXT, stack_level INTEGER, frame_index INTEGER, function TEXT,
    module TEXT, filename TEXT, lineno INTEGER, in_app INTEGER);
CREATE TABLE tags (event_id TEXT, key TEXT, value TEXT);
"""
INDEXES = """
CREATE INDEX events_by_id ON events (event_id);
CREATE INDEX frames_by_id ON frames (event_id);
CREATE INDEX tags_by_id ON tags (event_id);
"""
BATCH = 1000
LIMIT_BYTES = 16 << 20  # of one task


@dataclass(frozen=True, slots=True)
class Peer:
    """Another way to do the same; needs: the Python module or the program that it takes."""

    name: str
    label: str
    needs: str
    budget: Budget | None = None

    @property
    def is_installed(self) -> bool:
        return bool(find_spec(self.needs) or shutil.which(self.needs))


IMPORTS = (
    Peer("parquet", "DuckDB read_json_auto → Parquet", "duckdb", Budget(4, 8, floor=True)),
    Peer("sqlite", "orjson → SQLite script", "orjson", Budget(2.5, 5, floor=True)),
    Peer("sqlite-utils", "sqlite-utils insert --nl", "sqlite_utils"),
    Peer("chdb", "chdb JSONAsObject → Parquet", "chdb"),
    Peer("limit", "the limit: simdjson and zstd -3", "simdjson"),
)
PACKERS = (
    Peer("gzip", "gzip -6", "gzip", Budget(0.5, 0.35)),
    Peer("zstd", "zstd -3", "zstd"),
    Peer("zstd-19", "zstd -19 --long", "zstd"),
)


def write_parquet(out: str, *files: str) -> None:
    """DuckDB infers the schema and writes one nested Parquet file."""
    import duckdb

    duckdb.execute(
        "COPY (SELECT * FROM read_json_auto($files, maximum_object_size = $size, "
        f"union_by_name = true)) TO '{out}' (FORMAT parquet, COMPRESSION zstd)",
        {"files": list(files), "size": LARGEST_OBJECT},
    )


def write_sqlite(out: str, *files: str) -> None:
    """The script of an evening: orjson, three tables, one transaction, indexes at the end."""
    database = sqlite3.connect(out)
    database.executescript(SCHEMA)
    lines = (line for file in files for line in _read_lines(file))
    with database:
        while batch := list(islice(lines, BATCH)):
            _insert(database, batch)
    database.executescript(INDEXES)
    database.close()


def write_sqlite_twice(out: str, *files: str) -> None:
    """The same in two processes, each with a database of its own."""
    command = [sys.executable, __file__, "sqlite"]
    halves = [subprocess.Popen([*command, f"{out}-{half}", *files[half::2]]) for half in range(2)]
    if any(process.wait() for process in halves):
        raise RuntimeError("a process failed")


def _insert(database: sqlite3.Connection, lines: list[bytes]) -> None:
    import orjson

    events: list[tuple[Any, ...]] = []
    frames: list[tuple[Any, ...]] = []
    tags: list[tuple[str, str, str]] = []
    for line in lines:
        event = orjson.loads(line)
        event = event.get("event", event)  # of an eventids answer
        event_id = event["eventID"]
        tag = {tag["key"]: tag["value"] for tag in event["tags"]}
        events.append((
            event_id, event["projectID"], event["groupID"], event["dateCreated"],
            tag.get("level"), tag.get("release"), tag.get("environment"), event["title"],
            event["culprit"], line,
        ))  # fmt: skip
        tags += [(event_id, key, value) for key, value in tag.items()]
        frames += _list_frames(event_id, event["entries"])
    database.executemany(f"INSERT INTO events VALUES ({_marks(10)})", events)
    database.executemany(f"INSERT INTO frames VALUES ({_marks(8)})", frames)
    database.executemany(f"INSERT INTO tags VALUES ({_marks(3)})", tags)


def _list_frames(event_id: str, entries: list[Any]) -> Iterator[tuple[Any, ...]]:
    for entry in entries:
        if entry["type"] != "exception":
            continue
        for level, value in enumerate(entry["data"]["values"]):
            for index, frame in enumerate((value["stacktrace"] or {}).get("frames", ())):
                yield (
                    event_id, level, index, frame["function"], frame["module"],
                    frame["filename"], frame["lineNo"], frame["inApp"],
                )  # fmt: skip


def write_sqlite_utils(out: str, *files: str) -> None:
    """`sqlite-utils insert --nl`: one column per member, nested values as JSON text."""
    command = [sys.executable, "-m", "sqlite_utils", "insert", out, "events"]
    for file in files:
        subprocess.run([*command, file, "--nl", "--alter", "--silent"], check=True)


def write_chdb(out: str, *files: str) -> None:
    """ClickHouse reads each event as its type JSON and writes it to Parquet.

    With that type's default, max_dynamic_types = 32, chdb 4.4 fails on this corpus.
    """
    import chdb
    from pyarrow.parquet import read_metadata

    names = ",".join(Path(file).name for file in files)
    run_query: Callable[[str], object] = chdb.query
    run_query(
        f"INSERT INTO FUNCTION file('{out}', Parquet) SELECT json FROM "
        f"file('{Path(files[0]).parent}/{{{names}}}', JSONAsObject, "
        "'json JSON(max_dynamic_types = 0)')"
    )
    if not read_metadata(out).num_rows:
        raise RuntimeError("chdb has written no rows")


def write_limit(out: str, *files: str) -> None:
    """As little as an import must do: parse every event, by simdjson, and compress its bytes.

    On all cores, as ours; nothing is made of what was parsed.
    """
    from multiprocessing import Pool

    with Pool() as pool, Path(out).open("wb") as stream:
        for packed in pool.imap(_parse_and_pack, _list_ranges(files)):
            stream.write(packed)


def _parse_and_pack(piece: tuple[str, int]) -> bytes:
    import simdjson

    file, start = piece
    parser = simdjson.Parser()
    with Path(file).open("rb") as stream:
        if start:
            stream.seek(start - 1)
            stream.readline()
        lines = stream.readlines(max(1, start + LIMIT_BYTES - stream.tell()))
    for line in lines:
        parser.parse(line)
    return zstd.compress(b"".join(lines), 3)


def _list_ranges(files: tuple[str, ...]) -> Iterator[tuple[str, int]]:
    for file in files:
        yield from ((file, start) for start in range(0, Path(file).stat().st_size, LIMIT_BYTES))


def write_gzip(out: str, *files: str) -> None:
    """`gzip -6`, each file after the other."""
    _pack(out, "gzip", "-6", "-c", *files)


def write_zstd(out: str, *files: str) -> None:
    _pack(out, "zstd", "-q", "-3", "-T0", "-c", *files)


def write_zstd_19(out: str, *files: str) -> None:
    _pack(out, "zstd", "-q", "-19", "--long", "-T0", "-c", *files)


def _pack(out: str, *command: str) -> None:
    with Path(out).open("wb") as stream:
        subprocess.run(command, stdout=stream, check=True)


def find_in_sqlite(database: str, event_id: str) -> None:
    """One row by its index: what the script's user would do."""
    query = "SELECT raw FROM events WHERE event_id = ?"
    print(sqlite3.connect(database).execute(query, [event_id]).fetchone()[0].decode())


def find_in_parquet(file: str, event_id: str) -> None:
    import duckdb

    query = "FROM read_parquet($file) WHERE eventID = $id"
    print(duckdb.execute(query, {"file": file, "id": event_id}).fetchone())


def ask_top_frames(*files: str) -> None:
    """Ask DuckDB for the top frames, with the few members typed that the question needs.

    Of read_ndjson_objects with json_transform, extraction by paths, and this, this is fastest.
    """
    import duckdb

    connection = duckdb.connect()
    connection.execute("SET TimeZone = 'UTC'")
    bound = {"files": list(files), "size": LARGEST_OBJECT}

    def ask() -> list[tuple[Any, ...]]:
        return connection.execute(TOP_FRAMES, bound).fetchall()

    print(json.dumps({"seconds": time_call(ask), "rows": ask()}, default=str))


def _read_lines(file: str) -> Iterator[bytes]:
    with Path(file).open("rb") as stream:
        for line in stream:
            yield line.rstrip(b"\n")


def _marks(count: int) -> str:
    return ", ".join("?" * count)


PEERS: dict[str, Callable[..., None]] = {
    "parquet": write_parquet,
    "sqlite": write_sqlite,
    "sqlite-twice": write_sqlite_twice,
    "sqlite-utils": write_sqlite_utils,
    "chdb": write_chdb,
    "limit": write_limit,
    "gzip": write_gzip,
    "zstd": write_zstd,
    "zstd-19": write_zstd_19,
    "find-in-sqlite": find_in_sqlite,
    "find-in-parquet": find_in_parquet,
    "top-frames": ask_top_frames,
}

if __name__ == "__main__":
    PEERS[sys.argv[1]](*sys.argv[2:])
