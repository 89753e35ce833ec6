"""The identity of an event: its ID and project, and the digest of its bytes."""

from __future__ import annotations

import re
from hashlib import blake2b
from typing import NamedTuple

from archive.errors import InvalidEventId

_HEX = re.compile(r"[0-9a-fA-F]{32}", re.ASCII)


class Identity(NamedTuple):
    """The identity of an event; parts that an export does not contain are None.

    Event IDs are unique only within a project (getsentry/sentry#1575).
    """

    event_id: str
    organization_slug: str | None
    project_slug: str | None
    project_id: str | None

    def matches(self, other: Identity) -> bool:
        """Whether both are the same event of the same project.

        If both have a project ID, the IDs decide: slugs can be renamed, and an organization given
        as an option can be wrong. An event of an unknown project never matches a known project.
        """
        if self.event_id != other.event_id:
            return False
        if self.project_id and other.project_id:
            return self.project_id == other.project_id
        one, two = self.organization_slug, other.organization_slug
        if one and two and one != two:
            return False
        if self.project_slug and other.project_slug:
            return self.project_slug == other.project_slug
        return self.has_project == other.has_project

    def agrees_with(self, other: Identity) -> bool:
        """Whether all parts that both have are equal."""
        return all(
            not mine or not theirs or mine == theirs
            for mine, theirs in zip(self, other, strict=True)
        )

    @property
    def has_project(self) -> bool:
        return bool(self.project_id or self.project_slug)


class Key(NamedTuple):
    """The key of an event in an archive; `project` is an ID, or else a slug."""

    event_id: str
    organization: str | None
    project: str | None


def normalize_event_id(text: str) -> str:
    """Normalize an event ID that Sentry's API accepts to 32 lower-case hex digits.

    It accepts 32 hex digits with up to four dashes (Sentry, utils/validators.py: is_event_id).
    Raises InvalidEventId.
    """
    digits = text.replace("-", "")
    if len(text) > 36 or not _HEX.fullmatch(digits):
        raise InvalidEventId()
    return digits.lower()


def digest_json(compact: bytes) -> bytes:
    """Return the BLAKE2b-128 digest of compact JSON, by which copies of an event are compared.

    Compact JSON has no insignificant white space, so a pretty-printed copy is the same event.
    """
    return blake2b(compact, digest_size=16).digest()
