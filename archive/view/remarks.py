"""What Sentry noted of an event: values it removed or changed, and errors in processing it."""

from __future__ import annotations

from typing import Any

from archive.view.members import Members, to_text
from archive.view.model import Fact

# Relay's types of remarks.
_ACTIONS = {
    "a": "annotated by",
    "x": "removed by",
    "s": "replaced by",
    "m": "masked by",
    "p": "pseudonymized by",
    "e": "encrypted by",
}


def view_remarks(meta: Any) -> tuple[Fact, ...]:
    """The remarks of `_meta`, by the place of the value they are about.

    `_meta` has the shape of the event; an empty key has the remarks on a value itself.
    """
    remarks = []
    waiting = [("", meta)]
    while waiting:
        place, value = waiting.pop()
        if isinstance(value, dict):
            inner = [(f"{place}.{key}" if place else key, value[key]) for key in value if key]
            waiting += reversed(inner)
            value = value.get("")
            if isinstance(value, dict) and value:
                remarks.append(_view_remark(place, Members(value)))
                continue
        if value not in (None, [], {}):
            remarks.append(Fact(place, to_text(value)))
    return tuple(remarks)


def view_errors(event: Members) -> tuple[Fact, ...]:
    """The errors of processing, by their type."""
    return tuple(
        Fact(error.take_text("type") or "error", error.take_text("message"), error.rest())
        for error in event.take_items("errors")
    )


def _view_remark(place: str, remark: Members) -> Fact:
    rules = remark.take_items("rem")
    return Fact(place, "; ".join(_describe(rule.values()) for rule in rules), remark.rest(0))


def _describe(rule: list[Any]) -> str:
    """Describe what a rule did, as in "replaced by @ip:replace, characters 0 to 4"."""
    match rule:
        case [str(name), str(action), int(start), int(end)] if action in _ACTIONS:
            return f"{_ACTIONS[action]} {name}, characters {start} to {end}"
        case [str(name), str(action)] if action in _ACTIONS:
            return f"{_ACTIONS[action]} {name}"
    return to_text(rule)
