"""Loading: every record accounted for, the same content whatever the way there."""

from __future__ import annotations

import gzip
import io
import json
import sys
from collections.abc import Callable
from itertools import permutations
from pathlib import Path
from typing import Any, NamedTuple

import pytest

import archive
from archive.errors import InvalidProjectMap, SourceNotFound, TooManyRejects
from archive.exports.limits import Limits
from archive.load import LoadReport
from tests.builders import EXPORTS, SEED, SEED_ID, Run, make_event, write_json

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

FIRST = f"{1:032x}"
SIMPLE = {"entries": ..., "_meta": ..., "event.type": "error"}
DETAIL = {"nextEventID": None, "previousEventID": None, "userReport": None}


def count(report: LoadReport) -> tuple[int, int, int, int, int]:
    return report.read, report.stored, report.updated, report.duplicate, report.rejected


def wrap(event: dict[str, Any]) -> dict[str, Any]:
    return {
        "organizationSlug": "acme",
        "projectSlug": "web",
        "groupId": event["groupID"],
        "eventId": event["eventID"],
        "event": event,
    }


class Pair(NamedTuple):
    """Two versions of what may be one event: how many stay, and which answers."""

    one: dict[str, Any]
    other: dict[str, Any]
    events: int
    winner: str | None = None  # its title; None where the later one wins


def _titled(title: str, **members: Any) -> dict[str, Any]:
    return make_event(1, title=title, **members)


LATER = "2026-01-02T03:04:07Z"
PAIRS = {
    "identical": Pair(_titled("a"), _titled("a"), 1, "a"),
    "full beats simple": Pair(_titled("full"), _titled("simple", **SIMPLE), 1, "full"),
    "full beats a later simple": Pair(
        _titled("full"), _titled("simple", **SIMPLE, dateReceived=LATER), 1, "full"
    ),
    "detail beats full": Pair(_titled("full"), _titled("detail", **DETAIL), 1, "detail"),
    "detail beats eventids": Pair(
        wrap(_titled("eventids")), _titled("detail", **DETAIL), 1, "detail"
    ),
    "eventids beats full": Pair(_titled("full"), wrap(_titled("eventids")), 1, "eventids"),
    "the later received": Pair(_titled("old"), _titled("new", dateReceived=LATER), 1, "new"),
    "equal in all, the later read": Pair(_titled("old"), _titled("new"), 1),
    "two projects": Pair(
        _titled("one"), _titled("two", projectID="43", dateCreated=LATER), 2, "two"
    ),
    "a known project goes first": Pair(
        _titled("a"), _titled("b", projectID=..., dateCreated=LATER), 2, "a"
    ),
}


@pytest.mark.parametrize(
    "together",
    [
        pytest.param(True, marks=pytest.mark.slow, id="one load"),
        pytest.param(False, id="two loads"),
    ],
)
@pytest.mark.parametrize(
    "turned",
    [pytest.param(False, marks=pytest.mark.slow, id="in order"), pytest.param(True, id="turned")],
)
@pytest.mark.parametrize("pair", PAIRS.values(), ids=PAIRS)
def test_which_version_stays(
    empty: archive.Archive, tmp_path: Path, pair: Pair, turned: bool, together: bool
) -> None:
    versions = (pair.other, pair.one) if turned else (pair.one, pair.other)
    paths = [write_json(tmp_path / f"{at}.json", version) for at, version in enumerate(versions)]
    loads = [paths] if together else [[path] for path in paths]
    reports = [empty.load(*load, force=True) for load in loads]
    assert sum(report.read for report in reports) == 2
    assert sum(report.stored for report in reports) == pair.events
    assert [*empty.sql("SELECT count(*) FROM events")] == [(pair.events,)]
    last = versions[1].get("event", versions[1])["title"]
    assert empty.resolve(FIRST).json()["event"]["title"] == (pair.winner or last)
    assert empty.verify().problems == []


def test_counts_of_each_outcome(empty: archive.Archive, tmp_path: Path) -> None:
    full = [make_event(number) for number in range(1, 6)]
    first = write_json(tmp_path / "1.json", [*full, full[0], None])
    richer = [{**event, **DETAIL} for event in full[:2]]
    second = write_json(tmp_path / "2.json", [*richer, full[2], make_event(9)])
    assert count(empty.load(first)) == (7, 5, 0, 1, 1)
    assert count(empty.load(second)) == (4, 1, 2, 1, 0)
    assert count(empty.load(first, second, force=True)) == (11, 0, 0, 10, 1)


@pytest.mark.slow
def test_any_order_and_any_halves_give_the_same_content(tmp_path: Path) -> None:
    sources = sorted(EXPORTS.iterdir())
    ways: list[list[list[Path]]] = [
        [sources],
        [sources[::-1]],
        [[source] for source in sources],
        [[source] for source in reversed(sources)],
        [sources[::2], sources[1::2]],
        [sources[1::2], sources[::2], sources],
    ]
    found = set()
    for number, loads in enumerate(ways):
        events = archive.open(tmp_path / str(number))
        for load in loads:
            events.load(*load)
        verified = events.verify()
        assert verified.problems == []
        found.add((verified.content, verified.events))
    assert len(found) == 1


def test_learned_slugs_do_not_depend_on_the_order(tmp_path: Path) -> None:
    plain = write_json(tmp_path / "plain.json", make_event(1))
    answer = write_json(tmp_path / "answer.json", wrap(make_event(2)))
    for number, order in enumerate(permutations([plain, answer])):
        events = archive.open(tmp_path / str(number))
        for source in order:
            events.load(source)
        resolved = events.resolve(FIRST).json()
        assert (resolved["organizationSlug"], resolved["projectSlug"]) == ("acme", "web")
        slugs = "SELECT DISTINCT organization_slug, project_slug FROM events"
        assert [*events.sql(slugs)] == [("acme", "web")]


def test_loading_twice_changes_no_byte(empty: archive.Archive) -> None:
    def read() -> dict[Path, bytes]:
        files = (path for path in empty.path.rglob("*") if path.is_file())
        return {path: path.read_bytes() for path in files}

    good = [path for path in EXPORTS.iterdir() if "damaged" not in path.name]
    empty.load(*good)
    before = read()
    again = empty.load(*good)
    assert count(again) == (0, 0, 0, 0, 0)
    assert again.known_sources == again.sources > 0
    forced = empty.load(*good, force=True)
    assert forced.duplicate == forced.read > 0
    assert read() == before


def test_a_source_with_rejects_is_read_again_by_another_version(
    empty: archive.Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    damaged = EXPORTS / "damaged-download.ndjson.gz"
    first = empty.load(damaged)
    assert count(first) == (61, 60, 0, 0, 1)
    again = empty.load(damaged)
    assert (count(again), again.known_sources, again.known_rejects) == ((0, 0, 0, 0, 0), 1, 1)
    monkeypatch.setattr("archive.load.known.VERSION", "99")
    assert count(empty.load(damaged)) == (61, 0, 0, 60, 1)


def test_dry_run_counts_and_commits_nothing(empty: archive.Archive) -> None:
    counted = count(empty.load(EXPORTS, dry_run=True))
    assert not empty.path.exists()
    assert count(empty.load(EXPORTS)) == counted
    before = sorted(empty.path.rglob("*"))
    assert count(empty.load(EXPORTS, dry_run=True, force=True))[1:3] == (0, 0)
    assert sorted(empty.path.rglob("*")) == before


class Damage(NamedTuple):
    """A bad file: what it holds, how many events can be saved, what is said and where."""

    data: bytes
    good: int
    reason: str
    place: str


LINES = b"".join(json.dumps(make_event(n)).encode() + b"\n" for n in range(1, 11))
ZSTD = zstd.compress(LINES[: len(LINES) // 2]) + zstd.compress(LINES[len(LINES) // 2 :])


def _cut_zstd_at_a_line_end() -> bytes:
    """A zstd stream whose data ends with a line, and whose frame does not end."""
    compressor = zstd.ZstdCompressor()
    return compressor.compress(LINES, mode=zstd.ZstdCompressor.FLUSH_BLOCK)


DAMAGES = {
    "truncated.json.gz": Damage(gzip.compress(LINES)[:-6], 10, "truncated gzip", "line 11"),
    "line-end.zst": Damage(_cut_zstd_at_a_line_end(), 10, "truncated zstd", "line 11"),
    "error.json": Damage(b"<!DOCTYPE html>\n<p>502</p>\n", 0, "HTML", "line 1, byte 0"),
    "empty.json": Damage(b"", 0, "empty", "line 1, byte 0"),
    "null.json": Damage(b"[" + LINES[:-1].replace(b"\n", b",null,", 1).replace(b"\n", b",") + b"]",
                        10, "not an event but null", "line 1"),
    "table.parquet": Damage(b"PAR1\x15\x04" + bytes(99) + b"PAR1", 0, "binary", "line 1, byte 0"),
    "log.json": Damage(b'{"event_id":"1","type":"invoice.paid"}', 0, "has an event ID", "line 1"),
}  # fmt: skip


@pytest.mark.parametrize("name", DAMAGES)
def test_good_events_are_saved_from_bad_files(
    empty: archive.Archive, tmp_path: Path, run: Run, name: str
) -> None:
    damage = DAMAGES[name]
    (tmp_path / name).write_bytes(damage.data)
    ran = run("-a", empty.path, "load", tmp_path / name)
    assert ran.code == 3
    assert f"{damage.good + 1:,} records read: {damage.good:,} stored" in ran.err
    assert f"{tmp_path / name}, {damage.place}" in ran.err
    assert damage.reason in ran.err


def test_a_folder_of_good_and_bad(empty: archive.Archive, tmp_path: Path, run: Run) -> None:
    folder = tmp_path / "exports"
    folder.mkdir()
    for name, damage in DAMAGES.items():
        (folder / name).write_bytes(damage.data)
    (folder / "seed.json").write_bytes(SEED)
    ran = run("-a", empty.path, "load", folder, "--json")
    report = json.loads(ran.out)
    assert ran.code == 3
    assert report["read"] == report["stored"] + report["duplicate"] + report["rejected"]
    assert (report["stored"], report["rejected"]) == (11, len(DAMAGES))
    with zstd.open(report["rejects"]) as stream:
        rejects = [json.loads(line) for line in io.BytesIO(stream.read())]
    assert {Path(reject["source"]).name for reject in rejects} == set(DAMAGES)
    by_name = {Path(reject["source"]).name: reject for reject in rejects}
    assert by_name["error.json"]["raw"].encode() == DAMAGES["error.json"].data
    assert by_name["null.json"]["raw"] == "null"
    assert empty.resolve(SEED_ID).body == SEED


def _nan(text: bytes) -> bytes:
    return text.replace(b'"size":1', b'"size":NaN')


ODD_TEXTS: dict[str, Callable[[bytes], bytes]] = {
    "NaN": _nan,
    "infinity": lambda text: text.replace(b'"size":1', b'"size":-Infinity'),
    "lone surrogate": lambda text: text.replace(b"ValueError: 1", b"\\ud800 broken"),
    "NUL": lambda text: text.replace(b"ValueError: 1", b"a\\u0000b"),
    "23 digits": lambda text: text.replace(b'"size":1', b'"size":12345678901234567890123'),
    "5,000 digits": lambda text: text.replace(b'"size":1', b'"size":NaN,"x":' + b"9" * 5000),
    "1e400": lambda text: text.replace(b'"size":1', b'"size":1e400'),
    "number spelling": lambda text: text.replace(b'"size":1', b'"size":1.10'),
    "duplicate keys": lambda text: text.replace(b'"size":1', b'"size":1,"size":2'),
    "escapes": lambda text: text.replace(b"ValueError: 1", b"\\u00e9\\/\\n"),
    "emoji": lambda text: text.replace(b"ValueError: 1", "🚀".encode()),
    "depth 900": lambda text: text.replace(b'"size":1', b'"size":' + b"[" * 900 + b"]" * 900),
    "message is an object": lambda text: text.replace(b'"title":"', b'"message":{},"title":"'),
    "tags of every kind": lambda text: text.replace(
        b'"tags":[', b'"tags":[null,["a","b"],{"key":null,"value":"x"},{"key":"k","value":null},7,'
    ),
    "entries of every kind": lambda text: text.replace(
        b'"entries":[', b'"entries":[null,7,{"type":"threads","data":{"values":null}},'
    ),
    "null frames": lambda text: text.replace(b'"frames":[', b'"frames":[null,'),
    "frames are a string": lambda text: text.replace(b'"tags":[', b'"entries":"x","tags":['),
    "line number too large": lambda text: text.replace(b'"lineNo":3', b'"lineNo":99999999999'),
}


@pytest.mark.parametrize("change", ODD_TEXTS.values(), ids=ODD_TEXTS)
def test_odd_text_is_kept_and_answered_byte_for_byte(
    empty: archive.Archive, tmp_path: Path, change: Callable[[bytes], bytes]
) -> None:
    plain = json.dumps(make_event(1), separators=(",", ":")).encode()
    odd = change(plain)
    assert odd != plain
    (tmp_path / "odd.json").write_bytes(odd)
    report = empty.load(tmp_path / "odd.json")
    assert count(report) == (1, 1, 0, 0, 0)
    answer = empty.resolve(FIRST)
    assert answer.raw == odd
    assert answer.body.endswith(b'"event":' + odd + b"}")
    assert [*empty.sql("SELECT count(*), count(raw), count(event) FROM payloads")] == [(1, 1, 1)]
    assert empty.verify().ok


REJECTED_TEXTS = {
    "not UTF-8": (b'{"eventID":"%b","entries":[],"title":"\xff"}' % FIRST.encode(), "utf-8"),
    "no event ID": (b'{"eventID":"1","entries":[]}', "no valid event ID"),
    "nested too deeply": (
        b'{"eventID":"%b","entries":[],"x":%b}' % (FIRST.encode(), b"[" * 5000 + b"]" * 5000),
        "nested too deeply",
    ),
    "too large": (b'{"eventID":"%b","x":"%b"}' % (FIRST.encode(), b"x" * 2000), "larger than"),
}


@pytest.mark.parametrize("case", REJECTED_TEXTS.values(), ids=REJECTED_TEXTS)
def test_what_cannot_be_kept_is_rejected_without_the_rest(
    empty: archive.Archive, tmp_path: Path, case: tuple[bytes, str]
) -> None:
    text, reason = case
    good = json.dumps(make_event(2, entries=[])).encode()
    (tmp_path / "list.json").write_bytes(b"[" + text + b"," + good + b"]")
    limits = Limits(event_bytes=1000) if "larger" in reason else None
    report = empty.load(tmp_path / "list.json", limits=limits)
    assert count(report) == (2, 1, 0, 0, 1)
    assert reason in report.reject_samples[0].reason


@pytest.mark.parametrize("arguments", [["--strict"], ["--max-rejects", "0"]], ids=str)
def test_strict_commits_nothing(
    empty: archive.Archive, tmp_path: Path, run: Run, arguments: list[str]
) -> None:
    source = write_json(tmp_path / "list.json", [make_event(1), None])
    ran = run("-a", empty.path, "load", source, *arguments)
    assert ran.code == 3
    assert f"stopped at {source}, line 1, byte" in ran.err
    assert [*empty.sql("SELECT count(*) FROM events")] == [(0,)]
    assert not list(empty.path.rglob("*.tmp"))
    with pytest.raises(TooManyRejects):
        empty.load(source, max_rejects=0)
    assert empty.load(source, max_rejects=1).rejected == 1


@pytest.mark.parametrize(
    ("options", "error"),
    [
        ({"sources": ["nowhere"]}, SourceNotFound),
        ({"sources": ["*.nothing"]}, SourceNotFound),
        ({"sources": [EXPORTS], "project_map": EXPORTS / "nothing.json"}, InvalidProjectMap),
        ({"sources": [EXPORTS], "project_map": __file__}, InvalidProjectMap),
    ],
    ids=["no file", "no match", "no map", "not a map"],
)
def test_what_makes_no_sense_is_refused(
    empty: archive.Archive, options: dict[str, Any], error: type[Exception]
) -> None:
    sources = options.pop("sources")
    with pytest.raises(error):
        empty.load(*sources, **options)


def test_standard_input(empty: archive.Archive, run: Run) -> None:
    ran = run("-a", empty.path, "load", "-", stdin=gzip.compress(LINES))
    assert ran.code == 0
    assert [*empty.sql("SELECT count(*) FROM events")] == [(10,)]


def test_org_and_project_apply_to_events_without_their_own(
    empty: archive.Archive, tmp_path: Path
) -> None:
    source = write_json(tmp_path / "1.json", [make_event(1), wrap(make_event(2))])
    empty.load(source, organization="mine", project="own")
    slugs = [empty.resolve(f"{number:032x}").json()["organizationSlug"] for number in (1, 2)]
    assert slugs == ["mine", "acme"]
    again = empty.load(source, organization="yours", force=True)
    assert count(again) == (2, 0, 1, 1, 0), "a wrong --org is corrected, the export's own stays"
    assert empty.resolve(f"{1:032x}").json()["organizationSlug"] == "yours"


def test_progress_counts_the_bytes_on_disk(empty: archive.Archive) -> None:
    seen: list[tuple[int, int]] = []
    empty.load(EXPORTS, progress=lambda p: seen.append((p.done, p.total)))
    size = sum(path.stat().st_size for path in EXPORTS.rglob("*") if path.is_file())
    assert seen[-1] == (size, size)
    assert [done for done, _ in seen] == sorted(done for done, _ in seen)
