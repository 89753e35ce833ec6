"""Compare imports: `python benchmarks/imports.py --events 20000`.

Commands of a case run in turn, so that what disturbs one disturbs all; the medians are compared.
"""

from __future__ import annotations

import argparse
import gzip
import json
import shlex
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from measure import COMMAND, Command, Usage, alternate, measure_size, run
from peers import Peer
from table import Budget, Result, describe_machine, render_table

HERE = Path(__file__).parent
MB = 1e6
PIECES = 8
PEERS = (
    (Peer("parquet", "DuckDB read_json_auto → Parquet", "duckdb", Budget(1.5, 2, floor=True)), 1),
    (Peer("parquet", "DuckDB, the same in 8 files", "duckdb", Budget(1.5, 2, floor=True)), PIECES),
    (Peer("sqlite", "orjson → SQLite script", "orjson", Budget(1, 1.3, floor=True)), 1),
    (Peer("sqlite-twice", "the script in two processes, 8 files", "orjson"), PIECES),
)


class Bench:
    """Corpora of the same events in several forms, and what importing them takes."""

    def __init__(self, root: Path, events: int, rounds: int, baseline: Path | None) -> None:
        self._root, self._events, self._rounds = root, events, rounds
        self._baseline = baseline

    def measure(self) -> Iterator[Result]:
        """Yield a result for each comparison."""
        yield from self._compare_with_peers()
        yield from self._compare_with_baseline(
            "answers", "eventids answers", Budget(1.5, 2, floor=True)
        )
        self._generate("stored", "--shape", "store", "--layout", "one")
        yield from self._compare_with_baseline("stored", "store shape", Budget(2, 3, floor=True))
        yield from self._compare_forms()

    def _compare_with_peers(self) -> Iterator[Result]:
        whole = self._generate("answers", "--shape", "eventids", "--layout", "one")
        lines = (whole / "dump.ndjson").read_bytes().splitlines(keepends=True)
        pieces = self._root / "pieces"
        pieces.mkdir()
        share = -(-len(lines) // PIECES)
        for number in range(PIECES):
            part = lines[number * share : (number + 1) * share]
            (pieces / f"{number}.ndjson").write_bytes(b"".join(part))
        del lines
        peers = [(peer, count) for peer, count in PEERS if peer.is_installed]
        commands = [self._load("answers")]
        for peer, count in peers:
            files = sorted((whole if count == 1 else pieces).iterdir())
            script: list[str | Path] = [
                sys.executable,
                HERE / "peers.py",
                peer.name,
                self._root / "peer",
                *files,
            ]
            commands.append(_clean(self._root / "peer*", script))
        ours, *theirs = alternate(self._rounds, *commands)
        size = measure_size(whole)
        for (peer, _), usage in zip(peers, theirs, strict=True):
            ratio, shown = usage.wall / ours.wall, (_show(ours, size), _show(usage, size))
            yield Result(f"answers in one file vs {peer.label}", *shown, ratio, budget=peer.budget)

    def _compare_with_baseline(self, name: str, label: str, budget: Budget) -> Iterator[Result]:
        if self._baseline is None:
            return
        ours, before = alternate(self._rounds, self._load(name), self._load(name, self._baseline))
        size = measure_size(self._root / name)
        shown = _show(ours, size), _show(before, size)
        yield Result(f"{label} vs baseline, wall", *shown, before.wall / ours.wall, budget=budget)
        yield Result(f"{label} vs baseline, CPU", *shown, before.cpu / ours.cpu, budget=budget)

    def _compare_forms(self) -> Iterator[Result]:
        plain = self._generate("plain", "--layout", "one") / "dump.ndjson"
        self._generate("files", "--layout", "files")
        for name in ("gz", "envelopes"):
            (self._root / name).mkdir()
        with gzip.open(self._root / "gz" / "dump.ndjson.gz", "wb", 6) as packed:
            packed.write(plain.read_bytes())
        stored = self._root / "stored" / "dump.ndjson"
        with (self._root / "envelopes" / "dump").open("wb") as envelopes:
            for line in stored.read_bytes().splitlines():
                envelopes.write(_wrap(line))
        cases = {
            "files": ("one event per file", Budget(0.5, 0.8, floor=True)),
            "gz": ("NDJSON.gz", Budget(0.8, 1, floor=True)),
            "envelopes": ("SDK envelopes, per byte,", Budget(0.3, 0.6, floor=True)),
        }
        names = ["plain", *cases]
        usages = alternate(self._rounds, *map(self._load, names))
        took = dict(zip(names, usages, strict=True))
        sizes = {name: measure_size(self._root / name) for name in names} | {
            "gz": measure_size(plain)
        }
        for name, (label, budget) in cases.items():
            speed, other = (sizes[key] / took[key].wall for key in (name, "plain"))
            yield Result(f"{label} vs NDJSON", _show(took[name], sizes[name]),
                         _show(took["plain"], sizes["plain"]), speed / other,
                         budget=budget)  # fmt: skip

    def _generate(self, name: str, *options: str) -> Path:
        out = self._root / name
        run([sys.executable, HERE / "corpus.py", "--events", str(self._events), "--out", out,
             *options])  # fmt: skip
        return out

    def _load(self, name: str, checkout: Path = HERE.parent) -> Command:
        python, archive = COMMAND.with_name("python"), self._root / "archive"
        loading: list[str | Path] = [python, "-m", "archive", "-a", archive, "load"]
        return _clean(archive, [*loading, "--org", "acme", self._root / name], checkout)


def _clean(out: Path, command: Command, directory: Path = HERE) -> Command:
    """Return a command that first removes its earlier result; Python imports from `directory`."""
    line = shlex.join(map(str, command))
    return ["sh", "-c", f"rm -rf {out}; cd {directory} && exec {line}"]


def _wrap(event: bytes) -> bytes:
    header = json.dumps({"event_id": json.loads(event)["event_id"]}).encode()
    return header + b'\n{"type":"event","length":%d}\n%s\n' % (len(event), event)


def _show(usage: Usage, size: int) -> str:
    return f"{usage.wall:.2f} s, {usage.cpu:.1f} s cpu, {size / usage.wall / MB:.0f} MB/s"


def main() -> None:
    """Print a table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--events", type=int, default=20_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--baseline", type=Path, help="a checkout of another version")
    parser.add_argument("--work", type=Path, help="where to make six times the corpus's size")
    options = parser.parse_args()
    machine = describe_machine()
    with tempfile.TemporaryDirectory(prefix="event-archive-bench-", dir=options.work) as work:
        bench = Bench(Path(work), options.events, options.rounds, options.baseline)
        results = list(bench.measure())
    print(f"{options.events:,} events. {machine}.\n\n{render_table(results)}")


if __name__ == "__main__":
    main()
