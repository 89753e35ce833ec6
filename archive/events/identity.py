"""What makes an event the same event: its ID and project, and the digest of its bytes."""

from __future__ import annotations

import re
from hashlib import blake2b
from typing import NamedTuple

from archive.errors import InvalidEventId

_HEX = re.compile(r"[0-9a-fA-F]{32}", re.ASCII)


class Identity(NamedTuple):
    """What makes an event the same event; parts that an export does not tell are None.

    Sentry holds an ID unique within a project only (getsentry/sentry#1575).
    """

    event_id: str
    organization_slug: str | None
    project_slug: str | None
    project_id: str | None

    def matches(self, other: Identity) -> bool:
        """Whether both are one event of one project.

        Of two project IDs the IDs decide, for slugs can be renamed and organizations be given
        wrongly. An event whose project is not known is no event of a known project.
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
        """Whether nothing that both say differs."""
        return all(
            not mine or not theirs or mine == theirs
            for mine, theirs in zip(self, other, strict=True)
        )

    @property
    def has_project(self) -> bool:
        return bool(self.project_id or self.project_slug)


class Key(NamedTuple):
    """What finds an event in an archive again; `project` is an ID, or else a slug."""

    event_id: str
    organization: str | None
    project: str | None


def normalize_event_id(text: str) -> str:
    """32 lower-case hex digits from an event ID as Sentry's API accepts it.

    That is 32 to 36 characters of hex digits and dashes that are a UUID without the dashes
    (Sentry, utils/validators.py: is_event_id). Raises InvalidEventId.
    """
    digits = text.replace("-", "")
    if len(text) > 36 or not _HEX.fullmatch(digits):
        raise InvalidEventId()
    return digits.lower()


def digest_json(compact: bytes) -> bytes:
    """What two copies of an event are compared by: BLAKE2b-128 of the compact JSON.

    The layout's white space is not in it, so a pretty-printed copy is the same event.
    """
    return blake2b(compact, digest_size=16).digest()
