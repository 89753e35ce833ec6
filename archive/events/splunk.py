"""Convert events that Sentry forwarded to Splunk: a time and a few flat members."""

from __future__ import annotations

from typing import Any


def expand_splunk(body: dict[str, Any]) -> dict[str, Any]:
    """Convert a forwarded event to the shape that an SDK sends.

    body: the request to Splunk's HTTP event collector, which contains the event, as Sentry's
    forwarder writes it (integrations/data_forwarding/splunk/forwarder.py).
    """
    inner = body.get("event")
    event = inner if isinstance(inner, dict) else {}
    sent = {
        "event_id": event.get("event_id"),
        "timestamp": body.get("time"),
        "type": event.get("type"),
        **_find_tags(event.get("tags"), ("level", "logger", "server_name", "dist")),
        "transaction": event.get("transaction"),
        "release": event.get("release"),
        "environment": event.get("environment"),
        "tags": event.get("tags"),
        "message": event.get("message"),
        "request": _drop_absent(
            {
                "url": event.get("request_url"),
                "method": event.get("request_method"),
                "headers": _drop_absent({"Referer": event.get("request_referer")}),
            }
        ),
        "user": _drop_absent({"id": event.get("user_id")}),
        "exception": _drop_absent(
            {"type": event.get("exception_type"), "value": event.get("exception_value")}
        ),
        "csp": _drop_absent(
            {
                name.removeprefix("csp_"): value
                for name, value in event.items()
                if name.startswith("csp_")
            }
        ),
    }
    return _drop_absent(sent)


def _find_tags(tags: Any, keys: tuple[str, ...]) -> dict[str, Any]:
    """Find the members that Sentry converted to tags."""
    listed = tags if isinstance(tags, list) else []
    pairs = [tag for tag in listed if isinstance(tag, list) and len(tag) == 2]
    return {key: value for key, value in pairs if key in keys}


def _drop_absent(members: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in members.items() if value not in (None, "", {}, [])}
