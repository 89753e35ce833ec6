"""Compare Event Archive with other ways to do the same: `python benchmarks/run.py`."""

from __future__ import annotations

import argparse
import json
import random
import shlex
import shutil
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from measure import COMMAND, Command, Usage, alternate, measure_size, run
from peers import IMPORTS, PACKERS, Peer
from table import Budget, Result, describe_machine, render_table

from archive.storage.state import read_newest

HERE = Path(__file__).parent
DUCKDB_ALONE = "import duckdb; duckdb.connect().execute('select 1')"
MB = 1e6
COLD_ROUNDS = 9
SEARCHED = 5
NOT_INSTALLED = "not installed"
WARM_LOOKUPS = 1050  # the first 50 are not counted
MOST_ASKED = 10_000


class Bench:
    """One run: a corpus of NDJSON and the archives made from it."""

    def __init__(self, root: Path, events: int, seed: int) -> None:
        self.events = events
        self.archive = root / "archive"
        self._root, self._random = root, random.Random(seed)
        self._seed = seed
        self._corpus = self._make_corpus("corpus", events)
        self._tenth = self._make_corpus("tenth", events // 10)
        self._files = sorted(self._corpus.iterdir())
        self._ids = [event_id for file in self._files for event_id in _read_ids(file)]
        self.size = measure_size(self._corpus)

    def measure(self) -> Iterator[Result]:
        """Yield all results; later benchmarks query the archive that the first one loads."""
        yield from self._import()
        yield from self._weigh()
        yield from self._look_up()
        yield self._ask()

    def _import(self) -> Iterator[Result]:
        ours = self._load(self._corpus, self.archive)
        text = self._show_import(ours, self.size)
        for peer in IMPORTS:
            usage = self._convert(peer)
            shown = usage if isinstance(usage, str) else self._show_import(usage, self.size)
            ratio = None if isinstance(usage, str) else usage.wall / ours.wall
            yield Result(f"import vs {peer.label}", text, shown, ratio, budget=peer.budget)
        tenth = self._load(self._tenth, self._root / "tenth-archive")
        grown = (ours.wall / self.size) / (tenth.wall / measure_size(self._tenth))
        yield Result("import, time per byte at 10x input",
                     f"{tenth.wall:.1f} s → {ours.wall:.1f} s", figure=grown)  # fmt: skip
        yield Result("import, peak memory of a worker, of a tenth and of all",
                     f"{tenth.peak / MB:,.0f} MB → {ours.peak / MB:,.0f} MB", "",
                     ours.peak / MB, "{:,.0f} MB", Budget(600, 300))  # fmt: skip
        stored = self._make_corpus("stored", self.events // 10, "--shape", "store")
        usage = self._load(stored, self._root / "stored-archive")
        yield Result("import of the shape that Sentry stores, a tenth",
                     self._show_import(usage, measure_size(stored)))  # fmt: skip

    def _weigh(self) -> Iterator[Result]:
        for peer in PACKERS:
            self._convert(peer)
        whole = measure_size(self.archive)
        for peer in (*PACKERS, *IMPORTS[:-1]):
            made = self._root / peer.name
            if made.exists() and (size := measure_size(made)):
                yield Result(f"size vs {peer.label}", f"{whole / MB:,.1f} MB",
                             f"{size / MB:,.1f} MB", whole / size,
                             budget=peer.budget if peer in PACKERS else None)  # fmt: skip
        run([COMMAND, "-a", self.archive, "compact"])
        after = sum(part.size for part in read_newest(self.archive).parts)
        yield Result("size after `compact` vs before", f"{after / MB:,.1f} MB",
                     f"{whole / MB:,.1f} MB", after / whole)  # fmt: skip

    def _look_up(self) -> Iterator[Result]:
        cold: Command = [COMMAND, "-a", self.archive, "resolve", self._random.choice(self._ids)]
        alone: Command = [sys.executable, "-c", DUCKDB_ALONE]
        ours, bare = alternate(COLD_ROUNDS, cold, alone)
        shown = f"{ours.wall * 1e3:.0f} ms"
        yield Result("cold `event-archive resolve` vs importing DuckDB", shown,
                     f"{bare.wall * 1e3:.0f} ms", ours.wall / bare.wall,
                     budget=Budget(1.6, 1.2))  # fmt: skip
        asked = self._random.sample(self._ids, SEARCHED)
        for label, needs, commands in self._list_searches(asked):
            if not shutil.which(needs):
                yield Result(f"the same vs {label}", shown, NOT_INSTALLED)
                continue
            took = sorted(run(command).wall for command in commands)[SEARCHED // 2]
            yield Result(f"the same vs {label}", shown, f"{took * 1e3:,.0f} ms",
                         ours.wall / took)  # fmt: skip
        yield from self._look_up_warm()

    def _look_up_warm(self) -> Iterator[Result]:
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

    def _list_searches(self, asked: list[str]) -> Iterator[tuple[str, str, list[Command]]]:
        """Other ways to an event: what they are, the program they need, a command an ID."""
        files, root = shlex.join(map(str, self._files)), self._root
        script = shlex.join([sys.executable, str(HERE / "peers.py")])
        for label, needs, line in (
            ("grep -F", "grep", "grep -F -h -m 1 $ID {files}"),
            ("ripgrep", "rg", "rg -F -I -m 1 $ID {files}"),
            ("jq", "jq", "jq -c 'select(.eventID == \"'$ID'\")' {files}"),
            ("zgrep of gzip -6", "zgrep", "zgrep -F -m 1 $ID {root}/gzip"),
            ("zstd -3 and grep", "zstd", "zstd -q -dc {root}/zstd | grep -F -m 1 $ID"),
            ("zstd -3 and ripgrep", "rg", "zstd -q -dc {root}/zstd | rg -F -m 1 $ID"),
            ("the SQLite script's index", "grep", "{script} find-in-sqlite {root}/sqlite $ID"),
            ("DuckDB on its Parquet", "grep", "{script} find-in-parquet {root}/parquet $ID"),
        ):
            text = line.format(files=files, root=root, script=script)
            commands: list[Command] = [["sh", "-c", f"ID={event_id}; {text}"] for event_id in asked]
            yield label, needs, commands

    def _ask(self) -> Result:
        ours = self._call("ours.py", "top-frames", self.archive)
        peer = self._call("peers.py", "top-frames", *self._files)
        same = "" if ours["rows"] == peer["rows"] else "; THE ANSWERS DIFFER"
        ratio = peer["seconds"] / ours["seconds"]
        return Result("report top-frames vs DuckDB on the NDJSON",
                      f"{ours['seconds'] * 1e3:.0f} ms{same}", f"{peer['seconds'] * 1e3:,.0f} ms",
                      ratio, "{:.0f}x", Budget(50, 500, floor=True))  # fmt: skip

    def _make_corpus(self, name: str, events: int, *more: str) -> Path:
        out = self._root / name
        sizes = ["--events", str(events), "--seed", str(self._seed), *more]
        made = run([sys.executable, HERE / "corpus.py", *sizes, "--out", out])
        print(made.output.decode().strip(), file=sys.stderr)
        return out

    def _load(self, corpus: Path, into: Path) -> Usage:
        return run([COMMAND, "-a", into, "load", "--org", "acme", corpus])

    def _convert(self, peer: Peer) -> Usage | str:
        """Format the cost of a peer, or why it could not be measured."""
        if not peer.is_installed:
            return NOT_INSTALLED
        script = HERE / "peers.py"
        command: Command = [sys.executable, script, peer.name, self._root / peer.name, *self._files]
        try:
            return run(command)
        except RuntimeError as error:
            print(error, file=sys.stderr)
            return "failed"

    def _call(self, script: str, *words: str | Path) -> Any:
        return json.loads(run([sys.executable, HERE / script, *words]).output)

    def _show_import(self, usage: Usage, size: int) -> str:
        speed, peak = size / usage.wall / MB, usage.peak / MB
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
