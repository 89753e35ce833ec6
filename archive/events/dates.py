"""Instants as the API writes them: ISO 8601 in UTC, without a fraction when it is zero."""

from datetime import datetime, timedelta
from math import floor

_EPOCH = datetime(1970, 1, 1)


def format_instant(seconds: float) -> str | None:
    """The instant so many seconds after the epoch; None outside of the years 1 to 9999."""
    try:
        moment = _EPOCH + timedelta(seconds=seconds)
    except OverflowError:
        return None
    return moment.isoformat() + "Z"


def format_second(seconds: float) -> str | None:
    """The same in whole seconds, as Snuba's event column has it (Sentry 2024-09)."""
    return format_instant(floor(seconds))
