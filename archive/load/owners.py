"""Count the events of a load by organization and project."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from archive.errors import SeveralProjects
from archive.events.exactness import Exactness
from archive.events.rows import FlatEvent
from archive.exports.project_map import Project, read_slug
from archive.tables.projects import Ownership, Projects

SHOWN = 10


@dataclass(slots=True)
class Tally:
    """The number of events, and the time of the newest in microseconds since 1970."""

    events: int = 0
    latest: int = 0


class Owners(dict[Ownership, Tally]):
    """The events of a load, counted by owner."""

    def add(self, rows: FlatEvent) -> None:
        """Count one event."""
        payload = rows.payload
        owner = Ownership(
            payload.organization_slug,
            payload.project_slug,
            payload.project_id,
            payload.organization_given,
            payload.project_given,
        )
        tally = self.get(owner)
        if tally is None:
            tally = self[owner] = Tally()
        tally.events += 1
        tally.latest = max(tally.latest, rows.event.timestamp or 0)

    def list_claims(self, now: int) -> list[Project]:
        """List what the events say about projects, certain and old claims first.

        now: in microseconds since 1970, the latest time of a claim.
        """
        claims = (_claim(owner, min(tally.latest, now)) for owner, tally in self.items())
        return sorted((claim for claim in claims if claim), key=_order)

    def count_unnamed(self, projects: Projects, exactness: Exactness) -> None:
        """Count the events without an organization slug and those without a project slug."""
        for owner, tally in self.items():
            organization, slug = projects.name(owner)
            exactness.without_organization += 0 if organization else tally.events
            exactness.without_project += 0 if slug else tally.events

    def check_project(self, projects: Projects) -> None:
        """Raise SeveralProjects if --project would name events of several project IDs."""
        named = [
            owner
            for owner in self
            if owner.project_given and projects.name(owner)[1] == owner.project_slug
        ]
        ids = sorted({owner.project_id for owner in named if owner.project_id})
        if len(ids) > 1:
            more = f" and {len(ids) - SHOWN:,} more" if len(ids) > SHOWN else ""
            shown = ", ".join(project_id[:40] for project_id in ids[:SHOWN]) + more
            raise SeveralProjects(slug=named[0].project_slug, ids=shown)


def join_owners(parts: Iterable[Owners]) -> Owners:
    """Add up the owners of several tasks."""
    joined = Owners()
    for part in parts:
        for owner, tally in part.items():
            total = joined.setdefault(owner, Tally())
            total.events += tally.events
            total.latest = max(total.latest, tally.latest)
    return joined


def _claim(owner: Ownership, as_of: int) -> Project | None:
    project_id = read_slug(owner.project_id)  # exports can contain any text here
    slug, organization = read_slug(owner.project_slug), read_slug(owner.organization_slug)
    if not project_id or not (slug or organization):
        return None
    return Project(
        project_id,
        slug,
        organization,
        organization_given=bool(organization and owner.organization_given),
        project_given=bool(slug and owner.project_given),
        as_of=as_of if slug and not owner.project_given else 0,
    )


def _order(claim: Project) -> tuple[bool, bool, bool, int, str]:
    is_open = not claim.organization_slug
    return claim.organization_given, is_open, claim.project_given, claim.as_of, repr(claim)
