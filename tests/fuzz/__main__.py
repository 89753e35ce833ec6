"""Try many inputs: python -m tests.fuzz --inputs 1000000 [TARGET...]

A finding is an input that raises, or takes seconds or gigabytes. Each is shortened while it still
fails, printed, and written to a file. Copy it to kept.py, so that it stays fixed.
"""

from __future__ import annotations

import argparse
import resource
import signal
import sys
import time
import traceback
from collections.abc import Sequence
from pathlib import Path
from random import Random
from types import FrameType

from tests.fuzz.targets import TARGETS, Target

SECONDS = 3.0  # of the processor, for one input
BYTES = 4 << 30
BATCH = 100
REPORT_SECONDS = 10.0


class TooSlow(BaseException):
    """An input that takes too long."""


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("targets", nargs="*", metavar="TARGET", help=", ".join(TARGETS))
    parser.add_argument("--inputs", type=int, default=100_000, help="inputs for each target")
    parser.add_argument("--seed", type=int, default=0, help="other inputs for each seed")
    parser.add_argument("--findings", type=Path, default=Path("fuzz-findings"))
    options = parser.parse_args()
    signal.signal(signal.SIGPROF, _give_up)
    resource.setrlimit(resource.RLIMIT_AS, (BYTES, BYTES))
    findings = 0
    for name in options.targets or TARGETS:
        findings += fuzz(name, options.inputs, options.seed, options.findings)
    return 1 if findings else 0


def fuzz(name: str, inputs: int, seed: int, place: Path) -> int:
    """Try inputs of a target, and give how many different findings there were."""
    target, random, found = TARGETS[name], Random(f"{name} {seed}"), dict[str, bytes]()
    began = printed = time.monotonic()
    for number in range(BATCH, inputs + BATCH, BATCH):
        batch = [target.draw(random) for _ in range(BATCH)]
        for data in batch if try_inputs(target, batch) else ():
            failure = try_inputs(target, [data])
            if failure and failure not in found:
                found[failure] = shorten(target, data, failure)
                place.mkdir(exist_ok=True)
                (place / f"{name}-{seed}-{len(found)}").write_bytes(found[failure])
                print(f"{name}: {failure}\n    {found[failure]!r}", file=sys.stderr, flush=True)
        if time.monotonic() - printed > REPORT_SECONDS or number >= inputs:
            printed = time.monotonic()
            rate = number / (printed - began)
            text = f"{name}: {number:,} inputs, {len(found)} findings, {rate:,.0f} a second"
            print(text, file=sys.stdout if number >= inputs else sys.stderr, flush=True)
    return len(found)


def try_inputs(target: Target, inputs: Sequence[bytes]) -> str | None:
    """What went wrong, and where; None if nothing did."""
    signal.setitimer(signal.ITIMER_PROF, SECONDS)
    try:
        target.check_all(inputs)
    except KeyboardInterrupt:
        raise
    except BaseException as error:  # a finding, whatever it is
        frames = traceback.extract_tb(error.__traceback__)
        ours = [f for f in frames if "/archive/" in f.filename] or frames
        said = str(error)[:60] if isinstance(error, AssertionError) else ""
        return f"{type(error).__name__} {said} in {ours[-1].name}, line {ours[-1].lineno}"
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
    return None


def shorten(target: Target, data: bytes, failure: str) -> bytes:
    """The input without what it does not need to fail in the same way."""
    size = len(data) // 2
    while size:
        at = 1
        while at < len(data):
            shorter = data[:at] + data[at + size :]
            if try_inputs(target, [shorter]) == failure:
                data = shorter
            else:
                at += size
        size //= 2
    return data


def _give_up(number: int, frame: FrameType | None) -> None:
    raise TooSlow(f"more than {SECONDS} s")


if __name__ == "__main__":
    sys.exit(main())
