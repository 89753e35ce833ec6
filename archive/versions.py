"""List the versions of an event: the current one, and those in the table `superseded`."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from archive.events.responses import Owner
from archive.exports.shapes import Shape
from archive.jsontext import compact_json
from archive.resolve import Answer, Resolver
from archive.storage.manifest import Manifest, part_path
from archive.tables.index import IndexEntry
from archive.tables.parts import read_part
from archive.tables.superseded import find_versions


@dataclass(frozen=True, slots=True)
class Version:
    """A version of an event, and its answer.

    digest: of its compact JSON, in hex. load_id: of the load that stored it, or if it was replaced,
    of the one that replaced it. replaced_at: ISO 8601 in UTC; None for the current version.
    """

    answer: Answer
    digest: str
    load_id: str
    replaced_at: str | None = None

    def dict(self) -> dict[str, Any]:
        """Convert to plain objects for JSON, without the event itself."""
        return {
            "event_id": self.answer.event_id,
            "project_id": self.answer.owner.project_id,
            "digest": self.digest,
            "shape": self.answer.shape.value,
            "size": len(self.answer.raw),
            "load_id": self.load_id,
            "replaced_at": self.replaced_at,
        }


def list_versions(
    root: Path,
    manifest: Manifest,
    resolver: Resolver,
    reference: str,
    organization: str | None,
    project: str | None,
) -> list[Version]:
    """List all versions of an event: current ones, then the others, last replaced first.

    Raises InvalidEventId, EventNotFound, DamagedArchive.
    """
    events = resolver.find(reference, organization, project)
    current = [
        Version(answer, location.digest.hex(), _read_load(root, location))
        for location, answer in events
    ]
    owners = {answer.owner.project_id: answer.owner for _, answer in events}
    event_id = events[0][1].event_id
    replaced = sorted(
        _read_superseded(root, manifest, event_id, owners),
        key=lambda version: version.replaced_at or "",
        reverse=True,
    )
    return current + replaced


def _read_superseded(
    root: Path, manifest: Manifest, event_id: str, owners: dict[str | None, Owner]
) -> Iterator[Version]:
    """Yield the replaced versions of these owners; one without a project ID matches any owner."""
    for row in find_versions(root, manifest.list_parts("superseded"), event_id):
        if row["project_id"] is not None and row["project_id"] not in owners:
            continue
        owner = owners.get(row["project_id"]) or next(iter(owners.values()))
        shape, raw = Shape(row["shape"]), row["raw"]
        answer = Answer(event_id, owner, shape, raw, compact_json(raw))
        replaced_at = row["replaced_at"].isoformat().replace("+00:00", "Z")
        yield Version(answer, row["digest"].hex(), row["load_id"], replaced_at)


def _read_load(root: Path, location: IndexEntry) -> str:
    path = root / part_path("events", location.part)
    load_id: str = read_part(path, ["load_id"], root=root)["load_id"][location.row].as_py()
    return load_id
