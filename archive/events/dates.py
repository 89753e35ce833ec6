"""Format timestamps as the API does: ISO 8601 in UTC, without a fraction of zero."""

from datetime import datetime, timedelta

_EPOCH = datetime(1970, 1, 1)


def format_instant(seconds: float, digits: int = 6) -> str | None:
    """Format epoch seconds; None outside the years 1 to 9999.

    digits: the digits of the fraction to keep; six are written.
    """
    try:
        moment = _EPOCH + timedelta(seconds=seconds)
    except OverflowError:
        return None
    if digits < 6:
        unit = 10 ** (6 - digits)
        moment = moment.replace(microsecond=moment.microsecond // unit * unit)
    return moment.isoformat() + "Z"
