"""Whole events in every form in which users hold them, against the answers of Sentry's own code."""

from __future__ import annotations

from collections import defaultdict
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

import pytest

import archive
from archive.errors import EventNotFound
from archive.events.api.generation import GENERATION_2024_09
from archive.events.convert import convert_event
from tests.corpus import Pair, find_corpus
from tests.end_to_end.forms import (
    FORMS,
    ORGANIZATION,
    PROJECTS,
    Form,
    dump,
    load_form,
    write_form,
)

DIFFERENCES = Path(__file__).parent / "differences"
SLOW = pytest.mark.slow
OUTER = ["organizationSlug", "projectSlug", "groupId", "eventId", "event"]

EQUAL = {
    "stored, a message of the queue": ("stored", (568, 578), (205, 209)),
    "stored, a row of nodestore": ("stored", (568, 578), (205, 209)),
    "stored, a file": ("stored_file", (567, 578), (205, 209)),
    "downloaded, a webhook": ("downloaded", (525, 574), (189, 205)),
    "downloaded, a file": ("downloaded", (525, 574), (189, 205)),
    "sent, an envelope": ("sent", (311, 339), (68, 76)),
    "sent, a file": ("sent_file", (301, 339), (68, 76)),
    "detail, a file": ("detail", (563, 576), (201, 207)),
}
"""By form: the file of differences, and how many answers are equal in every member that the form
has, of how many: in the larger corpus, and in the pairs that ship with the project."""


@pytest.mark.parametrize(
    "name",
    [
        pytest.param(name, marks=() if name in ("sent, a file", "stored, a file") else SLOW)
        for name in EQUAL
    ],
)
def test_form_is_answered_as_sentry_does(
    name: str, pairs: dict[str, Pair], empty: archive.Archive, tmp_path: Path
) -> None:
    form = FORMS[name]
    held = load_form(empty, form, pairs, tmp_path)
    listed, in_corpus, in_shipped = EQUAL[name]
    unknown, expected = read_differences(DIFFERENCES / f"{listed}.txt")
    expected = {member: names & held.keys() for member, names in expected.items()}
    differing = defaultdict(set)
    for key, pair in held.items():
        try:
            event = _resolve(empty, pair, form)
        except EventNotFound:
            differing["rejected"].add(key)
            continue
        if pair.get("api") is None:
            assert event["id"] == event["eventID"] == pair["context"]["event_id"]
            assert event["title"]
            continue
        for member in _list_differences(event, _expect(pair, form, event)):
            if not any(fnmatchcase(key, pattern) for pattern in unknown[member]):
                differing[member].add(key)
    assert dict(differing) == {member: names for member, names in expected.items() if names}
    answered = [key for key, pair in held.items() if pair.get("api")]
    unequal = set().union(*differing.values())
    counts = len(answered) - len(unequal), len(answered)
    assert counts == (in_corpus if find_corpus() else in_shipped)


@pytest.mark.parametrize(
    "first",
    [
        "detail, a file",
        pytest.param("stored, a message of the queue", marks=SLOW),
        pytest.param("downloaded, a webhook", marks=SLOW),
        pytest.param("sent, an envelope", marks=SLOW),
    ],
)
@pytest.mark.parametrize("is_later", [False, True], ids=["simple first", "simple last"])
def test_fuller_form_stays(
    first: str, is_later: bool, pairs: dict[str, Pair], empty: archive.Archive, tmp_path: Path
) -> None:
    """A list's rows next to full events: in whatever order, the full events are answered."""
    listed = [(name, pair) for name, pair in pairs.items() if pair.get("simple")]
    pairs = dict(listed[::10])
    alone = archive.open(tmp_path / "alone")
    held = load_form(alone, FORMS[first], pairs, tmp_path / "fuller")
    write_form(FORMS["simple, a file"], held, tmp_path / "simple")
    sources = [tmp_path / "fuller" / "exports", tmp_path / "simple"]
    reports = [empty.load(source) for source in (sources if is_later else sources[::-1])]
    counts = [(report.stored, report.updated, report.duplicate) for report in reports]
    count = len(held)
    assert counts == [(count, 0, 0), (0, 0, count) if is_later else (0, count, 0)]
    for pair in held.values():
        event_id = pair["context"]["event_id"]
        expected, answer = alone.resolve(event_id), empty.resolve(event_id)
        assert answer.shape == expected.shape
        assert answer.json()["event"]["entries"] == expected.json()["event"]["entries"]


def _resolve(events: archive.Archive, pair: Pair, form: Form) -> dict[str, Any]:
    """The event of the answer, as of 2024-09 like the corpus; what is around it is checked."""
    context = pair["context"]
    found = events.resolve(context["event_id"])
    answer = found.json()
    event: dict[str, Any] = answer["event"]
    has_project = "projectID" in form.known
    assert answer == {
        "organizationSlug": ORGANIZATION if has_project else None,
        "projectSlug": PROJECTS[str(context["project_id"])] if has_project else None,
        "groupId": _find_group(context) if "groupID" in form.known else None,
        "eventId": context["event_id"],
        "event": event,
    }
    assert list(answer) == OUTER
    if found.shape.traits.is_from_api:
        return event
    owner = found.owner
    return convert_event(
        found.compacted,
        found.shape,
        event_id=found.event_id,
        project_id=owner.project_id,
        group_id=owner.group_id,
        generation=GENERATION_2024_09,
    )


def _find_group(context: dict[str, Any]) -> str | None:
    return None if context["group_id"] is None else str(context["group_id"])


def _expect(pair: Pair, form: Form, event: dict[str, Any]) -> dict[str, Any]:
    """Sentry's answer, without the IDs and the date that the form lacks."""
    expected = dict(pair["api"])
    if "groupID" not in form.known:
        expected["groupID"] = None
    if "projectID" not in form.known and event["projectID"] is None:
        assert pair[form.member].get("project") is None
        expected["projectID"] = None
    if form.member == "raw" and pair["raw"].get("timestamp") is None and "dateCreated" in expected:
        expected["dateCreated"] = None  # Sentry takes the time of reception
    return expected


def _list_differences(event: dict[str, Any], expected: dict[str, Any]) -> list[str]:
    """Which members differ, in their order too; of entries which types, frames on their own."""
    if dump(event) == dump(expected):
        return []
    mine, theirs = _spread(event), _spread(expected)
    differing = [key for key in {**mine, **theirs} if dump(mine.get(key)) != dump(theirs.get(key))]
    return differing or ["order"]


def _spread(event: dict[str, Any]) -> dict[str, Any]:
    """The members of an event, and its entries as members."""
    members = {key: value for key, value in event.items() if key != "entries"}
    for entry in event["entries"]:
        kind, data = f"entries.{entry['type']}", entry["data"]
        if kind == "entries.exception":
            stacks = [value.get("stacktrace") for value in data["values"]]
            members["entries.exception.frames"] = [stack and stack["frames"] for stack in stacks]
            data = {**data, "values": [{**value, "stacktrace": 0} for value in data["values"]]}
        members[kind] = data
    return members


def read_differences(path: Path) -> tuple[dict[str, list[str]], dict[str, set[str]]]:
    """What a form lacks, by patterns of names, and the names of answers that differ."""
    unknown: dict[str, list[str]] = defaultdict(list)
    expected: dict[str, set[str]] = defaultdict(set)
    member = ""
    for line in path.read_text().splitlines():
        if line.startswith("["):
            member = line[1:].partition("]")[0]
        elif "*" in line:
            unknown[member].append(line)
        elif line:
            expected[member].add(line)
    return unknown, dict(expected)
