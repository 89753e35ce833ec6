"""Exceptions. Source: Sentry 2024-09, `interfaces/exception.py`."""

from typing import Any

from archive.events.api.generation import Generation
from archive.events.api.interfaces import drop_nulls, pick
from archive.events.api.stacktrace import (
    annotate_stacktrace,
    attached_stacktrace,
    has_frames,
)

MECHANISM = (
    "type",
    "synthetic",
    "description",
    "help_link",
    "handled",
    "data",
    "meta",
    "source",
    "is_exception_group",
    "exception_id",
    "parent_id",
)
META = {
    "": "",
    "type": "type",
    "value": "value",
    "mechanism": "mechanism",
    "threadId": "thread_id",
    "module": "module",
}


def exception_to_api(
    exception: dict[str, Any], platform: str | None, generation: Generation
) -> dict[str, Any] | None:
    """Answer the exceptions, the cause first; None if there is none but null."""
    values = [
        _value_to_api(value, platform, generation)
        for value in exception.get("values") or ()
        if value is not None
    ]
    if not values:
        return None
    return {
        "values": values,
        "hasSystemFrames": any(
            value["stacktrace"] and value["stacktrace"]["hasSystemFrames"] for value in values
        ),
        "excOmitted": exception.get("exc_omitted"),
    }


def annotate_exception(meta: dict[str, Any], exception: dict[str, Any]) -> dict[str, Any]:
    """Answer their `_meta`, by the index in the body, where nulls count."""
    notes = meta.get("values") or {}
    values = exception.get("values") or ()
    return {
        "values": {
            str(index): _annotate_value(notes[str(index)], value)
            for index, value in enumerate(values)
            if value is not None and str(index) in notes
        }
    }


def _value_to_api(
    value: dict[str, Any], platform: str | None, generation: Generation
) -> dict[str, Any]:
    return {
        "type": value.get("type"),
        "value": value.get("value") or None,
        "mechanism": _mechanism_to_api(value.get("mechanism")),
        "threadId": value.get("thread_id"),
        "module": value.get("module"),
        "stacktrace": attached_stacktrace(value, "stacktrace", platform, generation),
        "rawStacktrace": attached_stacktrace(value, "raw_stacktrace", platform, generation),
        **{shown: value.get(key) or None for key, shown in generation.raw_exception.items()},
    }


def _mechanism_to_api(mechanism: dict[str, Any] | None) -> dict[str, Any] | None:
    if mechanism is None:
        return None
    answer = {key: mechanism.get(key) for key in MECHANISM}
    for key in ("data", "meta"):
        answer[key] = drop_nulls(answer[key] or {}) or None
    return drop_nulls(answer)


def _annotate_value(meta: dict[str, Any], value: dict[str, Any]) -> dict[str, Any]:
    answer = pick(meta, META)
    answer["stacktrace"] = None
    if (note := meta.get("stacktrace")) and has_frames(stacktrace := value.get("stacktrace")):
        answer["stacktrace"] = annotate_stacktrace(note, stacktrace)
    return answer
