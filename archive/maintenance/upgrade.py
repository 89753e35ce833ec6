"""Upgrade an archive of an older format: rebuild all tables from the stored payloads."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from archive.errors import DamagedArchive
from archive.storage.checksums import check_bytes
from archive.storage.commit import Change, commit, open_transaction
from archive.storage.durable import exists
from archive.storage.layout import open_directory, record_format
from archive.storage.manifest import (
    FORMAT,
    Manifest,
    PartFile,
    list_manifests,
    name_rejects,
    part_path,
    read_format_1_loads,
)
from archive.storage.staging import stage_again
from archive.tables.builder import Batch
from archive.tables.index import write_index
from archive.tables.keys import find_commit_keys
from archive.tables.loads import convert_record
from archive.tables.parts import read_groups, read_part, write_part
from archive.tables.rebuild import rebuild_rows
from archive.tables.registry import Kind, list_tables
from archive.tables.schema import build_table, fill_columns


@dataclass(frozen=True, slots=True)
class Upgrade:
    """The result of an upgrade: the formats before and after it, and the number of events."""

    format_before: int
    format_after: int
    events: int


def upgrade(path: Path, progress: Callable[[int, int], None] = lambda done, total: None) -> Upgrade:
    """Bring an archive to the current format. One that has it already is not changed.

    The files of the old format are deleted by a load or compact an hour later.

    progress: called with the bytes of payload parts done and their total.

    Raises NoArchive, ArchiveLocked, NewerArchive, StorageFailed, and DamagedArchive if any part is
    damaged; the archive is then unchanged.
    """
    root = open_directory(path)
    with open_transaction(root, any_format=True) as before:
        if before.format < FORMAT:
            _upgrade(root, before, progress)
        record_format(root)
    events = sum(part.rows for part in before.list_parts("payloads"))
    return Upgrade(before.format, FORMAT, events)


def _upgrade(root: Path, before: Manifest, progress: Callable[[int, int], None]) -> None:
    for part in before.parts:
        check_bytes(root, part)
    name, done = before.name_next(), 0
    total = sum(part.size for part in before.list_parts("payloads"))
    added: list[PartFile] = []
    keys = find_commit_keys(name)
    for number, payloads in enumerate(before.list_parts("payloads"), 1):
        added += _rebuild(root, payloads.name, f"{name}-{number:04}", keys)
        keys = keys[payloads.rows :]
        done += payloads.size
        progress(done, total)
    added += _copy_appended(root, before, name)
    records = read_format_1_loads(list_manifests(root)[-1], root)
    rejects = [name_rejects(record["load_id"], record["rejected"]) for record in records]
    added += [stage_again(root, part) for part in rejects if exists(root / part.path)]
    loads = build_table("loads", [convert_record(record) for record in records])
    added.append(write_part(root, "loads", f"{name}-0001", [loads]))
    added.append(write_index(root, name, [part for part in added if part.table == "payloads"]))
    commit(root, before, Change(name, added, {part.path for part in before.parts}))


def _rebuild(root: Path, name: str, new_name: str, keys: range) -> list[PartFile]:
    """Stage the events of a part of all tables again."""
    loads = read_part(root / part_path("events", name), ["load_id"], root=root)["load_id"]
    batch = Batch()
    for rows in rebuild_rows(root, name, dict(enumerate(loads.to_pylist()))):
        if isinstance(rows, str):
            path = root / part_path("payloads", name)
            raise DamagedArchive(path=path, reason=rows, archive=root)
        batch.add(rows)
    return batch.stage(root, new_name, keys)[0] if len(batch) else []


def _copy_appended(root: Path, before: Manifest, name: str) -> Iterator[PartFile]:
    """Stage the parts of the tables that cannot be rebuilt, with all columns."""
    for table in list_tables(Kind.APPENDED):
        for number, part in enumerate(before.list_parts(table), 1):
            groups = read_groups(root, root / part.path)
            pieces = (fill_columns(table, group) for group in groups)
            yield write_part(root, table, f"{name}-{number:04}", pieces)
