"""The index: where each event's payload is, sorted by event ID.

It is a projection of the payload parts and can be built from them again at any time.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, count, islice
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from archive.events.rows import IndexRow, list_columns
from archive.storage.checksums import check_bytes
from archive.storage.manifest import PartFile
from archive.tables.parts import BATCH_ROWS, read_part, write_part
from archive.tables.schema import find_schema
from archive.tables.sorting import open_external_sorter
from archive.tables.sql import select_parts

BATCHES_PER_PART = 16
COLUMNS = tuple(list_columns(IndexRow))
COPIED = [name for name in COLUMNS if name not in ("part", "row")]


def select_payloads(files: str) -> str:
    """Return the SQL for payloads with the part and row of each."""
    location = ", split_part(parse_filename(filename), '.', 1) AS part, file_row_number AS row"
    return select_parts("payloads", files, location)


def find_stale(root: Path, index: Iterable[PartFile], replaced: Iterable[str]) -> list[PartFile]:
    """Find the index parts that refer to one of these payload parts."""
    names = pa.array(sorted(replaced), pa.string())
    if not len(names):
        return []
    return [part for part in index if _names_any(root / part.path, names)]


def merge_index(
    root: Path,
    name: str,
    payloads: Sequence[Path],
    index: Sequence[PartFile],
    replaced: Iterable[str],
) -> list[PartFile]:
    """Stage an index of payload files and of existing index parts, sorted by event ID.

    replaced: names of payload parts whose rows are left out.

    DuckDB does not verify page checksums, so the SHA-256 of each index part is checked first.
    Raises DamagedArchive, StorageFailed.
    """
    for part in index:
        check_bytes(root, part)
    selects = []
    if index:
        selects.append(
            f"SELECT {', '.join(COLUMNS)} "
            f"FROM ({select_parts('index', '$index')}) WHERE NOT list_contains($replaced, part)"
        )
    if payloads:
        selects.append(f"SELECT {', '.join(COLUMNS)} FROM ({select_payloads('$payloads')})")
    values = {
        "index": [str(root / part.path) for part in index],
        "replaced": sorted(replaced),
        "payloads": [str(path) for path in payloads],
    }
    query = f"{' UNION ALL '.join(selects)} ORDER BY event_id, part, row"
    used = {key: value for key, value in values.items() if f"${key}" in query}
    return list(_write_sorted(root, name, query, used)) if selects else []


def _write_sorted(
    root: Path, name: str, query: str, values: dict[str, list[str]]
) -> Iterator[PartFile]:
    with open_external_sorter() as connection:
        reader = connection.sql(query, params=values).to_arrow_reader(BATCH_ROWS)
        batches = (pa.Table.from_batches([batch]).cast(find_schema("index")) for batch in reader)
        for number in count(1):
            first = next(batches, None)
            if first is None:
                return
            piece = chain([first], islice(batches, BATCHES_PER_PART - 1))
            yield write_part(root, "index", f"{name}-{number:04}", piece)


def _names_any(path: Path, names: pa.Array) -> bool:
    return bool(pc.any(pc.is_in(read_part(path, ["part"])["part"], names)).as_py())
