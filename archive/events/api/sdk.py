"""The client SDK. Source: Sentry 2024-09, `interfaces/sdk.py`."""

from typing import Any


def sdk_to_api(sdk: dict[str, Any]) -> dict[str, Any]:
    """The name and the version; the packages and integrations are not shown."""
    return {"name": sdk.get("name"), "version": sdk.get("version")}


def annotate_sdk(meta: dict[str, Any]) -> dict[str, Any]:
    """Its `_meta`."""
    return {key: meta.get(key) for key in ("", "name", "version")}
