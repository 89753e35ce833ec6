"""Whose the events of a load are: what they say of projects, and what they leave open."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from archive.errors import SeveralProjects
from archive.events.exactness import Exactness
from archive.events.rows import PayloadRow
from archive.exports.project_map import Project, read_slug
from archive.tables.projects import Ownership, Projects

SHOWN = 10


@dataclass(slots=True)
class Tally:
    """How many events there are, and when the newest happened, in microseconds since 1970."""

    events: int = 0
    latest: int = 0


class Owners(dict[Ownership, Tally]):
    """The events of a load, counted by owner."""

    def add(self, payload: PayloadRow) -> None:
        """Count one event."""
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
        tally.latest = max(tally.latest, payload.timestamp or 0)

    def list_claims(self, now: int) -> list[Project]:
        """What the events say of projects, what is certain and old first.

        now: in microseconds since 1970; no slug is of a later time.
        """
        claims = (_claim(owner, min(tally.latest, now)) for owner, tally in self.items())
        return sorted((claim for claim in claims if claim), key=_order)

    def count_unnamed(self, projects: Projects, exactness: Exactness) -> None:
        """Add the events that have no organization slug, and those that have no project slug."""
        for owner, tally in self.items():
            organization, slug = projects.name(owner)
            exactness.without_organization += 0 if organization else tally.events
            exactness.without_project += 0 if slug else tally.events

    def check_project(self, projects: Projects) -> None:
        """Raises SeveralProjects where --project would name events of several project IDs."""
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
    """Those of several tasks together."""
    joined = Owners()
    for part in parts:
        for owner, tally in part.items():
            total = joined.setdefault(owner, Tally())
            total.events += tally.events
            total.latest = max(total.latest, tally.latest)
    return joined


def _claim(owner: Ownership, as_of: int) -> Project | None:
    project_id = read_slug(owner.project_id)  # any text, where it is not Sentry's
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
