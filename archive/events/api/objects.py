"""Objects without their null members, as Sentry prunes them before answering."""

from typing import Any


def drop_nulls(body: dict[str, Any]) -> dict[str, Any]:
    """Copy an object without its null members (Sentry 2024-09, `prune_empty_keys`)."""
    return {key: member for key, member in body.items() if member is not None}
