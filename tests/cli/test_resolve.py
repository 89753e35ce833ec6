"""event-archive resolve for many events."""

from __future__ import annotations

from pathlib import Path

import archive
from tests.builders import SEED_ID, Run

ABSENT = "0" * 32
IDS = f"{SEED_ID}\n{ABSENT}\nnot-an-id\n".encode()


def test_one_file_per_event(sample: archive.Archive, run: Run, tmp_path: Path) -> None:
    output, missing = tmp_path / "new" / "events", tmp_path / "missing.txt"
    ran = run(
        *("-a", sample.path, "resolve", "-", "--output", output, "--missing", missing), stdin=IDS
    )
    assert (ran.code, ran.out, ran.err) == (1, b"", "1 found, 2 missing\n")
    (event,) = output.iterdir()
    assert event.name == f"{SEED_ID}.json"
    assert event.read_bytes() == sample.resolve(SEED_ID).body + b"\n"
    assert missing.read_text().split() == [ABSENT, "not-an-id"]


def test_missing_events_are_lines_without_a_file(sample: archive.Archive, run: Run) -> None:
    ran = run("-a", sample.path, "resolve", "-", stdin=IDS)
    lines = ran.out.splitlines()
    assert (ran.code, ran.err, len(lines)) == (1, "1 found, 2 missing\n", 3)
    assert lines[0] == sample.resolve(SEED_ID).body


def test_nothing_missing(sample: archive.Archive, run: Run, tmp_path: Path) -> None:
    ran = run("-a", sample.path, "resolve", SEED_ID, "--output", tmp_path)
    assert (ran.code, ran.out, ran.err) == (0, b"", "1 found, 0 missing\n")
