"""Times as people write them."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from archive.errors import InvalidParameter
from archive.query.times import parse_time, read_period, read_time

NOW = datetime(2026, 11, 20, 8, 30, 15, 5, UTC)

TIMES = {
    "2026-11-01": "2026-11-01T00:00:00+00:00",
    "2026-11-01T08:30:00": "2026-11-01T08:30:00+00:00",
    "2026-11-01T08:30:00Z": "2026-11-01T08:30:00+00:00",
    "2026-11-01T08:30:00+02:00": "2026-11-01T06:30:00+00:00",
    "now": NOW.isoformat(),
    "today": "2026-11-20T00:00:00+00:00",
    "yesterday": "2026-11-19T00:00:00+00:00",
    "30d": "2026-10-21T08:30:15.000005+00:00",
    "2w": "2026-11-06T08:30:15.000005+00:00",
    "24h": "2026-11-19T08:30:15.000005+00:00",
    "90m": "2026-11-20T07:00:15.000005+00:00",
    "15s": "2026-11-20T08:30:00.000005+00:00",
}


@pytest.mark.parametrize("text", TIMES)
def test_time(text: str) -> None:
    assert parse_time(text, NOW).isoformat() == TIMES[text]


@pytest.mark.parametrize("text", ["", "soon", "30", "-30d", "30y", "999999999w", "2026-02-31"])
def test_not_a_time(text: str) -> None:
    with pytest.raises(InvalidParameter, match="since: invalid date"):
        read_time("since", text)


@pytest.mark.parametrize("text", ["yesterday", "2026-11-01", "30", "999999999w"])
def test_not_a_period(text: str) -> None:
    with pytest.raises(InvalidParameter, match="stats-period: "):
        read_period("stats-period", text)


def test_datetimes_are_in_utc_without_a_zone() -> None:
    assert read_time("since", NOW.replace(tzinfo=None)) == read_time("since", NOW) == NOW
