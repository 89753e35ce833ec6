"""Measure Event Archive beside other ways to do the same: `python benchmarks/run.py`."""

from __future__ import annotations

import argparse
import json
import random
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from measure import Command, Usage, alternate, measure_size, run
from table import Budget, Result, describe_machine, render_table

HERE = Path(__file__).parent
COMMAND = Path(sys.executable).with_name("event-archive")
DUCKDB_ALONE = "import duckdb; duckdb.connect().execute('select 1')"
MB = 1e6
COLD_ROUNDS = 9
GREPPED = 5
WARM_LOOKUPS = 1050  # the first 50 are not counted
MOST_ASKED = 10_000


class Bench:
    """One run: a corpus of NDJSON, and what is made of it."""

    def __init__(self, root: Path, events: int, seed: int) -> None:
        self.events = events
        self.archive = root / "archive"
        self._root, self._random = root, random.Random(seed)
        self._corpus = self._make_corpus("corpus", events, seed)
        self._tenth = self._make_corpus("tenth", events // 10, seed)
        self._files = sorted(self._corpus.iterdir())
        self._ids = [event_id for file in self._files for event_id in _read_ids(file)]
        self.size = measure_size(self._corpus)

    def measure(self) -> Iterator[Result]:
        """All results; what is loaded first is asked later."""
        yield from self._import()
        yield from self._look_up()
        yield self._ask()

    def _import(self) -> Iterator[Result]:
        ours = self._load(self._corpus, self.archive)
        parquet, sqlite = self._convert("parquet"), self._convert("sqlite")
        text = self._show_import(ours)
        for name, peer, budget in (
            ("DuckDB read_json_auto → Parquet", parquet, Budget(4, 8, floor=True)),
            ("orjson → SQLite script", sqlite, Budget(2.5, 5, floor=True)),
        ):
            yield Result(f"import, beside {name}", text, self._show_import(peer),
                         peer.wall / ours.wall, budget=budget)  # fmt: skip
        tenth = self._load(self._tenth, self._root / "tenth-archive")
        grown = (ours.wall / self.size) / (tenth.wall / measure_size(self._tenth))
        yield Result("import, time a byte as events grow tenfold",
                     f"{tenth.wall:.1f} s → {ours.wall:.1f} s", figure=grown)  # fmt: skip
        yield Result("import, peak memory of a worker, of a tenth and of all",
                     f"{tenth.peak / MB:,.0f} MB → {ours.peak / MB:,.0f} MB", "",
                     ours.peak / MB, "{:,.0f} MB", Budget(600, 300))  # fmt: skip
        self._convert("gzip")
        yield from self._weigh()

    def _weigh(self) -> Iterator[Result]:
        whole, gzip = measure_size(self.archive), measure_size(self._root / "gzip")
        shown = f"{whole / MB:,.1f} MB"
        yield Result("size, beside gzip -6", shown, f"{gzip / MB:,.1f} MB", whole / gzip,
                     budget=Budget(0.5, 0.35))  # fmt: skip
        for name in ("parquet", "sqlite"):
            size = measure_size(self._root / name)
            yield Result(f"size, beside that {name}", shown, f"{size / MB:,.1f} MB", whole / size)

    def _look_up(self) -> Iterator[Result]:
        cold: Command = [COMMAND, "-a", self.archive, "resolve", self._random.choice(self._ids)]
        alone: Command = [sys.executable, "-c", DUCKDB_ALONE]
        ours, bare = alternate(COLD_ROUNDS, cold, alone)
        yield Result("cold `event-archive resolve`, beside importing DuckDB",
                     f"{ours.wall * 1e3:.0f} ms", f"{bare.wall * 1e3:.0f} ms",
                     ours.wall / bare.wall, budget=Budget(1.6, 1.2))  # fmt: skip
        greps = sorted(self._grep(event_id) for event_id in self._random.sample(self._ids, GREPPED))
        grep = greps[GREPPED // 2]
        yield Result("the same, beside grep -F", f"{ours.wall * 1e3:.0f} ms",
                     f"{grep * 1e3:.0f} ms", ours.wall / grep)  # fmt: skip
        asked = "\n".join(self._random.choices(self._ids, k=WARM_LOOKUPS))
        script: Command = [sys.executable, HERE / "ours.py", "resolve", self.archive]
        warm = json.loads(run(script, asked.encode()).output)
        p50, p99 = warm["p50"] * 1e3, warm["p99"] * 1e3
        yield Result("warm `Archive.resolve`", f"p50 {p50:.2f} ms, p99 {p99:.2f} ms", "", p50,
                     "{:.1f} ms", Budget(5, 2))  # fmt: skip
        asked_ids = self._random.sample(self._ids, min(MOST_ASKED, len(self._ids)))
        batch = run([COMMAND, "-a", self.archive, "resolve", "-"],
                    "\n".join(asked_ids).encode(), keep_output=False)  # fmt: skip
        yield Result(f"`resolve -` of {len(asked_ids):,} IDs", f"{batch.wall:.1f} s", "",
                     len(asked_ids) / batch.wall, "{:,.0f} IDs/s",
                     Budget(2_000, 10_000, floor=True))  # fmt: skip

    def _ask(self) -> Result:
        ours = self._call("ours.py", "top-frames", self.archive)
        peer = self._call("peers.py", "top-frames", *self._files)
        same = "" if ours["rows"] == peer["rows"] else "; THE ANSWERS DIFFER"
        ratio = peer["seconds"] / ours["seconds"]
        return Result("report top-frames, beside DuckDB on the NDJSON",
                      f"{ours['seconds'] * 1e3:.0f} ms{same}", f"{peer['seconds'] * 1e3:,.0f} ms",
                      ratio, "{:.0f}x", Budget(50, 500, floor=True))  # fmt: skip

    def _make_corpus(self, name: str, events: int, seed: int) -> Path:
        out = self._root / name
        sizes = ["--events", str(events), "--seed", str(seed)]
        made = run([sys.executable, HERE / "corpus.py", *sizes, "--out", out])
        print(made.output.decode().strip(), file=sys.stderr)
        return out

    def _load(self, corpus: Path, into: Path) -> Usage:
        return run([COMMAND, "-a", into, "load", "--org", "acme", corpus])

    def _convert(self, peer: str) -> Usage:
        return run([sys.executable, HERE / "peers.py", peer, self._root / peer, *self._files])

    def _call(self, script: str, *words: str | Path) -> Any:
        return json.loads(run([sys.executable, HERE / script, *words]).output)

    def _grep(self, event_id: str) -> float:
        return run(["grep", "-F", "-h", "-m", "1", f'"eventID":"{event_id}"', *self._files]).wall

    def _show_import(self, usage: Usage) -> str:
        speed, peak = self.size / usage.wall / MB, usage.peak / MB
        return f"{speed:.0f} MB/s, {usage.cpu:.1f} s cpu, {peak:,.0f} MB"


def _read_ids(file: Path) -> Iterator[str]:
    """The event IDs of a corpus file; each line begins with one."""
    with file.open("rb") as stream:
        for line in stream:
            yield line[7:39].decode()


def main() -> None:
    """Measure, print the table, and write it where asked."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--events", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--out", type=Path, help="write the table to this file too")
    parser.add_argument("--work", type=Path, help="where to make thrice the corpus's size")
    options = parser.parse_args()
    machine = describe_machine()
    with tempfile.TemporaryDirectory(prefix="event-archive-bench-", dir=options.work) as work:
        bench = Bench(Path(work), options.events, options.seed)
        results = []
        for result in bench.measure():
            print("  ".join(filter(None, result.cells())), file=sys.stderr)
            results.append(result)
        size = f"{bench.events:,} events, {bench.size / MB:,.1f} MB of NDJSON"
    page = f"{size}. {machine}.\n\n{render_table(results)}\n"
    print(f"\n{page}", end="")
    if options.out:
        command = "python benchmarks/run.py " + " ".join(sys.argv[1:])
        options.out.write_text(f"# Results\n\nMade by `{command}`. {page}")


if __name__ == "__main__":
    main()
