"""The user (Relay, `process_user`)."""

from typing import Any

from archive.events.protocol.interfaces import USER
from archive.events.protocol.meta import Meta

NAMES = (("id", "id"), ("username", "username"), ("email", "email"), ("ip_address", "ip"))


def process_user(user: dict[str, Any], meta: Meta) -> dict[str, Any]:
    """Move the unknown members of a user to `data`."""
    unknown = USER.list_unknown(user)
    if unknown:
        data = dict(user.get("data") or {})
        for key in unknown:
            data[key] = user.pop(key)
            if note := meta.pop(key, None):
                meta.setdefault("data", {})[key] = note
        user["data"] = {key: data[key] for key in sorted(data)}
    return user


def identify_user(user: dict[str, Any]) -> dict[str, str]:
    """Give the member that becomes the tag `sentry:user` (Sentry, `EventUser.tag_value`)."""
    for name, label in NAMES:
        if user.get(name):
            return {"sentry_user": f"{label}:{user[name]}"}
    return {}
