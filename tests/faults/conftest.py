"""What the faults share: an archive, what is loaded into it, what must hold, and the figures."""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

import archive
from archive.errors import NoArchive, OlderArchive
from archive.storage import cleanup
from archive.storage.manifest import FORMAT
from tests.builders import EXPORTS, ORGANIZATION, PROJECT, SAMPLE_DATA, make_event, write_json

Count = Callable[[str, int], None]

ABOUT_PROJECTS = ["--org", ORGANIZATION, "--project-map", str(SAMPLE_DATA / "projects.json")]


@dataclass(frozen=True, slots=True)
class Work:
    """A command that changes an archive: the archive before it, and the contents on both sides."""

    before: Path
    arguments: list[str]
    content_before: str | None
    content_after: str | None

    @classmethod
    def prepare(cls, place: Path, before: archive.Archive, arguments: list[str]) -> Work:
        """Do the work once on a copy, to see what comes of it."""
        done = archive.open(shutil.copytree(before.path, place / "done"))
        _repeat(done, arguments)
        return cls(before.path, arguments, _digest(before), _digest(done))

    def check(self, path: Path) -> bool:
        """After a fault: whole, the state before or after, finished by doing it again.

        Gives whether the fault came after the commit.
        """
        events = archive.open(path)
        found = _digest(events)
        assert found in (self.content_before, self.content_after)
        is_done = found == self.content_after
        _repeat(events, self.arguments)
        complete = events.verify()
        assert complete.problems == []
        assert complete.content == self.content_after
        events.load(path.parent / "nothing.json", force=True)
        swept = events.verify()
        assert swept.problems == []
        left = [note for note in swept.notes if ": replaced at" not in note]
        assert left == [], "something is left over after the next load"
        assert not list(path.glob("*.journal"))
        assert not [left for left in path.rglob("*.tmp") if left.is_file()]
        return is_done


def _digest(events: archive.Archive) -> str | None:
    """What an archive holds, after a look that it is whole; None where there is nothing yet."""
    try:
        found = events.verify()
    except NoArchive:
        return None
    except OlderArchive:
        return "older"
    assert found.problems == []
    return found.content if found.events else None


def _repeat(events: archive.Archive, arguments: list[str]) -> None:
    if arguments[0] != "load":
        getattr(events, arguments[0])()
        return
    projects = SAMPLE_DATA / "projects.json"
    sources = [text for text in arguments[1:] if text.startswith("/") and text != str(projects)]
    events.load(*sources, organization=ORGANIZATION, project_map=projects)


@pytest.fixture(autouse=True)
def _no_grace(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a commit replaced is removed by the next load, and not an hour later."""
    monkeypatch.setattr(cleanup, "GRACE_SECONDS", -1)


@pytest.fixture
def small_load(tmp_path: Path) -> Work:
    """An update, a new event, a copy and a reject, into an archive of two loads."""
    before = _make_small(tmp_path)
    update = make_event(1, title="new", nextEventID=None)
    source = write_json(tmp_path / "source.json", [update, make_event(9), make_event(2), None])
    return Work.prepare(tmp_path, before, ["load", *ABOUT_PROJECTS, "--workers", "1", str(source)])


@pytest.fixture
def first_load(tmp_path: Path) -> Work:
    """Two events, into a directory that is no archive yet."""
    before = archive.open(tmp_path / "before")
    before.path.mkdir()
    write_json(tmp_path / "nothing.json", [])
    source = write_json(tmp_path / "source.json", [make_event(1), make_event(2)])
    return Work.prepare(tmp_path, before, ["load", *ABOUT_PROJECTS, str(source)])


@pytest.fixture
def small_compact(tmp_path: Path) -> Work:
    """Two loads to be merged."""
    return Work.prepare(tmp_path, _make_small(tmp_path), ["compact"])


@pytest.fixture
def upgrade(tmp_path: Path) -> Work:
    """An archive of the format before."""
    write_json(tmp_path / "nothing.json", [])
    fixture = PROJECT / "tests" / "fixtures" / f"archive-format-{FORMAT - 1}"
    before = archive.open(shutil.copytree(fixture, tmp_path / "before"))
    return Work.prepare(tmp_path, before, ["upgrade"])


@pytest.fixture
def real_load(tmp_path: Path) -> Work:
    """All sample exports, into an archive that has some of them already."""
    before = archive.open(tmp_path / "before")
    write_json(tmp_path / "nothing.json", [])
    before.load(EXPORTS / "eventids", EXPORTS / "checkout-api-events-page-1.json")
    return Work.prepare(tmp_path, before, ["load", *ABOUT_PROJECTS, str(EXPORTS)])


@pytest.fixture
def real_compact(tmp_path: Path) -> Work:
    """Sample exports that came one by one."""
    before = archive.open(tmp_path / "before")
    write_json(tmp_path / "nothing.json", [])
    for source in sorted(EXPORTS.iterdir()):
        before.load(source)
    return Work.prepare(tmp_path, before, ["compact"])


def _make_small(place: Path) -> archive.Archive:
    before = archive.open(place / "before")
    write_json(place / "nothing.json", [])
    before.load(write_json(place / "one.json", [make_event(n) for n in (1, 2, 3)]))
    before.load(write_json(place / "two.json", [make_event(n) for n in (4, 5)]))
    return before


@pytest.fixture
def count(record_property: Callable[[str, object], None]) -> Count:
    """Add to a figure that is printed when all is done."""

    def add(name: str, number: int) -> None:
        record_property("figure", (name, number))

    return add


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print the sum of each figure over all tests that passed."""
    figures: Counter[str] = Counter()
    for report in terminalreporter.stats.get("passed", []):
        for name, value in report.user_properties:
            if name == "figure":
                figures[value[0]] += value[1]
    if figures:
        terminalreporter.section("figures")
        for name, number in sorted(figures.items()):
            terminalreporter.write_line(f"{number:>12,}  {name}")
