"""The index: where the payload of each event is.

It is a set of DuckDB files, each written once by a commit and never changed. A commit adds one file
with the events of its new parts, and merges it with older files of similar size. Rows of parts that
the manifest no longer lists are ignored, and dropped by the next merge. The index can be rebuilt
from the payload parts at any time.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from archive.errors import DamagedArchive, StorageFailed
from archive.storage.checksums import check_bytes, check_parts
from archive.storage.durable import wrap_os_errors
from archive.storage.manifest import Manifest, PartFile
from archive.storage.staging import locate_part, measure_staged, prepare_staged, staged_path
from archive.storage.tiers import count_newest
from archive.tables.sorting import open_external_sorter
from archive.tables.sql import list_paths, quote, read_sql, select_parts

if TYPE_CHECKING:
    import duckdb

TABLE = "index"
STORAGE_VERSION = "v1.4.0"  # any DuckDB since then can read the files
FEW_ROWS = 100_000  # files with fewer rows have small blocks
SMALL_BLOCK, LARGE_BLOCK = 65_536, 262_144  # bytes; DuckDB packs no integers into smaller ones

_FROM_PAYLOADS = """
SELECT
    event.event_id::UUID,
    payload.organization_slug,
    payload.project_slug,
    payload.project_id,
    payload.group_id,
    epoch_us(timestamp),
    epoch_us(received) - epoch_us(timestamp),
    shape,
    hex(digest)::UUID,
    payload.organization_given,
    payload.project_given,
    function_count,
    tag_count,
    entry_count,
    column_count,
    split_part(parse_filename(filename), '.', 1),
    file_row_number::UINTEGER
FROM ({payloads}) AS payload JOIN ({events}) AS event USING (event_key)
"""
OF_EVENTS = frozenset(  # columns that the index takes from `events`; others are from `payloads`
    {
        *("event_id", "timestamp", "received"),
        *("function_count", "tag_count", "entry_count", "column_count"),
    }
)


class IndexEntry(NamedTuple):
    """A row of the index; see sql/index.sql."""

    event_id: str
    organization_slug: str | None
    project_slug: str | None
    project_id: str | None
    group_id: str | None
    timestamp: int | None
    delay: int | None
    shape: str
    digest: bytes
    organization_given: bool | None
    project_given: bool | None
    function_count: int | None
    tag_count: int | None
    entry_count: int | None
    column_count: int | None
    part: str
    row: int


class IndexChange(NamedTuple):
    """What a commit changes in the index."""

    added: list[PartFile]
    removed: list[PartFile]


def attach_index(
    connection: duckdb.DuckDBPyConnection, root: Path, parts: Sequence[PartFile]
) -> None:
    """Attach index files, and create the view `entries` of all their rows.

    Raises DamagedArchive.
    """
    check_parts(root, parts)
    for number, part in enumerate(parts):
        _attach(connection, root / part.path, f"index_{number}", part.name, root)
    files = " UNION ALL ".join(f"FROM index_{number}.entries" for number in range(len(parts)))
    if files:
        connection.execute(f"CREATE VIEW entries AS {files}")
    else:
        connection.execute(read_sql("index.sql"))


@contextmanager
def open_index(root: Path, manifest: Manifest) -> Iterator[duckdb.DuckDBPyConnection]:
    """Open a DuckDB with the view `live_entries`: the index of the current parts.

    Raises DamagedArchive and StorageFailed, also for a duckdb.Error within the block.
    """
    files = manifest.list_parts(TABLE)
    with open_external_sorter() as connection, wrap_index_errors(root, files):
        attach_index(connection, root, files)
        live = [part.name for part in manifest.list_parts("payloads")]
        connection.execute(
            "CREATE TABLE live_parts AS SELECT unnest($1::VARCHAR[]) AS part", [live]
        )
        connection.execute(
            "CREATE VIEW live_entries AS FROM entries SEMI JOIN live_parts USING (part)"
        )
        yield connection


@contextmanager
def wrap_index_errors(root: Path, files: Iterable[PartFile]) -> Iterator[None]:
    """Turn DuckDB's errors into DamagedArchive, or StorageFailed if no index file is damaged."""
    import duckdb

    try:
        yield
    except duckdb.InterruptException:
        raise
    except duckdb.Error as error:
        for part in files:
            check_bytes(root, part)
        raise StorageFailed(path=root / TABLE, reason=_first_line(error)) from error


def add_to_index(
    root: Path, name: str, before: Manifest, payloads: Sequence[PartFile], removed: Iterable[str]
) -> IndexChange:
    """Stage an index file for new payload parts, merged with older files of similar size.

    payloads: staged parts. removed: names of payload parts that the commit removes.
    Raises DamagedArchive, StorageFailed.
    """
    if not payloads:
        return IndexChange([], [])
    files = before.list_parts(TABLE)
    sizes = [part.rows for part in files]
    merged = files[len(files) - count_newest(sizes, sum(part.rows for part in payloads)) :]
    live = _list_live(before, removed)
    return IndexChange([write_index(root, name, payloads, merged, live)], merged)


def merge_index(
    root: Path, name: str, before: Manifest, payloads: Sequence[PartFile], removed: Iterable[str]
) -> IndexChange:
    """Stage one index file that replaces all others; the arguments are those of `add_to_index`."""
    files = before.list_parts(TABLE)
    live = _list_live(before, removed)
    return IndexChange([write_index(root, name, payloads, files, live)], files)


def write_index(
    root: Path,
    name: str,
    payloads: Sequence[PartFile],
    merged: Sequence[PartFile] = (),
    live: Sequence[str] = (),
) -> PartFile:
    """Stage an index file with the rows of payload parts and of other index files.

    payloads: staged or committed. merged: index files. live: the payload parts whose rows are taken
    from them. Raises DamagedArchive, StorageFailed.
    """
    part = PartFile(TABLE, f"{name}-0001", 0, "", 0, suffix=".duckdb")
    path = staged_path(root, part)
    with wrap_os_errors(path):
        prepare_staged(root, part)
    with open_external_sorter() as connection, wrap_index_errors(root, merged):
        attach_index(connection, root, merged)
        _create_file(connection, path, part.name, is_small=_are_few([*payloads, *merged]))
        rows = _fill(connection, root, payloads, live)
        with wrap_os_errors(path):
            part = replace(measure_staged(root, part), rows=rows)
        _read_all(connection, root, path, part)
    return part


def find_differences(root: Path, manifest: Manifest) -> list[str]:
    """Find the payload parts whose rows are not those in the index. Raises DamagedArchive."""
    payloads = manifest.list_parts("payloads")
    with open_index(root, manifest) as connection:
        connection.execute("CREATE TABLE stored AS FROM entries LIMIT 0")
        if payloads:
            connection.execute(f"INSERT INTO stored {_select_payloads(root, payloads)}")
        columns = ", ".join(IndexEntry._fields)
        summaries = (
            f"(SELECT part, count(*) AS rows, bit_xor(hash({columns})) AS hash "
            f"FROM {rows} GROUP BY part)"
            for rows in ("live_entries", "stored")
        )
        return [
            part
            for (part,) in connection.execute(
                f"""
                SELECT part
                FROM {next(summaries)} AS indexed FULL JOIN {next(summaries)} AS stored USING (part)
                WHERE (indexed.rows, indexed.hash) IS DISTINCT FROM (stored.rows, stored.hash)
                ORDER BY part
                """
            ).fetchall()
        ]


def check_index(root: Path, path: Path, part: PartFile) -> None:
    """Read all blocks of an index file, whose checksums DuckDB verifies. Raises DamagedArchive.

    path: where the file is now; a staged part has another name.
    """
    with open_external_sorter() as connection:
        _read_all(connection, root, path, part)


def _read_all(
    connection: duckdb.DuckDBPyConnection, root: Path, path: Path, part: PartFile
) -> None:
    import duckdb

    _attach(connection, path, "checked", part.name, root)
    try:
        counts = connection.execute("SELECT count(*), count(COLUMNS(*)) FROM checked.entries")
        (found, *_) = counts.fetchone() or (0,)
    except duckdb.Error as error:
        raise DamagedArchive(path=path, reason=_first_line(error), archive=root) from error
    if found != part.rows:
        reason = f"it has {found:,} rows and should have {part.rows:,}"
        raise DamagedArchive(path=path, reason=reason, archive=root)


def _attach(
    connection: duckdb.DuckDBPyConnection, path: Path, alias: str, name: str, root: Path
) -> None:
    import duckdb

    try:
        connection.execute(f"ATTACH {quote(str(path))} AS {alias} (READ_ONLY)")
        found = connection.execute(f"FROM {alias}.label").fetchone()
    except duckdb.Error as error:
        reason = f"DuckDB {duckdb.__version__} cannot open it: {_first_line(error)}"
        raise DamagedArchive(path=path, reason=reason, archive=root) from error
    if found != (name,):
        raise DamagedArchive(path=path, reason="it is another index file", archive=root)


def _create_file(
    connection: duckdb.DuckDBPyConnection, path: Path, name: str, is_small: bool
) -> None:
    block = SMALL_BLOCK if is_small else LARGE_BLOCK
    connection.execute(
        f"ATTACH {quote(str(path))} AS target "
        f"(BLOCK_SIZE {block}, STORAGE_VERSION '{STORAGE_VERSION}')"
    )
    connection.execute(f"USE target; {read_sql('index.sql')}; USE memory")
    connection.execute("INSERT INTO target.label VALUES ($1)", [name])


def _fill(
    connection: duckdb.DuckDBPyConnection,
    root: Path,
    payloads: Sequence[PartFile],
    live: Sequence[str],
) -> int:
    """Write the rows of the view `entries` and of payload parts; return their number."""
    selects = ["FROM entries WHERE part IN (SELECT unnest($live::VARCHAR[]))"]
    if payloads:
        selects.append(_select_payloads(root, payloads))
    query = f'{" UNION ALL ".join(selects)} ORDER BY event_id, part, "row"'
    added = connection.execute(f"INSERT INTO target.entries {query}", {"live": list(live)})
    (rows,) = added.fetchone() or (0,)
    connection.execute("CHECKPOINT target")
    connection.execute("DETACH target")
    return int(rows)


def _select_payloads(root: Path, payloads: Sequence[PartFile]) -> str:
    """Return the SQL for the index rows of payload parts, which are staged or committed."""
    events = [replace(part, table="events") for part in payloads]
    files = [list_paths([str(locate_part(root, part)) for part in of]) for of in (payloads, events)]
    location = ", filename, file_row_number"
    return _FROM_PAYLOADS.format(
        payloads=select_parts(files[0], location), events=select_parts(files[1])
    )


def _list_live(before: Manifest, removed: Iterable[str]) -> list[str]:
    gone = set(removed)
    return [part.name for part in before.list_parts("payloads") if part.name not in gone]


def _are_few(parts: Iterable[PartFile]) -> bool:
    return sum(part.rows for part in parts) < FEW_ROWS


def _first_line(error: Exception) -> str:
    return str(error).partition("\n")[0]
