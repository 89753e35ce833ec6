"""What of Event Archive is measured inside a process: `python benchmarks/ours.py NAME ARCHIVE`."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from statistics import quantiles

from measure import time_call, time_once

import archive

WARMING = 50


def resolve(path: str) -> None:
    """Answer the IDs of stdin one by one; the first ones only open what stays open."""
    event_ids = sys.stdin.read().split()
    with archive.open(path) as events:
        times = [
            time_once(lambda event_id=event_id: events.resolve(event_id).body)  # type: ignore[misc]
            for event_id in event_ids
        ][WARMING:]
    cuts = quantiles(times, n=100)
    print(json.dumps({"p50": cuts[49], "p99": cuts[98], "times": len(times)}))


def ask_top_frames(path: str) -> None:
    """Run the report, and show its rows, so that they can be compared."""
    with archive.open(path) as events:

        def ask() -> list[object]:
            return list(events.report("top-frames", limit=20))

        print(json.dumps({"seconds": time_call(ask), "rows": ask()}, default=str))


OURS: dict[str, Callable[[str], None]] = {"resolve": resolve, "top-frames": ask_top_frames}

if __name__ == "__main__":
    OURS[sys.argv[1]](sys.argv[2])
