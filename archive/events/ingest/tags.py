"""Tags: those sent, cleaned, and those derived from the rest of the event."""

from collections.abc import Iterator
from typing import Any

from archive.events.api.titles import cut
from archive.events.protocol.meta import Meta, add_error, reject, take_children
from archive.events.protocol.scalars import AUTO_ADDRESS

LONGEST = 200
RESERVED = frozenset({"release", "dist", "user", "filename", "function"})

CONTEXT_TAGS: dict[str, tuple[tuple[str, tuple[str, ...]], ...]] = {
    "app": (("device", ("device_app_hash",)),),
    "device": (("", ("model",)), ("family", ("family",))),
    "runtime": (("", ("name", "version")), ("name", ("name",))),
    "browser": (("", ("name", "version")), ("name", ("name",))),
    "os": (("", ("name", "version")), ("name", ("name",)), ("rooted", ("rooted",))),
    "gpu": (("name", ("name",)), ("vendor", ("vendor_name",))),
    "monitor": (("id", ("id",)),),
}
"""Per type of context: the tags' suffixes, and the members their values consist of.

Sentry, `indexed_fields` in src/sentry/interfaces/contexts.py.
"""


def process_tags(tags: list[Any], meta: Meta) -> list[Any]:
    """Keep unique keys, none that ingest derives, and no empty or long texts.

    Relay, `normalize_event_tags`.
    """
    inherited = take_children(meta)
    seen: set[str | None] = set()
    kept: list[Any] = []
    for index, tag in enumerate(tags):
        note = inherited.get(str(index), {})
        if tag is not None:
            if tag[0] in RESERVED or tag[0] in seen:
                continue
            seen.add(tag[0])
            _check_part(tag, 0, note)
            _check_part(tag, 1, note)
        if note:
            meta[str(len(kept))] = note
        kept.append(tag)
    return kept


def take_tag(tags: list[Any], key: str, meta: Meta) -> str | None:
    """Remove the first tag of a key and return its value."""
    for index, tag in enumerate(tags):
        if tag and tag[0] == key:
            del tags[index]
            _shift_notes(meta, index)
            value: str | None = tag[1]
            return value
    return None


def add_derived_tags(event: dict[str, Any], meta: Meta) -> None:
    """Append the tags that ingest derives, in its order.

    Sentry, event_manager.py: `_pull_out_data`, `_get_or_create_release_many`,
    `_get_event_user_many` and `_derive_interface_tags_many`.
    """
    tags = event["tags"]
    notes = meta.get("tags", {})
    has_url = any(tag and tag[0] == "url" for tag in tags)
    for key, value in _rebuild(event):
        if value and not (key == "url" and has_url):
            take_tag(tags, key, notes)
            tags.append([key, cut(value, LONGEST)])
    if not notes:
        meta.pop("tags", None)


def _rebuild(event: dict[str, Any]) -> Iterator[tuple[str, str | None]]:
    for key in ("level", "logger", "environment", "transaction"):
        yield key, event.get(key)
    if event.get("release"):
        yield "sentry:release", event["release"]
        yield "sentry:dist", event.get("dist")
    user = (event.get("user") or {}).get("sentry_user")
    if user != f"ip:{AUTO_ADDRESS}":
        yield "sentry:user", user
    url = (event.get("request") or {}).get("url") or ""
    yield "url", url if len(url) <= LONGEST else None
    yield from _derive_from_mechanism(event)
    for alias, context in (event.get("contexts") or {}).items():
        if context:
            yield from derive_from_context(alias, context)


def derive_from_context(alias: str, context: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield the tags of one context, named after its alias."""
    kind = context.get("type")
    for suffix, members in CONTEXT_TAGS.get(kind, ()) if isinstance(kind, str) else ():
        parts = [context.get(member) for member in members]
        if None in parts:
            continue
        value = " ".join(_format(part) for part in parts).strip()
        if value:
            yield (f"{alias}.{suffix}" if suffix else alias), value


def _derive_from_mechanism(event: dict[str, Any]) -> Iterator[tuple[str, str | None]]:
    exceptions = (event.get("exception") or {}).get("values") or [None]
    mechanism = (exceptions[-1] or {}).get("mechanism")
    if mechanism:
        yield "mechanism", mechanism.get("type")
        if mechanism.get("handled") is not None:
            yield "handled", _format(mechanism["handled"])


def _format(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value)


def _check_part(tag: list[Any], part: int, note: Meta) -> None:
    text = tag[part]
    if text is None or 0 < len(text) <= LONGEST:
        return
    own: Meta = {}
    tag[part] = add_error(own, "value_too_long") if text else reject(own, "a non-empty value", None)
    note[str(part)] = own


def _shift_notes(meta: Meta, removed: int) -> None:
    for key, note in sorted(take_children(meta).items(), key=lambda entry: int(entry[0])):
        index = int(key)
        if index != removed:
            meta[str(index - (index > removed))] = note
