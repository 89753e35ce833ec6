"""Tags. Source: Sentry 2024-09, `api/serializers/models/event.py` and `eventstore/models.py`."""

from typing import Any

_DEVICE_CLASSES = {"1": "low", "2": "medium", "3": "high"}
_USER_FIELDS = ("id", "email", "username", "ip")


def find_tag(event: dict[str, Any], key: str) -> str | None:
    """The value of the tag stored under a key."""
    return next((value for name, value in _sorted_pairs(event) if name == key), None)


def tags_to_api(event: dict[str, Any]) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    """The tags by the key shown, and their `_meta` by the index in that list.

    With any `_meta` the nulls are kept, as the annotation is often the reason for them.
    """
    meta = event.get("_meta", {}).get("tags") or {}
    pairs = [pair or None for pair in event.get("tags") or ()] if meta else _sorted_pairs(event)
    shown = [
        (_tag_to_api(*pair), _annotate(meta.get(str(index))))
        for index, pair in enumerate(pairs)
        if pair is not None
    ]
    shown.sort(key=lambda item: item[0]["key"] or "")
    return [tag for tag, _ in shown], {
        str(index): note for index, (_, note) in enumerate(shown) if note
    }


def _sorted_pairs(event: dict[str, Any]) -> list[list[str]]:
    pairs = event.get("tags") or ()
    return sorted(pair for pair in pairs if pair is not None and None not in pair)


def _tag_to_api(stored_key: str | None, value: str | None) -> dict[str, Any]:
    key = stored_key and stored_key.split("sentry:", 1)[-1]
    if key == "device.class" and value is not None:
        value = _DEVICE_CLASSES.get(value, value)
    tag = {"key": key, "value": value}
    if key == "user" and value and (query := _query_user(value)):
        tag["query"] = query
    return tag


def _query_user(value: str) -> str | None:
    field, colon, rest = value.partition(":")
    if not colon or field not in _USER_FIELDS:
        return None
    quoted = rest.replace('"', '\\"')
    return f'user.{field}:"{quoted}"'


def _annotate(meta: dict[str, Any] | None) -> dict[str, Any]:
    named = (("key", "0"), ("value", "1"))
    return {name: meta[index] for name, index in named if meta and meta.get(index)}
