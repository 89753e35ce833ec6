"""The manifest lists the parts of an archive.

Each commit writes one manifest, and the highest number is the current state:

    {"sha256": "<of the manifest's bytes>", "manifest": {...}}

Each contains the SHA-256 of the previous one, so that the history is a chain. Its `parts` are lists
by table: the name of a part, its size, SHA-256 and rows; see PartFile.
"""

from __future__ import annotations

import hashlib
import secrets
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path
from typing import Any

import orjson

from archive.errors import DamagedArchive, NewerArchive
from archive.exports.project_map import FormerSlug, Project
from archive.jsontext import dump
from archive.storage.durable import list_names, wrap_os_errors, write_exclusively
from archive.storage.names import MANIFESTS, REJECTS, is_part

PARQUET = ".parquet"
FORMAT = 2
_REMOVED_FIELDS = {"min_timestamp", "max_timestamp", "level"}  # of PartFile, in older versions


def part_path(table: str, name: str) -> str:
    """Return the path of a part, relative to the archive."""
    return f"{table}/{name}{PARQUET}"


@dataclass(frozen=True, slots=True)
class PartFile:
    """One file of a table: Parquet, DuckDB for the index, or compressed JSON lines for rejects.

    min_event_id, max_event_id: None for tables with an index, or without event IDs. suffix: of its
    name on disk. packed: whether its layout is that of `compact`.
    """

    table: str
    name: str
    size: int
    sha256: str
    rows: int
    min_event_id: str | None = None
    max_event_id: str | None = None
    suffix: str = PARQUET
    packed: bool = False

    @property
    def path(self) -> str:
        return f"{self.table}/{self.name}{self.suffix}"


def name_rejects(load_id: str, rows: int = 0) -> PartFile:
    """Return the part of a load's rejects, without size and SHA-256."""
    return PartFile(REJECTS, load_id, 0, "", rows, suffix=".jsonl.zst")


@dataclass(frozen=True, slots=True)
class ReplacedFile:
    """A file that a commit replaced, and when; readers of the earlier state may still need it."""

    path: str
    since: str


@dataclass(frozen=True, slots=True)
class Manifest:
    """The state of an archive.

    retired: replaced files. lost: number of events that repairs could not recover.
    """

    number: int = 0
    format: int = FORMAT
    previous_sha256: str | None = None
    parts: tuple[PartFile, ...] = ()
    projects: tuple[Project, ...] = ()
    retired: tuple[ReplacedFile, ...] = ()
    lost: int = 0
    sha256: str | None = None

    def name_next(self) -> str:
        """Return a name for the next commit, which its parts and its load take."""
        return f"{self.number + 1:08}-{secrets.token_hex(2)}"

    def list_parts(self, table: str) -> list[PartFile]:
        """List the parts of a table."""
        return [part for part in self.parts if part.table == table]


def list_manifests(root: Path) -> list[Path]:
    """List the manifests of an archive, oldest first. Raises DamagedArchive, StorageFailed."""
    directory = root / MANIFESTS
    with wrap_os_errors(directory):
        try:
            names = list_names(directory)
        except FileNotFoundError as error:
            reason = "the directory is missing; restore it from a backup"
            raise DamagedArchive(path=directory, reason=reason, archive=root) from error
    paths = (directory / name for name in names)
    return [path for path in paths if path.suffix == ".json" and path.stem.isdecimal()]


def locate_manifest(root: Path, number: int) -> Path:
    """Return the path of the manifest of a commit."""
    return root / MANIFESTS / f"{number:08}.json"


def read_manifest(path: Path, root: Path) -> Manifest:
    """Read a manifest and verify its checksum. Raises DamagedArchive, NewerArchive."""
    return _read(path, root)[0]


def read_format_1_loads(path: Path, root: Path) -> list[dict[str, Any]]:
    """Read the loads that a manifest of format 1 contains. Raises DamagedArchive, NewerArchive."""
    loads: list[dict[str, Any]] = _read(path, root)[1]["loads"]
    return loads


def _read(path: Path, root: Path) -> tuple[Manifest, dict[str, Any]]:
    with wrap_os_errors(path):
        text = path.read_bytes()
    try:
        outer = orjson.loads(text)
        body = text[len(write_head(outer["sha256"])) : -2]
        version = outer["manifest"]["format"]
        if hashlib.sha256(body).hexdigest() != outer["sha256"]:
            raise ValueError("its checksum does not match")
        if version <= FORMAT:
            return _read_body(outer["manifest"], outer["sha256"]), outer["manifest"]
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        reason = f"damaged manifest: {error}"
        raise DamagedArchive(path=path, reason=reason, archive=root) from error
    raise NewerArchive(path=path, found=version, known=FORMAT)


def _read_body(body: dict[str, Any], sha256: str) -> Manifest:
    manifest = Manifest(
        number=body["number"],
        format=body["format"],
        previous_sha256=body["previous_sha256"],
        parts=tuple(_read_parts(body["parts"])),
        projects=tuple(map(_read_project, body["projects"])),
        retired=tuple(ReplacedFile(**retired) for retired in body["retired"]),
        lost=body.get("lost", 0),
        sha256=sha256,
    )
    paths = [part.path for part in manifest.parts] + [old.path for old in manifest.retired]
    for path in paths:
        if not is_part(path):
            raise ValueError(f"{path!r} is not the path of a part")
    return manifest


def _read_parts(stored: Any) -> Iterator[PartFile]:
    if isinstance(stored, list):  # format 1
        for part in stored:
            yield PartFile(**{key: part[key] for key in part.keys() - _REMOVED_FIELDS})
        return
    for table, parts in stored.items():
        yield from (PartFile(table, *values) for values in parts)


def _write_parts(parts: Iterable[PartFile]) -> dict[str, list[list[Any]]]:
    """Write parts by table, each as its values without those at the end that are defaults."""
    written: defaultdict[str, list[list[Any]]] = defaultdict(list)
    defined = fields(PartFile)
    for part in parts:
        values = [getattr(part, field.name) for field in defined]
        while values[-1] == defined[len(values) - 1].default:
            values.pop()
        written[part.table].append(values[1:])
    return written


def _read_project(stored: dict[str, Any]) -> Project:
    """Read a project; older versions did not record what is certain, so nothing is."""
    if "as_of" not in stored:
        return Project(**stored, organization_given=True, project_given=True)
    former = tuple(FormerSlug(**slug) for slug in stored["former"])
    return Project(**{**stored, "former": former})


def write_next(root: Path, before: Manifest, after: Manifest) -> Manifest | None:
    """Write the manifest of the next state; return None if another process wrote it first."""
    after = replace(
        after, number=before.number + 1, format=FORMAT, previous_sha256=before.sha256, sha256=None
    )
    inner = asdict(replace(after, parts=())) | {"parts": _write_parts(after.parts)}
    del inner["sha256"]
    body = dump(inner, "strict")
    sha256 = hashlib.sha256(body).hexdigest()
    path = locate_manifest(root, after.number)
    with wrap_os_errors(path):
        written = write_exclusively(path, write_head(sha256) + body + b"}\n")
    return replace(after, sha256=sha256) if written else None


def write_head(sha256: str | None) -> bytes:
    """Write the first bytes of a manifest, which identify its content."""
    return b'{"sha256":"%b","manifest":' % (sha256 or "").encode()
