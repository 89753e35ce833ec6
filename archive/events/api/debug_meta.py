"""Debug images. Source: Sentry 2024-09, `interfaces/debug_meta.py`."""

from typing import Any

from archive.events.api.generation import Generation

_KEYS = ("images", "sdk_info", "is_debug_build")


def debug_meta_to_api(
    debug_meta: dict[str, Any], platform: str | None, generation: Generation
) -> dict[str, Any]:
    """The images and the system SDK, where there are any."""
    return {key: debug_meta[key] for key in _KEYS if debug_meta.get(key) not in (None, [], {})}
