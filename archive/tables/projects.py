"""Projects of an archive: their IDs, current slugs and former slugs.

Exports name the project of an event by its ID, its slug or both, and slugs change. Slugs in the
data are certain. They take precedence over --project, and a list of projects takes precedence
over --org.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import replace
from enum import StrEnum
from typing import NamedTuple

from archive.exports.project_map import FormerSlug, Project


class Ownership(NamedTuple):
    """The organization and project of an event, as its export or an option says."""

    organization_slug: str | None
    project_slug: str | None
    project_id: str | None
    organization_given: bool | None = False
    project_given: bool | None = False


class Standing(StrEnum):
    """How well the organization of an event is known: from the data, by an option, or not."""

    EXPORTED = "exported"
    GIVEN = "given"
    UNKNOWN = "unknown"


class Alias(NamedTuple):
    """A former slug of a project that no project has now."""

    former_slug: str
    project: Project


class Projects:
    """The projects of an archive, by which the owners of events are named."""

    def __init__(self, projects: Iterable[Project]) -> None:
        self._by_id: defaultdict[str, list[Project]] = defaultdict(list)
        self._aliases: dict[str, Project] = {}
        users: defaultdict[str, list[Project]] = defaultdict(list)
        for project in projects:
            self._by_id[project.project_id].append(project)
            for slug in project.slugs:
                users[slug].append(project)
        for slug, (project, *others) in users.items():
            if not others and slug != project.project_slug:
                self._aliases[slug] = project

    def name(self, owner: Ownership) -> tuple[str | None, str | None]:
        """Return the slugs of an event's organization and project, None where unknown.

        A renamed project has its newest slug.
        """
        known = self._find(owner)
        organization, slug = owner.organization_slug, owner.project_slug
        if known is None:
            return organization, slug
        if not organization or owner.organization_given:
            organization = known.organization_slug or organization
        return organization, known.certain_slug or slug or known.project_slug

    def is_in(self, reference: str, project_slug: str | None, project_id: str | None) -> bool:
        """Whether a reference is the project's ID, its slug or a former slug."""
        alias = self._aliases.get(reference)
        return (alias.project_slug if alias else reference) in (project_slug, project_id)

    def find_fallback(self, project_id: str, standing: Standing) -> Project | None:
        """Find the project of an ID if none is known in the event's own organization."""
        projects = self._by_id.get(project_id, [])
        if standing is Standing.EXPORTED:
            projects = [project for project in projects if not project.organization_slug]
        elif standing is Standing.GIVEN:
            projects = [project for project in projects if _outranks_option(project)]
        return projects[0] if len(projects) == 1 else None

    def list_ids(self) -> list[str]:
        """List the IDs of all projects."""
        return list(self._by_id)

    def list_aliases(self) -> Iterator[Alias]:
        """List the former slugs that still identify a project."""
        return (Alias(slug, project) for slug, project in self._aliases.items())

    def _find(self, owner: Ownership) -> Project | None:
        organization = owner.organization_slug
        if not owner.project_id:
            alias = self._aliases.get(owner.project_slug or "")
            is_same = alias and alias.organization_slug in (None, organization)
            return alias if is_same or not organization else None
        for project in self._by_id.get(owner.project_id, []):
            if organization and project.organization_slug == organization:
                return project
        standing = Standing.GIVEN if owner.organization_given else Standing.EXPORTED
        return self.find_fallback(owner.project_id, standing if organization else Standing.UNKNOWN)


def merge_projects(known: Iterable[Project], claims: Iterable[Project]) -> tuple[Project, ...]:
    """Merge claims into the known projects, in order."""
    by_id: defaultdict[str, list[Project]] = defaultdict(list)
    for project in known:
        by_id[project.project_id].append(project)
    for claim in claims:
        _add_claim(by_id[claim.project_id], claim)
    merged = (project for projects in by_id.values() for project in projects)
    return tuple(sorted(merged, key=lambda p: (p.organization_slug or "", p.project_id)))


def forget_organizations(
    known: Iterable[Project], slugs: set[str], project_ids: set[str]
) -> Iterator[Project]:
    """Clear these organizations in projects that have them only from an option."""
    for project in known:
        is_wrong = project.organization_given and project.organization_slug in slugs
        if is_wrong and project.project_id in project_ids:
            yield replace(project, organization_slug=None, organization_given=False)
        else:
            yield project


def _add_claim(projects: list[Project], claim: Project) -> None:
    """Add a claim on an ID; different organizations can have a project of the same ID."""
    same = [project for project in projects if _have_same_organization(project, claim)]
    same = same or [project for project in projects if _can_be_same(project, claim)]
    if len(same) == 1:
        projects[projects.index(same[0])] = _join(same[0], claim)
    elif not same or claim.organization_slug:
        projects.append(claim)


def _have_same_organization(one: Project, other: Project) -> bool:
    return bool(one.organization_slug) and one.organization_slug == other.organization_slug


def _can_be_same(one: Project, other: Project) -> bool:
    """Whether two projects of one ID can be the same: a listed organization outranks an option."""
    if not one.organization_slug or not other.organization_slug:
        return True
    return (one.organization_given and _outranks_option(other)) or (
        other.organization_given and _outranks_option(one)
    )


def _outranks_option(project: Project) -> bool:
    return not project.organization_slug or (project.is_listed and not project.organization_given)


def _join(known: Project, claim: Project) -> Project:
    is_better = not known.organization_slug or (
        known.organization_given and not claim.organization_given
    )
    better = claim if is_better and claim.organization_slug else known
    joined = replace(
        known,
        organization_slug=better.organization_slug,
        organization_given=better.organization_given,
        organization_id=claim.organization_id or known.organization_id,
        is_listed=known.is_listed or claim.is_listed,
    )
    return _join_slugs(joined, claim) if claim.project_slug else joined


def _join_slugs(known: Project, claim: Project) -> Project:
    """Make the slug with the newest evidence the current one, and the others former slugs."""
    if not known.certain_slug or claim.project_given:
        if known.certain_slug:
            return known
        return replace(
            known,
            project_slug=claim.project_slug,
            project_given=claim.project_given,
            as_of=claim.as_of,
        )
    times = {former.slug: former.as_of for former in known.former}
    times[known.certain_slug] = known.as_of
    claimed = claim.project_slug or ""
    times[claimed] = max(claim.as_of, times.get(claimed, claim.as_of))
    newest = max(times, key=lambda slug: (times[slug], slug == claimed))
    return replace(
        known,
        project_slug=newest,
        as_of=times.pop(newest),
        former=tuple(FormerSlug(slug, as_of) for slug, as_of in sorted(times.items())),
    )
