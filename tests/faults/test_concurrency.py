"""A writer among readers, and two writers."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import pytest

import archive
from archive.errors import ArchiveLocked, ExitCode
from tests.builders import PROJECT, make_event, write_json
from tests.faults.conftest import Count

SECONDS = float(os.environ.get("EVENT_ARCHIVE_SECONDS", "60"))
RESOLVERS = 8
EVENTS = 20


def _source(place: Path, version: int) -> Path:
    """A version of all events: each load makes a newer state."""
    events = [make_event(n, title=f"version {version}", nextEventID=None) for n in range(EVENTS)]
    for event in events:
        event["dateReceived"] = f"2026-01-02T03:{version // 60:02}:{version % 60:02}Z"
    return write_json(place / f"{version}.json", events)


def _resolve_for(root: Path, until: float) -> int:
    """Ask for all events again and again: each state is whole, and none is older than the last."""
    asked, newest = 0, -1
    while time.time() < until:
        with archive.open(root) as events:
            ids = [f"{n:032x}" for n in range(EVENTS)]
            titles = {answer.json()["event"]["title"] for answer in events.resolve_many(ids)}  # type: ignore[union-attr]
        (title,) = titles
        version = int(title.removeprefix("version "))
        assert version >= newest
        asked, newest = asked + EVENTS, version
    return asked


def test_a_loader_among_resolvers(
    tmp_path: Path, count: Count, monkeypatch: pytest.MonkeyPatch
) -> None:
    events = archive.open(tmp_path / "archive")
    monkeypatch.undo()  # the hour's grace is what is tried here
    events.load(_source(tmp_path, 0))
    until = time.time() + SECONDS
    loads = 0
    with ProcessPoolExecutor(RESOLVERS, get_context("spawn")) as pool:
        resolvers = [pool.submit(_resolve_for, events.path, until) for _ in range(RESOLVERS)]
        while time.time() < until:
            loads += 1
            assert events.load(_source(tmp_path, loads)).updated == EVENTS
            if loads % 10 == 0:
                events.compact()
        answers = sum(resolver.result() for resolver in resolvers)
    assert events.verify().problems == []
    count("seconds of one loader and eight resolvers", int(SECONDS))
    count("loads meanwhile", loads)
    count("answers meanwhile, all of a committed state", answers)


def test_two_loaders(tmp_path: Path, count: Count) -> None:
    """Started together: one loads, the other loads after it or exits 5; nothing is lost."""
    rounds = 10
    root = tmp_path / "archive"
    refused = 0
    for number in range(rounds):
        sources = [
            write_json(tmp_path / f"{number}-{side}.json", make_event(2 * number + side))
            for side in (0, 1)
        ]
        command = [sys.executable, "-m", "archive", "-a", str(root), "load"]
        loaders = [
            subprocess.Popen([*command, source], cwd=PROJECT, stderr=subprocess.DEVNULL)
            for source in sources
        ]
        for loader, source in zip(loaders, sources, strict=True):
            code = loader.wait()
            assert code in (ExitCode.OK, ExitCode.LOCKED)
            if code == ExitCode.LOCKED:
                refused += 1
                _load_when_free(root, source)
    verified = archive.open(root).verify()
    assert (verified.problems, verified.events) == ([], 2 * rounds)
    count("pairs of loaders, nothing lost", rounds)


def _load_when_free(root: Path, source: Path) -> None:
    for _ in range(1_000):
        try:
            archive.open(root).load(source)
        except ArchiveLocked:
            time.sleep(0.02)
        else:
            return
    raise AssertionError("never free")


def test_a_reader_keeps_answering_across_a_compact(
    tmp_path: Path, count: Count, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.undo()
    events = archive.open(tmp_path / "archive")
    for number in range(6):
        events.load(write_json(tmp_path / f"{number}.json", make_event(number)))
    with archive.open(events.path) as reader:
        first = reader.resolve(f"{0:032x}").body
        events.compact()
        events.load(write_json(tmp_path / "9.json", make_event(9)))
        assert reader.resolve(f"{0:032x}").body == first
        assert [reader.resolve(f"{n:032x}").event_id for n in range(6)]
        assert list(reader.sql("SELECT count(*) FROM frames")) == [(12,)]
    count("readers kept across a compact", 1)
