"""The user. Source: Sentry 2024-09, `interfaces/user.py`."""

from typing import Any

from archive.events.api.generation import Generation

_ANNOTATED = ("", "id", "email", "username", "ip_address", "name", "data")


def user_to_api(user: dict[str, Any], generation: Generation) -> dict[str, Any]:
    """Who met the event, with everything else known of them in `data`."""
    answer = {key: user.get(key) for key in generation.user}
    answer["data"] = answer["data"] or None
    return answer


def annotate_user(meta: dict[str, Any]) -> dict[str, Any]:
    """Its `_meta`."""
    return {key: meta.get(key) for key in _ANNOTATED}
