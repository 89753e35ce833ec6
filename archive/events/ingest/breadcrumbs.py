"""Breadcrumbs (Relay, `process_breadcrumb`)."""

from typing import Any

from archive.events.protocol.interfaces import BREADCRUMB
from archive.events.protocol.meta import Meta


def process_breadcrumb(crumb: dict[str, Any], meta: Meta) -> dict[str, Any]:
    """Set the default type and level of a breadcrumb; its unknown members become errors."""
    unknown = BREADCRUMB.list_unknown(crumb)
    for key in unknown:
        del crumb[key]
    if not crumb.get("type"):
        crumb["type"] = "default"
    if crumb.get("level") is None:
        crumb["level"] = "info"
    for key in unknown:
        crumb[key] = None
        meta[key] = {"": {"err": ["invalid_attribute"]}}
    return crumb
