"""An axis of time has a few round times, with their dates or years."""

from __future__ import annotations

from datetime import datetime

import pytest

from archive.charts.timeaxis import find_ticks

HOUR, DAY = 3600, 86_400
CASES = {
    "one hour": ("2026-10-01T09:00", "2026-10-01T09:00", HOUR, "09:00 Oct 1, 2026"),
    "one day": ("2026-10-01", "2026-10-01", DAY, "Oct 1 2026"),
    "within an hour": ("2026-10-01T09:10", "2026-10-01T09:50", 600, "09:10 Oct 1, 2026"),
    "hours": (
        "2026-12-31T22:00", "2027-01-01T01:00", HOUR,
        "22:00 Dec 31, 2026|23:00 Dec 31, 2026|00:00 Jan 1, 2027|01:00 Jan 1, 2027",
    ),
    "weeks begin on Monday": (
        "2026-10-20", "2026-11-10", 7 * DAY, "Oct 26 2026|Nov 2 2026|Nov 9 2026",
    ),
    "months": (
        "2026-01-15", "2026-05-15", 28 * DAY, "Feb 2026|Mar 2026|Apr 2026|May 2026",
    ),
    "quarters": (
        "2026-02-01", "2027-12-01", DAY,
        "Apr 2026|Jul 2026|Oct 2026|Jan 2027|Apr 2027|Jul 2027|Oct 2027",
    ),
    "years": ("2018-03-10", "2024-11-19", DAY, "2019|2020|2021|2022|2023|2024"),
    "centuries": ("0001-01-01", "9999-12-31", DAY, "1000|2000|3000|4000|5000|6000|7000|8000|9000"),
}  # fmt: skip


@pytest.mark.parametrize(("start", "end", "period", "shown"), CASES.values(), ids=CASES)
def test_ticks(start: str, end: str, period: float, shown: str) -> None:
    ticks = find_ticks(datetime.fromisoformat(start), datetime.fromisoformat(end), period)
    assert [f"{tick.near} {tick.far}".rstrip() for tick in ticks] == shown.split("|")
    assert ticks == sorted(ticks)
