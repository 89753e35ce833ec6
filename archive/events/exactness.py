"""Count how exactly events can be answered, by the shape in which they were exported."""

from __future__ import annotations

from dataclasses import dataclass, fields

from archive.exports.shapes import Shape


@dataclass(slots=True)
class Exactness:
    """Numbers of events by how exactly they can be answered.

    exact: byte for byte as the API wrote them. converted: from another shape. listed: from rows of
    a list, without stack traces. without_issue, without_organization and without_project: with an
    ID or a slug that is null.
    """

    exact: int = 0
    converted: int = 0
    listed: int = 0
    without_issue: int = 0
    without_organization: int = 0
    without_project: int = 0

    def count(self, shape: Shape, events: int = 1) -> None:
        """Add events of a shape."""
        if shape.traits.is_listed:
            self.listed += events
        elif shape.traits.is_from_api:
            self.exact += events
        else:
            self.converted += events

    def add(self, other: Exactness) -> None:
        """Add the counts of another."""
        for field in fields(self):
            setattr(self, field.name, getattr(self, field.name) + getattr(other, field.name))
