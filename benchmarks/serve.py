"""Measure the server: `python benchmarks/serve.py --events 40000`.

Lookups by event ID over loopback, by clients that each ask again as soon as they are answered:
one client, several, and several while the same archive is loaded into and compacted.
"""

from __future__ import annotations

import argparse
import asyncio
import random
import re
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from statistics import quantiles

from measure import COMMAND, run
from table import describe_machine

HERE = Path(__file__).parent
ORGANIZATION = "acme"
KEPT_BACK = "dump-1.ndjson"  # a twelfth of the corpus, which is loaded while clients ask
UNKNOWN_EVERY = 20
WARMING = 200


@dataclass(slots=True)
class Asked:
    """What some clients got: seconds an answer, and how many answers of each status."""

    seconds: list[float] = field(default_factory=list)
    statuses: Counter[int] = field(default_factory=Counter)
    took: float = 0.0

    def show(self) -> str:
        cuts = quantiles(self.seconds, n=100)
        rate = len(self.seconds) / self.took
        statuses = ", ".join(
            f"{count:,} of {code}" for code, count in sorted(self.statuses.items())
        )
        return f"{rate:,.0f} | {cuts[49] * 1e3:.1f} ms | {cuts[98] * 1e3:.1f} ms | {statuses}"


class Server:
    """`event-archive serve` in a process of its own."""

    def __init__(self, archive: Path) -> None:
        command = [COMMAND, "-a", archive, "serve", "--port", "0"]
        log = (archive.parent / "access.log").open("w+")
        self._process = subprocess.Popen([str(word) for word in command], stderr=log)
        self.port = 0
        while not self.port:
            time.sleep(0.05)
            log.seek(0)
            found = re.search(r"listening on http://127\.0\.0\.1:(\d+)", log.read())
            self.port = int(found[1]) if found else 0

    async def read_memory(self) -> float:
        """Resident memory, in bytes."""
        connection = await asyncio.open_connection("127.0.0.1", self.port)
        _, body = await _get(*connection, "/metrics")
        connection[1].close()
        found = re.search(rb"^process_resident_memory_bytes (\S+)", body, re.MULTILINE)
        return float(found[1]) if found else 0.0

    def stop(self) -> None:
        self._process.terminate()
        if self._process.wait(30):
            raise RuntimeError(f"the server ended with {self._process.returncode}")


async def _get(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, path: str
) -> tuple[int, bytes]:
    writer.write(f"GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
    head = await reader.readuntil(b"\r\n\r\n")
    length = re.search(rb"content-length: (\d+)", head)
    return int(head[9:12]), await reader.readexactly(int(length[1]) if length else 0)


async def ask(
    port: int, event_ids: list[str], clients: int, is_over: Callable[[], bool], seed: int = 1
) -> Asked:
    """Let clients look IDs up, one in twenty of them unknown, until it is over."""
    asked = Asked()

    async def repeat(number: int) -> None:
        rng = random.Random(seed * 1000 + number)
        connection = await asyncio.open_connection("127.0.0.1", port)
        while not is_over():
            is_known = rng.randrange(UNKNOWN_EVERY)
            event_id = rng.choice(event_ids) if is_known else f"{rng.getrandbits(128):032x}"
            path = f"/api/0/organizations/{ORGANIZATION}/eventids/{event_id}/"
            started = time.perf_counter()
            status, body = await _get(*connection, path)
            asked.seconds.append(time.perf_counter() - started)
            asked.statuses[status] += 1
            if (status, event_id.encode() in body) != ((200, True) if is_known else (404, False)):
                raise RuntimeError(f"{event_id}: {status} {body[:200]!r}")
        connection[1].close()

    started = time.perf_counter()
    await asyncio.gather(*map(repeat, range(clients)))
    asked.took = time.perf_counter() - started
    return asked


async def measure(archive: Path, kept_back: Path, event_ids: list[str], seconds: float) -> None:
    """All phases against one server; prints a row for each."""
    server = Server(archive)
    try:
        warming = iter(range(WARMING))
        await ask(server.port, event_ids, 4, lambda: next(warming, None) is None)
        print("| clients | lookups a second | p50 | p99 | answers | server's memory after |")
        print("|---|---|---|---|---|---|")

        async def phase(name: str, asking: Awaitable[Asked]) -> None:
            shown = (await asking).show()
            print(f"| {name} | {shown} | {await server.read_memory() / 1e6:,.0f} MB |", flush=True)

        for clients in (1, 4, 16):
            await phase(str(clients), ask(server.port, event_ids, clients, _wait(seconds)))
        load = ["load", "--org", ORGANIZATION, str(kept_back)]
        for name, verb in (("16, during a load", load), ("16, during a compact", ["compact"])):
            command = [str(COMMAND), "-a", str(archive), *verb]
            with subprocess.Popen(command, stderr=subprocess.DEVNULL) as writer:
                is_over = partial(_has_ended, writer)
                await phase(name, ask(server.port, event_ids, 16, is_over))
            if writer.returncode:
                raise RuntimeError(f"exit code {writer.returncode}: {command}")
        loaded = _read_ids(kept_back)
        await phase("16, what was loaded", ask(server.port, loaded, 16, _wait(seconds)))
    finally:
        server.stop()


def _has_ended(process: subprocess.Popen[bytes]) -> bool:
    return process.poll() is not None


def _wait(seconds: float) -> Callable[[], bool]:
    until = time.monotonic() + seconds
    return lambda: time.monotonic() > until


def _read_ids(file: Path) -> list[str]:
    with file.open("rb") as stream:
        return [line[7:39].decode() for line in stream]


def main() -> None:
    """Make a corpus and an archive, and measure."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--events", type=int, default=10_000)
    parser.add_argument("--seconds", type=float, default=10, help="of each phase")
    parser.add_argument("--work", type=Path, help="where to make the corpus and the archive")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="event-archive-serve-", dir=options.work) as work:
        corpus, archive = Path(work) / "corpus", Path(work) / "archive"
        events = options.events * 12 // 11
        run([sys.executable, HERE / "corpus.py", "--events", str(events), "--out", corpus])
        files = sorted(corpus.iterdir())
        first = [file for file in files if file.name != KEPT_BACK]
        run([COMMAND, "-a", archive, "load", "--org", ORGANIZATION, *first])
        event_ids = [event_id for file in first for event_id in _read_ids(file)]
        print(f"{len(event_ids):,} events. {describe_machine()}.\n")
        asyncio.run(measure(archive, corpus / KEPT_BACK, event_ids, options.seconds))


if __name__ == "__main__":
    main()
