"""Generations of Sentry's API: the members that were added to answers over time, and its dates."""

from datetime import datetime, timedelta
from typing import NamedTuple

_EPOCH = datetime(1970, 1, 1)


class Generation(NamedTuple):
    """What differs between the answers of one year and of another.

    user: the members of a user.
    frame: the members of a frame by their stored names, in the API's order.
    empty_frame: an answered frame in which every member is null.
    raw_exception: members that follow an exception's stack traces, by their stored names.
    date_created_digits: how many digits of a second's fraction `dateCreated` has.
    """

    user: tuple[str, ...]
    frame: dict[str, str]
    empty_frame: dict[str, None]
    raw_exception: dict[str, str]
    date_created_digits: int


_FRAME = {
    "filename": "filename",
    "abs_path": "absPath",
    "module": "module",
    "package": "package",
    "platform": "platform",
    "instruction_addr": "instructionAddr",
    "symbol_addr": "symbolAddr",
    "function": "function",
    "raw_function": "rawFunction",
    "symbol": "symbol",
    "context": "context",
    "lineno": "lineNo",
    "colno": "colNo",
    "parent_index": "parentIndex",
    "sample_count": "sampleCount",
    "in_app": "inApp",
    "trust": "trust",
    "errors": "errors",
    "lock": "lock",
    "source_link": "sourceLink",
    "vars": "vars",
}
_ADDED = ("parent_index", "sample_count")
_FRAME_2024 = {key: shown for key, shown in _FRAME.items() if key not in _ADDED}

GENERATION_2024_09 = Generation(
    user=("id", "email", "username", "ip_address", "name", "data"),
    frame=_FRAME_2024,
    empty_frame=dict.fromkeys(_FRAME_2024.values()),
    raw_exception={},
    date_created_digits=0,
)
"""As in the tree of Sentry of 2024-09-17."""

GENERATION_2026_03 = Generation(
    user=("id", "email", "username", "ip_address", "name", "geo", "data"),
    frame=_FRAME,
    empty_frame=dict.fromkeys(_FRAME.values()),
    raw_exception={"raw_value": "rawValue", "raw_module": "rawModule", "raw_type": "rawType"},
    date_created_digits=3,
)
"""As in an answer of 2026-03-13; the API's response schema of 2026-08-16 has no more."""

NEWEST = GENERATION_2026_03
"""The generation in which converted events are answered."""


def format_instant(seconds: float, digits: int = 6) -> str | None:
    """Format epoch seconds as ISO 8601 in UTC, without a fraction of zero.

    Returns None outside the years 1 to 9999.

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
