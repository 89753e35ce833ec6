"""How an archive ages: `python benchmarks/nightly.py --loads 3650 --events 5`.

Loads a few events per night. At some nights it measures the parts and manifests, opening SQL, and
the last loads. Nothing is flushed to disk, because that would measure the disk.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import NamedTuple

from corpus import generate
from measure import measure_size, time_call
from table import describe_machine

import archive
from archive.storage import cleanup
from archive.storage.manifest import list_manifests
from archive.storage.state import read_newest

NIGHTS = (1, 10, 30, 100, 365, 730, 1_500, 2_500, 3_650)
LAST = 16  # loads whose cost is averaged


class Night(NamedTuple):
    """An archive after a number of loads. Sizes in bytes, times in seconds.

    load, written: of the last loads, on average. slowest: the slowest of them.
    """

    loads: int
    parts: int
    manifest: int
    manifests: int
    open: float
    load: float
    slowest: float
    written: int
    total: float
    archived: int


class Cost(NamedTuple):
    """The CPU time and bytes written of a load."""

    seconds: float
    written: int


def run(work: Path, loads: int, events: int) -> Iterator[Night]:
    """Load this many times, and yield what some nights are like."""
    place, export = work / "archive", work / "export.jsonl"
    drawn = generate(loads * events, 1, small=True)
    costs: list[Cost] = []
    for number in range(1, loads + 1):
        export.write_bytes(b"".join(event.text + b"\n" for event in islice(drawn, events)))
        costs.append(_load(place, export))
        if number in NIGHTS or number == loads:
            yield _measure(place, costs)


def _load(place: Path, export: Path) -> Cost:
    started, before = time.process_time(), _count_written()
    archive.open(place).load(export, organization="acme")
    return Cost(time.process_time() - started, _count_written() - before)


def _count_written() -> int:
    """The bytes that this process has written, to the page cache or further."""
    counts = dict(line.split(": ") for line in Path("/proc/self/io").read_text().splitlines())
    return int(counts["wchar"])


def _measure(place: Path, costs: list[Cost]) -> Night:
    manifests, last = list_manifests(place), costs[-LAST:]
    return Night(
        loads=len(costs),
        parts=len(read_newest(place).parts),
        manifest=manifests[-1].stat().st_size,
        manifests=sum(path.stat().st_size for path in manifests),
        open=time_call(lambda: _open_sql(place)),
        load=sum(cost.seconds for cost in last) / len(last),
        slowest=max(cost.seconds for cost in last),
        written=round(sum(cost.written for cost in last) / len(last)),
        total=sum(cost.seconds for cost in costs),
        archived=measure_size(place),
    )


def _open_sql(place: Path) -> None:
    with archive.open(place) as events:
        events.sql("SELECT 1")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--loads", type=int, default=3_650)
    parser.add_argument("--events", type=int, default=5, help="per load")
    given = parser.parse_args()
    os.fsync = lambda handle: None  # type: ignore[assignment]
    cleanup.GRACE_SECONDS = -1  # there is a day between loads
    print(describe_machine(), file=sys.stderr)
    print(*(name.rjust(11) for name in Night._fields))
    with tempfile.TemporaryDirectory() as work:
        for night in run(Path(work), given.loads, given.events):
            shown = (f"{value:.3f}" if isinstance(value, float) else value for value in night)
            print(*(f"{value:>11}" for value in shown), flush=True)


if __name__ == "__main__":
    main()
