"""Instants as the API writes them: ISO 8601 in UTC, without a fraction when it is zero."""

from datetime import datetime, timedelta

_EPOCH = datetime(1970, 1, 1)


def format_instant(seconds: float, digits: int = 6) -> str | None:
    """The instant so many seconds after the epoch; None outside of the years 1 to 9999.

    digits: how many digits of the fraction are kept, of the six that are written.
    """
    try:
        moment = _EPOCH + timedelta(seconds=seconds)
    except OverflowError:
        return None
    if digits < 6:
        unit = 10 ** (6 - digits)
        moment = moment.replace(microsecond=moment.microsecond // unit * unit)
    return moment.isoformat() + "Z"
