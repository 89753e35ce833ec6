"""Measure lookups of events that are converted: `python benchmarks/converted.py`.

The largest events of the test corpus, as SDKs sent them and as Sentry stored them, are brought to
one size by repeating or dropping frames, breadcrumbs and debug images, and asked for warm.
"""

from __future__ import annotations

import argparse
import gc
import json
import os
import random
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator
from itertools import cycle, islice
from pathlib import Path
from statistics import quantiles
from typing import Any, NamedTuple

from table import describe_machine

import archive
from archive.events.ingest import normalize
from archive.jsontext import parse

MOST_REPEATED = 250  # items of a list; of frames Sentry drops the others
NEAR = 0.9
RECEIVED = 1_714_557_321.25
COPIES = 60
KB = 1e3


class Sample(NamedTuple):
    """An event of the wanted size, and the name of the file that it was made of."""

    name: str
    body: dict[str, Any]


def find_samples(corpus: Path, size: int) -> Iterator[Sample]:
    """The corpus's events of at least a quarter of the size, in both forms, brought to it."""
    for path in sorted((corpus / "store").rglob("*.json")):
        sent = parse(path.read_bytes())
        if isinstance(sent, dict) and measure(sent) > size / 4:
            for body in (sent, store(sent)):
                resized = resize(body, size)
                if measure(resized) > size * NEAR:
                    yield Sample(path.stem, resized)


def store(sent: dict[str, Any]) -> dict[str, Any]:
    """An event as Sentry stores it; `received` distinguishes it from a sent one."""
    return normalize({"timestamp": RECEIVED, "received": RECEIVED, **sent})


def resize(body: dict[str, Any], size: int) -> dict[str, Any]:
    """The event with its lists longer or shorter, all in proportion, so that it has the size."""
    low, high = 0.0, 64.0
    while high - low > 0.01:
        middle = (low + high) / 2
        low, high = (low, middle) if measure(scale(body, middle)) > size else (middle, high)
    resized: dict[str, Any] = scale(body, low)
    return resized


def scale(value: Any, factor: float) -> Any:
    """Multiply the frames, debug images and breadcrumbs of a value."""
    if isinstance(value, list):
        return [scale(item, factor) for item in value]
    if not isinstance(value, dict):
        return value
    return {
        key: repeat(member, factor) if is_repeated(key, member) else scale(member, factor)
        for key, member in value.items()
    }


def is_repeated(key: str, member: Any) -> bool:
    """Whether a member is a list of frames, images or breadcrumbs."""
    if not isinstance(member, list) or not member:
        return False
    return key in ("frames", "images", "breadcrumbs") or (
        key == "values" and isinstance(member[0], dict) and "category" in member[0]
    )


def repeat(items: list[Any], factor: float) -> list[Any]:
    """The items over and over, or fewer of them."""
    return list(islice(cycle(items), max(1, min(round(len(items) * factor), MOST_REPEATED))))


def measure(body: dict[str, Any]) -> int:
    """The length of an event's compact JSON."""
    return len(dump(body))


def dump(value: Any) -> str:
    """Compact JSON."""
    return json.dumps(value, separators=(",", ":"))


def ask(events: archive.Archive, samples: list[Sample], rounds: int) -> Iterator[str]:
    """A line for each sample; they are asked for in random order, the first round uncounted."""
    ids = load(events, samples)
    gc.freeze()  # or the samples, which are large, would be looked through at every lookup
    times: dict[int, list[float]] = defaultdict(list)
    for turn in range(rounds + 1):
        asked = list(ids.items())
        random.Random(turn).shuffle(asked)
        for event_id, number in asked:
            started = time.process_time()
            _ = events.resolve(event_id).body
            if turn:
                times[number].append(time.process_time() - started)
    gc.unfreeze()
    last = {number: event_id for event_id, number in ids.items()}
    for number, (name, body) in enumerate(samples):
        cuts = quantiles(times[number], n=100)
        answer = events.resolve(last[number])
        yield (
            f"| {answer.shape:5} | {name:24} | {measure(body) / KB:5.1f} KB "
            f"| {len(answer.body) / KB:5.1f} KB | {cuts[49] * 1e3:6.2f} | {cuts[98] * 1e3:6.2f} |"
        )


def load(events: archive.Archive, samples: list[Sample]) -> dict[str, int]:
    """Load copies of all samples, in turn; the IDs, and which sample each is of."""
    ids = {f"{number:032x}": number % len(samples) for number in range(COPIES * len(samples))}
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "events.jsonl"
        with file.open("w") as lines:
            for event_id, number in ids.items():
                lines.write(dump({**samples[number].body, "event_id": event_id}) + "\n")
        report = events.load(file)
    if report.stored != len(ids):
        raise SystemExit(f"{report.stored} of {len(ids)} events were stored")
    return ids


def main() -> None:
    """Measure, and print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--size", type=int, default=100_000, help="bytes of an event's JSON")
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    corpus = os.environ.get("EVENT_ARCHIVE_CORPUS")
    if not corpus:
        raise SystemExit("EVENT_ARCHIVE_CORPUS must name the folder of the test corpus")
    samples = list(find_samples(Path(corpus), options.size))
    print(f"{describe_machine()}; CPU time in ms\n")
    print("| form  | event                    | its size | answer   |    p50 |    p99 |")
    print("|-------|--------------------------|----------|----------|--------|--------|")
    with tempfile.TemporaryDirectory() as folder, archive.open(folder) as events:
        for line in ask(events, samples, options.rounds):
            print(line, flush=True)


if __name__ == "__main__":
    main()
