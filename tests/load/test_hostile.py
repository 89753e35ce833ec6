"""What hostile exports get: a row, an answer or a reject; never a file outside the archive.

The same at sizes that hurt is tests/faults/test_hostile.py.
"""

from __future__ import annotations

import copy
import io
import json
import re
import tarfile
import zipfile
from collections.abc import Callable, Iterator
from itertools import product
from pathlib import Path
from types import NoneType
from typing import Any, get_args, get_origin, get_type_hints

import msgspec
import pytest

import archive
from archive.events import model
from archive.query.reports import list_reports
from archive.resolve import Answer
from tests.builders import Run, make_event, write_json

EVIL = "\x1b]0;owned\x07\x1b[2J\x9b31m\u202e\r\n"
STEERING = set("\x1b\x07\x9b\u202e\r\x00\x08\x7f")
ENTRIES = {
    "exception": model.Exceptions,
    "stacktrace": model.Stacktrace,
    "threads": model.Threads,
    "request": model.Request,
}
WRONG: dict[str, Any] = {
    "null": None,
    "true": True,
    "a number": 1,
    "a number too large": 1 << 70,
    "a fraction": 1.5,
    "infinity": float("inf"),
    "no number": float("nan"),
    "text": "x",
    "no text": "",
    "a lone surrogate": "\ud83d",
    "text of 64 KiB": "x" * 65536,
    "an empty list": [],
    "a list of null": [None],
    "a list of lists": [[], [[]]],
    "an empty object": {},
    "an object": {"": {"values": 1}},
    "something deep": json.loads("[" * 300 + "]" * 300),
}


def _make_sample(kind: Any) -> Any:
    """A value for a type of the model, with something in every field."""
    if get_origin(kind) is list:
        return [_make_sample(get_args(kind)[0])]
    if isinstance(kind, type) and issubclass(kind, msgspec.Struct):
        hints = get_type_hints(kind)
        return {f.encode_name: _make_sample(hints[f.name]) for f in msgspec.structs.fields(kind)}
    inner = [alternative for alternative in get_args(kind) if alternative is not NoneType]
    if inner:
        return _make_sample(inner[0])
    return {bool: True, int: 1}.get(kind, "x")


def _make_whole(number: int) -> dict[str, Any]:
    event: dict[str, Any] = _make_sample(model.Event)
    entries = [{"type": kind, "data": _make_sample(data)} for kind, data in ENTRIES.items()]
    return {**event, "eventID": f"{number:032x}", "entries": entries}


def _list_places(value: Any, way: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    items = value.items() if isinstance(value, dict) else enumerate(value)
    for key, inner in items:
        yield (*way, key)
        if isinstance(inner, dict | list):
            yield from _list_places(inner, (*way, key))


PLACES = [place for place in _list_places(_make_whole(0)) if place != ("eventID",)]


def _confuse(number: int, place: tuple[Any, ...], wrong: Any) -> dict[str, Any]:
    event = _make_whole(number)
    holder = event
    for key in place[:-1]:
        holder = holder[key]
    holder[place[-1]] = copy.deepcopy(wrong)
    return event


@pytest.mark.parametrize(
    "step", [pytest.param(1, marks=pytest.mark.slow, id="all"), pytest.param(23, id="some")]
)
def test_a_value_of_any_type_in_any_field(
    step: int, empty: archive.Archive, tmp_path: Path
) -> None:
    """Each of the events is stored, answered with its bytes, and in no report's way."""
    confusions = list(product(PLACES, WRONG))[::step]
    events = {
        f"{number:032x}": _confuse(number, place, WRONG[kind])
        for number, (place, kind) in enumerate(confusions)
    }
    report = empty.load(write_json(tmp_path / "events.json", list(events.values())))
    assert (report.stored, report.reject_samples) == (len(events), [])
    for answer, confusion in zip(empty.resolve_many(events), confusions, strict=True):
        assert isinstance(answer, Answer), confusion
        text = json.dumps(events[answer.event_id], separators=(",", ":"))
        assert answer.raw == text.encode(), confusion
    assert empty.verify().problems == []
    for asked in list_reports():
        assert list(empty.report(asked.name, **asked.example)) is not None


def test_fields_of_the_model_are_all_confused() -> None:
    fields = sum(
        len(msgspec.structs.fields(kind))
        for kind in vars(model).values()
        if isinstance(kind, type) and issubclass(kind, msgspec.Struct)
    )
    assert len({place[-1] for place in PLACES}) < fields <= len(PLACES)


DEPTHS = (100, 900, 1_023, 1_024, 1_025, 5_000, 100_000)


@pytest.mark.parametrize("opens", [b"[", b'{"a":'], ids=["lists", "objects"])
@pytest.mark.parametrize("begins", [b'"eventID"', b'"platform":"c","event_id"'], ids=["api", "sdk"])
def test_depth(empty: archive.Archive, tmp_path: Path, begins: bytes, opens: bytes) -> None:
    """What is too deep costs only itself; the rest is answered, and does not hurt SQL."""
    closes = b"]" if opens == b"[" else b"}"
    events = [
        b'{%b:"%032x","entries":[],"extra":%b1%b}' % (begins, n, opens * depth, closes * depth)
        for n, depth in enumerate(DEPTHS)
    ]
    good = json.dumps(make_event(99), separators=(",", ":")).encode()
    (tmp_path / "events.json").write_bytes(b"[%b]" % b",".join([*events, good]))
    report = empty.load(tmp_path / "events.json")
    assert (report.read, report.stored + report.rejected) == (len(DEPTHS) + 1, len(DEPTHS) + 1)
    assert {fault.reason.removeprefix("not valid JSON: ") for fault in report.reject_samples} == {
        "nested too deeply"
    }
    assert empty.resolve(f"{99:032x}").raw == good
    for n, event in enumerate(events[: report.stored - 1]):
        answer = empty.resolve(f"{n:032x}")
        assert answer.raw == event
        assert answer.json()["event"]
    assert report.stored - 1 >= DEPTHS.index(1_023)
    assert [*empty.sql("SELECT count(raw) FROM payloads")] == [(report.stored,)]
    assert empty.verify().problems == []


NAMES = [
    "../../x.json",
    "/tmp/x.json",
    "a\\..\\x.json",
    "a/../../b.json",
    "x\n\x1b[2J.json",
    "é" * 80,
]


def _zip(members: dict[str, bytes]) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as bundle:
        for name, data in members.items():
            bundle.writestr(name, data)
        link = zipfile.ZipInfo("link")
        link.external_attr = 0o120777 << 16
        bundle.writestr(link, "/etc/passwd")
    return file.getvalue()


def _tar(members: dict[str, bytes]) -> bytes:
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w") as bundle:
        for name, data in members.items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            bundle.addfile(info, io.BytesIO(data))
        for kind in (tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.FIFOTYPE, tarfile.CHRTYPE):
            info = tarfile.TarInfo(f"../special-{kind.decode()}")
            info.type, info.linkname = kind, "/etc/passwd"
            bundle.addfile(info)
    return file.getvalue()


@pytest.mark.parametrize("pack", [_zip, _tar], ids=["zip", "tar"])
def test_names_of_members_lead_nowhere(
    empty: archive.Archive, tmp_path: Path, pack: Callable[[dict[str, bytes]], bytes]
) -> None:
    members = {name: json.dumps(make_event(n)).encode() for n, name in enumerate(NAMES)}
    (tmp_path / "export").write_bytes(pack(members))
    before = _list_outside(tmp_path, empty)
    report = empty.load(tmp_path / "export")
    assert (report.stored, report.rejected) == (len(NAMES), pack is _zip)
    assert _list_outside(tmp_path, empty) == before
    assert _list_foreign(empty) == []


HOSTILE_TEXTS = [
    "' OR 1=1 --", '"; DROP TABLE events', "../../x", "a=b/c=d", ".", "", " ", "\n", "\t", "\x00",
    "🚀", "\u202e", EVIL, "x" * 65536, "%s{0}$1", "NULL", "archive://events/x", "C:\\x", "*", "~",
]  # fmt: skip


def test_texts_are_only_texts(empty: archive.Archive, tmp_path: Path) -> None:
    """As slugs, tags and releases they come back as they were; no path is made of them."""
    answers = [
        {
            "organizationSlug": text,
            "projectSlug": text,
            "groupId": text,
            "eventId": f"{number:032x}",
            "event": make_event(number, tags=[{"key": text or "k", "value": text}], title=text),
        }
        for number, text in enumerate(HOSTILE_TEXTS)
    ]
    before = _list_outside(tmp_path, empty) | {"events.json"}
    assert empty.load(write_json(tmp_path / "events.json", answers)).stored == len(answers)
    assert _list_outside(tmp_path, empty) == before
    assert _list_foreign(empty) == []
    rows = empty.sql(
        "SELECT title, organization_slug, project_slug, key, value "
        "FROM events JOIN tags USING (event_id) ORDER BY event_id"
    )
    assert [*rows] == [(t, t or None, t or None, t or "k", t) for t in HOSTILE_TEXTS]
    for answer, text in zip(answers, HOSTILE_TEXTS, strict=True):
        found = empty.resolve(str(answer["eventId"]), project=text or None)
        assert found.json() == answer
        assert [*empty.sql("SELECT count(*) FROM events WHERE title = ?", [text])] == [(1,)]


def _list_outside(place: Path, events: archive.Archive) -> set[str]:
    """The files next to an archive, and those above and in /tmp that a name could lead to."""
    around = {path.name for path in (*place.iterdir(), *place.parent.iterdir())}
    return (around | {str(path) for path in Path("/tmp").glob("x.json")}) - {events.path.name}


def _list_foreign(events: archive.Archive) -> list[str]:
    """The files of an archive whose names are not ours."""
    ours = re.compile(
        r"archive\.json|lock|manifest/\d{8}\.json|rejects/\d{8}-\w{4}\.jsonl\.zst"
        r"|(events|frames|frame_counts|tags|payloads|loads|sources)/\d{8}-\w{4}-\d{4}\.parquet"
        r"|index/\d{8}-\w{4}-\d{4}\.duckdb"
    )
    names = [str(p.relative_to(events.path)) for p in events.path.rglob("*") if p.is_file()]
    return [name for name in names if not ours.fullmatch(name)]


@pytest.fixture(scope="module")
def steering(tmp_path_factory: pytest.TempPathFactory) -> archive.Archive:
    """An archive whose every text tries to steer a terminal."""

    def poison(value: Any) -> Any:
        if isinstance(value, dict):
            return {key: poison(inner) for key, inner in value.items()}
        if isinstance(value, list):
            return [poison(inner) for inner in value]
        return EVIL + value if isinstance(value, str) else value

    place = tmp_path_factory.mktemp("steering")
    events = []
    for number in range(3):
        event = poison(make_event(number, user={"id": "1"}, culprit="c", metadata={"type": "T"}))
        kept = {name: make_event(number)[name] for name in ("eventID", "dateCreated", "groupID")}
        event |= {"entries": make_event()["entries"], **kept}
        event["entries"][0]["data"] = poison(event["entries"][0]["data"])
        events.append({"organizationSlug": EVIL, "projectSlug": EVIL, "event": event})
    (place / "sources").mkdir()
    source = place / "sources" / f"events{EVIL}.json"
    source.write_text(json.dumps([*events, {EVIL: 1}, EVIL], ensure_ascii=False))
    stored = archive.open(place / "archive")
    assert stored.load(source).stored == len(events)
    return stored


TABLES = ("events", "frames", "tags", "sources", "projects")
FREE = [report for report in list_reports() if not any(p.required for p in report.parameters)]
FOR_PEOPLE = [
    ["show", f"{1:032x}"],
    ["info"],
    ["verify", "--data"],
    ["load", "--dry-run", "--force", "{sources}"],
    *(["sql", f"FROM {table}", "--format", "table"] for table in TABLES),
    *(["sql", f"FROM {table}", "--format", "markdown"] for table in TABLES),
    *(
        ["report", report.name]
        for report in list_reports()
        if not any(p.required for p in report.parameters)
    ),
]
FOR_PROGRAMS = [  # and yet shown where there is a terminal
    ["resolve", f"{1:032x}"],
    ["resolve", f"{1:032x}", "--format", "json"],
    *(["sql", "FROM events", "--format", form] for form in ("json", "jsonl", "csv")),
]


@pytest.mark.parametrize("arguments", FOR_PEOPLE, ids=" ".join)
def test_nothing_said_to_people_steers_a_terminal(
    steering: archive.Archive, run: Run, arguments: list[str]
) -> None:
    sources = str(steering.path.parent / "sources")
    ran = run("-a", steering.path, *(text.format(sources=sources) for text in arguments))
    assert ran.code in (0, 3), ran.err
    assert not STEERING & set(ran.out.decode() + ran.err)


@pytest.mark.parametrize("arguments", FOR_PROGRAMS, ids=" ".join)
def test_nothing_shown_on_a_terminal_steers_it(
    steering: archive.Archive, run: Run, monkeypatch: pytest.MonkeyPatch, arguments: list[str]
) -> None:
    monkeypatch.setattr("tests.conftest._Stream.isatty", lambda stream: True)
    ran = run("-a", steering.path, *arguments)
    assert ran.code == 0
    assert not STEERING & set(ran.out.decode())
