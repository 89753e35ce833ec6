"""The UI's JSON download, taken back to the stored body it was made from.

Source: Sentry 2024-09, `eventstore/models.py` (as_dict), which EventJsonEndpoint answers.
"""

from typing import Any

_PREFIX = "sentry:"
_PREFIXED = frozenset(("release", "dist", "user"))


def is_download(body: dict[str, Any]) -> bool:
    """Whether the body is a download: it has a date as text and no tag under its stored key."""
    tags = body.get("tags")
    return (
        type(body.get("datetime")) is str
        and type(body.get("message")) is str
        and type(tags) is list
        and not any(_tag_key(tag).startswith(_PREFIX) for tag in tags)
    )


def restore_body(download: dict[str, Any]) -> dict[str, Any]:
    """The body without what the download adds, its tags under their stored keys.

    The tags lost their stored order, and with it what told which of them `_meta` is about.
    """
    body = {key: download[key] for key in download if key not in ("message", "datetime")}
    body.setdefault("timestamp", download["datetime"])
    body["tags"] = [
        [_PREFIX + tag[0], tag[1]] if _tag_key(tag) in _PREFIXED else tag
        for tag in download["tags"]
    ]
    meta = body.get("_meta")
    if type(meta) is dict:
        body["_meta"] = {key: meta[key] for key in meta if key != "tags"}
    return body


def _tag_key(tag: Any) -> str:
    return tag[0] if type(tag) is list and len(tag) == 2 and type(tag[0]) is str else ""
