"""Breadcrumbs. Source: Sentry 2024-09, `interfaces/breadcrumbs.py`."""

from typing import Any

from archive.events.api.generation import Generation
from archive.events.dates import format_instant


def breadcrumbs_to_api(
    breadcrumbs: dict[str, Any], platform: str | None, generation: Generation
) -> dict[str, Any]:
    """The breadcrumbs, oldest first."""
    return {
        "values": [
            _crumb_to_api(crumb) for crumb in breadcrumbs.get("values") or () if crumb is not None
        ]
    }


def _crumb_to_api(crumb: dict[str, Any]) -> dict[str, Any]:
    timestamp = crumb.get("timestamp")
    return {
        "type": crumb.get("type"),
        "timestamp": format_instant(timestamp) if timestamp else None,
        "level": crumb.get("level"),
        "message": crumb.get("message"),
        "category": crumb.get("category"),
        "data": crumb.get("data") or None,
        "event_id": crumb.get("event_id"),
    }
