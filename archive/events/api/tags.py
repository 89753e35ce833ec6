"""Tags. Source: Sentry 2024-09, `api/serializers/models/event.py` and `eventstore/models.py`."""

from typing import Any

_DEVICE_CLASSES = {"1": "low", "2": "medium", "3": "high"}
_USER_FIELDS = ("id", "email", "username", "ip")


def find_tag(event: dict[str, Any], key: str) -> str | None:
    """The value of the tag stored under a key."""
    pairs = [pair for pair in event.get("tags") or () if pair is not None and pair[0] == key]
    return min((value for _, value in pairs if value is not None), default=None)


class SharedTag(list[str]):
    """A pair that the tables show of many events; it must not be changed."""

    __slots__ = ("shown",)

    def __init__(self, pair: list[str]) -> None:
        from archive.events.model import Tag  # a lookup does without it

        super().__init__(pair)
        shown = _tag_to_api(*pair)
        self.shown = Tag(shown["key"], shown["value"])


def tags_to_api(event: dict[str, Any]) -> tuple[list[Any], dict[str, Any]]:
    """The tags by the key shown, and their `_meta` by the index in that list.

    With any `_meta` the nulls are kept, as the annotation is often the reason for them.
    """
    meta = event.get("_meta", {}).get("tags") or {}
    if not meta:
        pairs = _sorted_pairs(event)
        pairs.sort(key=lambda pair: _show_key(pair[0]))
        return [pair.shown if type(pair) is SharedTag else _tag_to_api(*pair) for pair in pairs], {}
    shown = [
        (_tag_to_api(*pair), _annotate(meta.get(str(index))))
        for index, pair in enumerate(event.get("tags") or ())
        if pair
    ]
    shown.sort(key=lambda item: item[0]["key"] or "")
    return [tag for tag, _ in shown], {
        str(index): note for index, (_, note) in enumerate(shown) if note
    }


def _sorted_pairs(event: dict[str, Any]) -> list[list[str]]:
    pairs = event.get("tags") or ()
    return sorted(pair for pair in pairs if pair is not None and None not in pair)


def _tag_to_api(stored_key: str | None, value: str | None) -> dict[str, Any]:
    key = stored_key and _show_key(stored_key)
    if key == "device.class" and value is not None:
        value = _DEVICE_CLASSES.get(value, value)
    tag = {"key": key, "value": value}
    if key == "user" and value and (query := _query_user(value)):
        tag["query"] = query
    return tag


def _show_key(stored_key: str) -> str:
    return stored_key.split("sentry:", 1)[-1]


def _query_user(value: str) -> str | None:
    field, colon, rest = value.partition(":")
    if not colon or field not in _USER_FIELDS:
        return None
    quoted = rest.replace('"', '\\"')
    return f'user.{field}:"{quoted}"'


def _annotate(meta: dict[str, Any] | None) -> dict[str, Any]:
    named = (("key", "0"), ("value", "1"))
    return {name: meta[index] for name, index in named if meta and meta.get(index)}
