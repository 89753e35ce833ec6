"""The user. Source: Sentry 2024-09, `interfaces/user.py`."""

from typing import Any

_KEYS = ("id", "email", "username", "ip_address", "name")


def user_to_api(user: dict[str, Any]) -> dict[str, Any]:
    """Who met the event, with everything else known of them in `data`."""
    answer = {key: user.get(key) for key in _KEYS}
    answer["data"] = user.get("data") or None
    return answer


def annotate_user(meta: dict[str, Any]) -> dict[str, Any]:
    """Its `_meta`."""
    return {key: meta.get(key) for key in ("", *_KEYS, "data")}
