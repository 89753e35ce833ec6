"""How cost grows with the number of events: `python benchmarks/growth.py --most 1000000`.

Each step makes a corpus, loads it, looks events up and removes both. The rows go to growth.csv,
those of other events stay there, and all of them into one plot, growth.svg.
"""

from __future__ import annotations

import argparse
import csv
import json
import random
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple, get_type_hints

from measure import COMMAND, Command, measure_size, run
from table import describe_machine

HERE = Path(__file__).parent
LEAST = 10_000
LOOKUPS = 2_050  # the first 50 are not counted


class Step(NamedTuple):
    """The cost of a number of events of a kind. Sizes in bytes, times in seconds."""

    kind: str
    events: int
    exported: int
    seconds: float
    cpu: float
    peak: int
    archived: int
    p50: float
    p99: float


PANELS = {
    "seconds": ("import, seconds", 1.0),
    "peak": ("import, peak memory of a process, MB", 1e-6),
    "p50": ("warm lookup, p50, ms", 1e3),
    "p99": ("warm lookup, p99, ms", 1e3),
    "archived": ("archive, MB", 1e-6),
}


def measure_step(work: Path, events: int, small: bool, seed: int) -> Step:
    """Generate this many events, load them, look up some."""
    corpus, archive = work / "corpus", work / "archive"
    sizes = ["--events", str(events), "--seed", str(seed), *(["--small"] if small else [])]
    run([sys.executable, HERE / "corpus.py", *sizes, "--out", corpus])
    exported = measure_size(corpus)
    asked = _sample_ids(corpus, events, random.Random(seed))
    used = run([COMMAND, "-a", archive, "load", "--org", "acme", corpus])
    script: Command = [sys.executable, HERE / "ours.py", "resolve", archive]
    warm = json.loads(run(script, "\n".join(asked).encode()).output)
    return Step(
        kind="small" if small else "usual",
        events=events,
        exported=exported,
        seconds=round(used.wall, 2),
        cpu=round(used.cpu, 2),
        peak=used.peak,
        archived=measure_size(archive),
        p50=warm["p50"],
        p99=warm["p99"],
    )


def _sample_ids(corpus: Path, events: int, rng: random.Random) -> list[str]:
    """Event IDs out of all of the corpus; each line begins with one."""
    chosen = set(rng.sample(range(events), min(LOOKUPS, events)))
    lines = (line for file in sorted(corpus.iterdir()) for line in _read_lines(file))
    found = [line[7:39].decode() for number, line in enumerate(lines) if number in chosen]
    rng.shuffle(found)
    return found


def _read_lines(file: Path) -> Iterator[bytes]:
    with file.open("rb") as stream:
        yield from stream


def read_steps(path: Path) -> dict[tuple[str, int], Step]:
    if not path.exists():
        return {}
    with path.open(newline="") as stream:
        types = get_type_hints(Step)
        rows = [
            Step(**{name: types[name](value) for name, value in row.items()})
            for row in csv.DictReader(stream)
        ]
    return {(step.kind, step.events): step for step in rows}


def write_steps(path: Path, steps: list[Step]) -> None:
    with path.open("w", newline="") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(Step._fields)
        writer.writerows(steps)


def draw(path: Path, steps: list[Step]) -> None:
    """A panel a figure, both axes logarithmic: a diagonal is linear."""
    import altair as alt

    panels = []
    for name, (title, scale) in PANELS.items():
        rows = [
            {"events": step.events, "kind": step.kind, "value": getattr(step, name) * scale}
            for step in steps
        ]
        logarithmic = alt.Scale(type="log")
        chart = alt.Chart({"values": rows}, title=title, width=220, height=180)
        panels.append(
            chart.mark_line(point=True).encode(
                x=alt.X("events:Q", scale=logarithmic, axis=alt.Axis(format="~s")),
                y=alt.Y("value:Q", scale=logarithmic, title=None),
                color=alt.Color("kind:N", title="events"),
            )
        )
    alt.concat(*panels, columns=3).save(str(path))


def main() -> None:
    """Measure step by step, and keep what has been measured so far after each."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--most", type=int, default=100_000, help="events of the last step")
    parser.add_argument("--small", action="store_true", help="events of one frame or none")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--out", type=Path, default=HERE, help="where growth.csv and .svg go")
    parser.add_argument("--work", type=Path, help="where to make the corpora")
    options = parser.parse_args()
    print(describe_machine())
    path = options.out / "growth.csv"
    events = min(LEAST, options.most)
    while events <= options.most:
        with tempfile.TemporaryDirectory(prefix="event-archive-growth-", dir=options.work) as work:
            step = measure_step(Path(work), events, options.small, options.seed)
        steps = read_steps(path)
        steps[step.kind, step.events] = step
        write_steps(path, sorted(steps.values()))
        draw(options.out / "growth.svg", sorted(steps.values()))
        print(
            f"{step.events:,} {step.kind} events, {step.exported / 1e6:,.0f} MB: "
            f"{step.seconds:.1f} s, {step.peak / 1e6:,.0f} MB of memory, archive of "
            f"{step.archived / 1e6:,.1f} MB, "
            f"p50 {step.p50 * 1e3:.2f} ms, p99 {step.p99 * 1e3:.2f} ms"
        )
        events *= 10


if __name__ == "__main__":
    main()
