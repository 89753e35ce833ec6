"""Where the time of an import goes: `python benchmarks/stages.py --events 20000`.

Each stage runs separately over the same data, one task at a time, in one process, and its CPU time
is measured, without the distortion of a profiler. A stage that calls another excludes it. The last
line is the time of a whole load, for comparison.
"""

from __future__ import annotations

import argparse
import gc
import hashlib
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from measure import Command, measure_size, run
from table import describe_machine

from archive.events.decode import decode_event
from archive.events.flatten import Defaults, flatten_event
from archive.events.identity import digest_json
from archive.exports.detect import Export, detect
from archive.exports.limits import Limits
from archive.exports.records import Record
from archive.exports.slices import read_slice
from archive.exports.sources import find_sources
from archive.exports.split import split_records
from archive.jsontext import compact_json
from archive.load.commit import deduplicate_load
from archive.load.plan import LoadOptions, Task, plan_tasks
from archive.load.task import TaskResult, load_task
from archive.storage.checksums import hash_file
from archive.storage.layout import make_directory
from archive.storage.staging import staged_path
from archive.storage.state import read_newest
from archive.tables.builder import Batch
from archive.tables.index import write_index
from archive.tables.parts import scan_part

HERE = Path(__file__).parent
LOAD_ID = "00000001-0000"
STAGES = (
    "read", "SHA-256 of sources", "split", "recognise", "compact and digest", "decode", "flatten",
    "columns", "cluster, Parquet and zstd", "read back", "SHA-256 of parts", "settle",
    "index",
)  # fmt: skip
Times = dict[str, float]


def profile_task(root: Path, task: Task) -> Times:
    """CPU seconds of each stage of a task; its parts are staged under `root`."""
    times: Times = {}

    @contextmanager
    def stage(name: str) -> Iterator[None]:
        started = time.process_time()
        yield
        times[name] = time.process_time() - started

    with stage("read"):
        sources = [(piece, list(read_slice(piece, lambda chunk: None))) for piece in task.slices]
    with stage("SHA-256 of sources"):
        for _, chunks in sources:
            hashlib.sha256(b"".join(chunks))
    with stage("split"):
        records = [
            record
            for piece, chunks in sources
            for record in split_records(
                iter(chunks), piece.source.path, None, Limits(), piece.start
            )
            if isinstance(record, Record)
        ]
    sources.clear()
    with stage("recognise"):
        found = [export for record in records for export in detect(record)]
    exports = [export for export in found if isinstance(export, Export)]
    with stage("compact and digest"):
        for export in exports:
            digest_json(compact_json(export.raw))
    with stage("decode"):
        for export in exports:
            decode_event(export)
    batch, defaults = Batch(), Defaults("acme")
    with stage("flatten"):
        for export in exports:
            flatten_event(export, LOAD_ID, defaults)
    with stage("columns"):
        for export in exports:
            batch.add(flatten_event(export, LOAD_ID, defaults))
    with stage("cluster, Parquet and zstd"):
        parts, _ = batch.stage(root, task.name_attempt(), task.keys)
    paths = [staged_path(root, part) for part in parts]
    with stage("read back"):
        for part, path in zip(parts, paths, strict=True):
            scan_part(path, part.rows, root)
    with stage("SHA-256 of parts"):
        for path in paths:
            hash_file(path)
    for name, inner in (
        ("cluster, Parquet and zstd", ("read back", "SHA-256 of parts")),
        ("columns", ("flatten",)),
        ("flatten", ("decode",)),
        ("decode", ("compact and digest",)),
    ):
        times[name] = max(0.0, times[name] - sum(times[other] for other in inner))
    return times


def profile(corpus: Path, root: Path) -> tuple[Times, float]:
    """CPU seconds by stage, and those of loading the same in one process."""
    make_directory(root, "profile")
    seconds: Times = dict.fromkeys(STAGES, 0.0)
    tasks = list(plan_tasks(LOAD_ID, find_sources([corpus]).sources, LoadOptions()))
    loaded, results = 0.0, []
    for task in tasks:
        for name, took in profile_task(root, task).items():
            seconds[name] += took
        started = time.process_time()
        results.append(load_task(root, task))
        loaded += time.process_time() - started
    now = time.time_ns() // 1_000
    for name, call in (
        ("settle", lambda: deduplicate_load(root, root, read_newest(root), results, now)),
        ("index", lambda: _merge_index(root, results)),
    ):
        started = time.process_time()
        call()
        seconds[name] = time.process_time() - started
    return seconds, loaded + seconds["settle"] + seconds["index"]


def _merge_index(root: Path, results: list[TaskResult]) -> None:
    parts = [part for result in results for stem in result.parts for part in stem.parts]
    write_index(root, LOAD_ID, [part for part in parts if part.table == "payloads"])


def main() -> None:
    """Print a table of the stages."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--events", type=int, default=10_000)
    parser.add_argument("--shape", choices=("api", "eventids", "store"), default="api")
    parser.add_argument("--small", action="store_true", help="events of one frame or none")
    parser.add_argument("--work", type=Path, help="where to make the corpus")
    options = parser.parse_args()
    gc.disable()  # as a task does
    with tempfile.TemporaryDirectory(prefix="event-archive-profile-", dir=options.work) as work:
        corpus = Path(work) / "corpus"
        made: Command = [sys.executable, HERE / "corpus.py", "--events", str(options.events)]
        small = ["--small"] if options.small else []
        run([*made, "--out", corpus, "--shape", options.shape, *small])
        size = measure_size(corpus)
        seconds, loaded = profile(corpus, Path(work) / "archive")
    total = sum(seconds.values())
    print(f"{options.events:,} events, {size / 1e6:,.1f} MB of NDJSON. {describe_machine()}.\n")
    print("| stage | CPU seconds | share | MB/s |\n|---|---|---|---|")
    for name in STAGES:
        took = seconds[name]
        print(f"| {name} | {took:.2f} | {took / total:.1%} | {size / 1e6 / max(took, 1e-6):,.0f} |")
    print(f"| all of it | {total:.2f} | 100.0% | {size / 1e6 / total:,.0f} |")
    print(f"| a load, in one process | {loaded:.2f} | | {size / 1e6 / loaded:,.0f} |")


if __name__ == "__main__":
    main()
