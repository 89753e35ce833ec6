"""Which version of an event stays, what becomes of the others, and how they are read."""

from __future__ import annotations

import json
import shutil
from itertools import permutations
from pathlib import Path
from typing import Any, NamedTuple

import pyarrow.parquet as pq
import pytest

import archive
from archive.errors import EventNotFound
from tests.builders import PROJECT, Run, make_event, write_json

EVENT_ID = f"{1:032x}"
LATER = "2026-01-02T03:04:07Z"
FUTURE = "2099-01-01T00:00:00Z"
FRAMES = [{"function": name, "module": "app"} for name in ("main", "run", "call", "fail")]
TAGS = [{"key": f"tag{number}", "value": "x"} for number in range(5)]


def make_version(title: str, *, functions: int = 2, tags: int = 2, **members: Any) -> Any:
    """A version of event 1, of so many frames with a function and so many tags."""
    frames = FRAMES[:functions] or [{"filename": "app.py"}]
    exception = {"type": "ValueError", "value": "no", "stacktrace": {"frames": frames}}
    entries = [{"type": "exception", "data": {"values": [exception]}}]
    return make_event(1, title=title, entries=entries, tags=TAGS[:tags], **members)


class Case(NamedTuple):
    """Two versions, loaded in this order: which one is kept, and which one is in `superseded`."""

    one: Any
    other: Any
    kept: str
    superseded: str | None


DETAIL: dict[str, Any] = {"nextEventID": None, "previousEventID": None, "userReport": None}
CASES = {
    "fewer functions": Case(
        make_version("a"), make_version("b", functions=1, dateReceived=LATER), "a", None
    ),
    "fewer tags": Case(make_version("a"), make_version("b", tags=1, dateReceived=LATER), "a", None),
    "fewer entries": Case(make_version("a"), make_event(1, title="b", entries=[]), "a", None),
    "fewer columns": Case(
        make_version("a"), make_version("b", platform=None, dateReceived=LATER), "a", None
    ),
    "fewer tags in a fuller shape": Case(
        make_version("a"), make_version("b", tags=1, **DETAIL), "a", None
    ),
    "more functions, fewer tags": Case(
        make_version("a"), make_version("b", functions=3, tags=1, dateReceived=LATER), "a", "b"
    ),
    "more functions": Case(make_version("a"), make_version("b", functions=3), "b", "a"),
    "more functions, received earlier": Case(
        make_version("a", dateReceived=LATER), make_version("b", functions=3), "b", "a"
    ),
    "more functions in a lesser shape": Case(
        make_version("a", **DETAIL), make_version("b", functions=3), "a", "b"
    ),
    "received later": Case(make_version("a"), make_version("b", dateReceived=LATER), "b", "a"),
    "received earlier": Case(make_version("a", dateReceived=LATER), make_version("b"), "a", None),
    "received in the future": Case(
        make_version("a"), make_version("b", dateReceived=FUTURE), "a", None
    ),
    "equal in all": Case(make_version("a"), make_version("b"), "b", "a"),
    "the same": Case(make_version("a"), make_version("a"), "a", None),
}


@pytest.mark.parametrize(
    "together",
    [
        pytest.param(True, marks=pytest.mark.slow, id="one load"),
        pytest.param(False, id="two loads"),
    ],
)
@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_which_version_is_kept(
    case: Case, together: bool, empty: archive.Archive, tmp_path: Path
) -> None:
    paths = [write_json(tmp_path / f"{at}.json", case[at]) for at in range(2)]
    reports = [empty.load(*load) for load in ([paths] if together else [[path] for path in paths])]
    assert empty.resolve(EVENT_ID).json()["event"]["title"] == case.kept
    superseded = [v for v in empty.versions(EVENT_ID) if v.replaced_at]
    assert [v.answer.json()["event"]["title"] for v in superseded] == [
        title for title in [case.superseded] if title
    ]
    raw = {path.read_bytes() for path in paths}
    assert {version.answer.raw for version in superseded} <= raw
    assert sum(report.updated for report in reports) == int(case.kept == "b")
    assert empty.verify().ok


@pytest.mark.slow
def test_whatever_the_order_nothing_is_lost(tmp_path: Path) -> None:
    """Of versions of which none has everything, one stays and the table has the others."""
    versions = [
        make_version("functions", functions=4, tags=1),
        make_version("tags", functions=1, tags=4),
        make_version("both", functions=2, tags=3),
    ]
    paths = [write_json(tmp_path / f"{at}.json", item) for at, item in enumerate(versions)]
    for number, order in enumerate(permutations(paths)):
        events = archive.open(tmp_path / str(number))
        for path in order:
            events.load(path)
        kept, *others = events.versions(EVENT_ID)
        assert kept.answer.raw == order[0].read_bytes()
        assert {kept.answer.raw, *(v.answer.raw for v in others)} == {p.read_bytes() for p in paths}
        assert len(others) == 2


def test_loading_again_adds_no_version(empty: archive.Archive, tmp_path: Path) -> None:
    versions = [make_version("a", functions=4, tags=1), make_version("b", functions=1, tags=4)]
    source = write_json(tmp_path / "1.json", [*versions, versions[1]])
    assert empty.load(source).duplicate == 2
    number = empty.number
    again = empty.load(source, force=True)
    assert (again.load_id, again.duplicate, empty.number) == (None, 3, number)
    assert len(empty.versions(EVENT_ID)) == 2


def test_versions_of_two_projects(empty: archive.Archive, tmp_path: Path) -> None:
    for number, project in enumerate(("42", "43", "42")):
        version = make_version(str(number), projectID=project)
        empty.load(write_json(tmp_path / f"{number}.json", version))
    found = [
        (v.answer.owner.project_id, v.answer.json()["event"]["title"])
        for v in empty.versions(EVENT_ID)
    ]
    assert found == [("43", "1"), ("42", "2"), ("42", "0")]
    assert len(empty.versions(EVENT_ID, project="42")) == 2
    assert len(empty.versions(EVENT_ID, project="43")) == 1
    with pytest.raises(EventNotFound):
        empty.versions(EVENT_ID, project="44")


def test_a_version_of_an_older_archive(tmp_path: Path) -> None:
    """It is replaced as any other, and its bytes are kept."""
    fixture = PROJECT / "tests" / "fixtures" / "archive-format-1"
    events = archive.open(shutil.copytree(fixture, tmp_path / "archive"))
    events.upgrade()
    before = events.resolve(EVENT_ID).raw
    newer = make_event(1, title="newer", nextEventID=None)
    assert events.load(write_json(tmp_path / "1.json", newer)).updated == 1
    assert [v.answer.raw for v in events.versions(EVENT_ID)[1:]] == [before]


@pytest.fixture
def replaced(empty: archive.Archive, tmp_path: Path) -> archive.Archive:
    """An archive of one event, of which two versions were replaced."""
    for number in range(3):
        version = make_version(f"version {number}", functions=number + 1)
        empty.load(write_json(tmp_path / f"{number}.json", version))
    return empty


def test_compact_merges_and_drops(replaced: archive.Archive, run: Run) -> None:
    before = [version.dict() for version in replaced.versions(EVENT_ID)]
    replaced.compact()
    assert len(replaced.files("superseded")) == 1
    assert [version.dict() for version in replaced.versions(EVENT_ID)] == before
    assert run("-a", replaced.path, "compact", "--drop-superseded").code == 0
    replaced.refresh()
    assert replaced.files("superseded") == []
    assert [version.dict() for version in replaced.versions(EVENT_ID)] == before[:1]
    assert replaced.verify().ok


def test_versions_in_sql(replaced: archive.Archive) -> None:
    rows = replaced.sql("SELECT raw->>'title', shape FROM superseded ORDER BY replaced_at")
    assert list(rows) == [("version 0", "full"), ("version 1", "full")]


def test_show_lists_and_prints_versions(replaced: archive.Archive, run: Run) -> None:
    show = "-a", replaced.path, "show", EVENT_ID
    listed = json.loads(run(*show, "--versions", "--json").out)
    assert [row["replaced_at"] is None for row in listed] == [True, False, False]
    assert [row["size"] for row in listed] == [
        len(v.answer.raw) for v in replaced.versions(EVENT_ID)
    ]
    table = run(*show, "--versions").out.decode()
    assert all(row["digest"] in table and row["load_id"] in table for row in listed)
    raw = run(*show, "--digest", listed[2]["digest"][:8].upper(), "--raw").out
    assert json.loads(raw)["title"] == "version 0"
    assert "version 0" in run(*show, "--digest", listed[2]["digest"]).out.decode()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--digest", "x"], "expected the start of one of"),
        (["--digest", ""], "expected the start of one of"),
        (["--versions", "--raw"], "--versions cannot be combined"),
        (["--json"], "--json requires --versions"),
        (["--raw", "--markdown"], "--full and --markdown cannot be combined"),
        (["--versions", "--full"], "--full and --markdown cannot be combined"),
    ],
    ids=[
        "no such digest",
        "any digest",
        "a list as bytes",
        "JSON of an event",
        "bytes as Markdown",
        "a full list",
    ],
)
def test_show_refuses(
    replaced: archive.Archive, run: Run, options: list[str], message: str
) -> None:
    ran = run("-a", replaced.path, "show", EVENT_ID, *options)
    assert (ran.code, ran.out) == (2, b"")
    assert message in ran.err


def test_verify_compares_versions_with_their_digests(replaced: archive.Archive) -> None:
    """A part whose page checksums and SHA-256 are right, and whose bytes are another event's."""
    from dataclasses import replace

    from archive.storage.checksums import hash_file
    from archive.storage.manifest import write_next
    from archive.storage.state import read_newest

    manifest = read_newest(replaced.path)
    (part, _) = manifest.list_parts("superseded")
    path = replaced.path / part.path
    table = pq.read_table(path)
    at = table.schema.get_field_index("raw")
    changed = table.set_column(at, table.schema.field("raw"), [[b"{}"]])
    pq.write_table(changed, path, write_page_checksum=True)
    forged = replace(part, size=path.stat().st_size, sha256=hash_file(path))
    parts = tuple(forged if other == part else other for other in manifest.parts)
    assert write_next(replaced.path, manifest, replace(manifest, parts=parts))
    replaced.refresh()
    (problem,) = replaced.verify().problems
    assert problem.reason == f"the version of event {EVENT_ID} is not what was stored"


ENVELOPE = b"\n".join(
    json.dumps(item).encode()
    for item in (
        {"event_id": EVENT_ID, "dsn": "https://key@sentry.io/42"},
        {"type": "event"},
        {
            "event_id": EVENT_ID,
            "platform": "python",
            "timestamp": 1767323045,
            "exception": {
                "values": [{"type": "E", "value": "no", "stacktrace": {"frames": FRAMES}}]
            },
        },
    )
)
NON_EVENTS = {
    "attachments": [
        {
            "id": "5",
            "event_id": EVENT_ID,
            "type": "event.attachment",
            "name": "log.txt",
            "mimetype": "text/plain",
            "dateCreated": LATER,
            "size": 3,
            "headers": {"Content-Type": "text/plain"},
            "sha1": "da39a3ee5e6b4b0d3255bfef95601890afd80709",
        }
    ],
    "feedback": [
        {
            "id": "6",
            "eventID": EVENT_ID,
            "name": "Ann",
            "email": "ann@example.com",
            "comments": "It broke",
            "dateCreated": LATER,
            "user": None,
            "event": {"id": EVENT_ID, "eventID": EVENT_ID},
            "issue": {"id": "7"},
        }
    ],
    "trace": [
        {
            "event_id": EVENT_ID,
            "transaction": "/pay",
            "transaction.op": "http.server",
            "transaction.duration": 5,
            "span_id": "a" * 16,
            "parent_span_id": None,
            "parent_event_id": None,
            "project_id": 42,
            "project_slug": "web",
            "generation": 0,
            "errors": [],
            "performance_issues": [],
            "children": [],
            "timestamp": 1767323099,
            "start_timestamp": 1767323098,
        }
    ],
    "a ClickHouse row": {
        "event_id": EVENT_ID,
        "project_id": 42,
        "timestamp": "2026-01-02 03:04:07",
        "platform": "python",
        "message": "",
        "title": "E: no",
        "tags.key": ["level"],
        "tags.value": ["error"],
        "exception_frames.function": ["main"],
        "exception_stacks.type": ["E"],
        "type": "error",
    },
}


@pytest.mark.parametrize(
    "raw",
    [ENVELOPE, json.dumps(make_version("E: no", functions=4)).encode()],
    ids=["an envelope", "a full event"],
)
def test_records_that_are_not_events_leave_the_event_alone(
    raw: bytes, empty: archive.Archive, tmp_path: Path
) -> None:
    source = tmp_path / "event"
    source.write_bytes(raw)
    empty.load(source)
    expected = empty.resolve(EVENT_ID).body
    for name, record in NON_EVENTS.items():
        report = empty.load(write_json(tmp_path / f"{name}.json", record))
        assert (report.stored, report.updated, report.duplicate) == (0, 0, 0)
        assert empty.resolve(EVENT_ID).body == expected
        functions = "SELECT count(*), count(function) FROM frames"
        assert list(empty.sql(functions)) == [(4, 4)]
    again = empty.load(source, force=True)
    assert (again.read, again.duplicate, again.load_id) == (1, 1, None)
    assert empty.resolve(EVENT_ID).body == expected
