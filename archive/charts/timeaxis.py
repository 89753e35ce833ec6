"""The dates and hours on an axis of time."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import NamedTuple

_MOST = 10
_HOURS = (1, 3, 6, 12, 24, 48, 7 * 24, 14 * 24)
_MONTHS = (1, 2, 3, 6, 12, 24, 60, 120, 240, 600, 1200, 12_000)
_WEEK = datetime(1, 1, 1)  # a Monday


class Tick(NamedTuple):
    """A time on the axis; `far` is the date or year that it belongs to."""

    time: datetime
    near: str
    far: str


def find_ticks(start: datetime, end: datetime, period: float) -> list[Tick]:
    """Find a few round times, at least a period of seconds apart: between the two, or the start."""
    for hours in _HOURS:
        step = timedelta(hours=hours)
        if (end - start) / step < _MOST and step.total_seconds() >= period:
            first = start - (start - _WEEK) % step
            times = [first + at * step for at in range((end - first) // step + 1)]
            return [_show_time(time, hours) for time in times if time >= start] or [
                _show_time(start, hours)
            ]
    return list(_find_months(start, end))


def _find_months(start: datetime, end: datetime) -> Iterator[Tick]:
    first, last = (time.year * 12 + time.month - 1 for time in (start, end))
    step = next(step for step in _MONTHS if (last - first) / step < _MOST)
    for month in range(first - first % step, last + 1, step):
        if month >= 12 and (time := datetime(month // 12, month % 12 + 1, 1)) >= start:
            yield Tick(time, f"{time:%b}" if step < 12 else str(time.year), _show_year(time, step))


def _show_year(time: datetime, step: int) -> str:
    return str(time.year) if step < 12 else ""


def _show_time(time: datetime, hours: int) -> Tick:
    day = f"{time:%b} {time.day}"
    if hours < 24:
        return Tick(time, f"{time:%H:%M}", f"{day}, {time.year}")
    return Tick(time, day, str(time.year))
