"""sample_data/ through the archive, against numbers that its generator counted another way."""

from __future__ import annotations

import json
from collections import Counter
from typing import Any

import pytest

import archive
from tests.conftest import EXPORTS, SAMPLE_DATA

EXPECTED: dict[str, Any] = json.loads((SAMPLE_DATA / "expected.json").read_text())
COUNTS = {
    "unique_events": ("SELECT count(*) FROM events", EXPECTED["unique_events"]),
    "payloads": ("SELECT count(*) FROM payloads", EXPECTED["unique_events"]),
    "full": (
        "SELECT count(*) FROM payloads WHERE shape <> 'simple'",
        EXPECTED["unique_full"],
    ),
    "frames": ("SELECT count(*) FROM frames", EXPECTED["frames"]["total"]),
    "tags": ("SELECT count(*) FROM tags", EXPECTED["tags"]),
    "frame_count": ("SELECT sum(frame_count) FROM events", EXPECTED["frames"]["total"]),
    "tag_count": ("SELECT sum(tag_count) FROM events", EXPECTED["tags"]),
    "records": ("SELECT sum(read - rejected) FROM loads", EXPECTED["records"]),
    "sources": (
        "SELECT count(*) FROM sources",
        sum(path.is_file() for path in EXPORTS.rglob("*")),
    ),
    "titles in the JSON": (
        "SELECT count(*) FROM events JOIN payloads USING (event_id) "
        "WHERE title = event->>'$.title'",
        EXPECTED["unique_events"],
    ),
}
_TAGS = "SELECT value, count(*) FROM tags WHERE key = '{}' GROUP BY 1"
GROUPS = {
    "events_by_project": "SELECT project_slug, count(*) FROM events GROUP BY 1",
    "events_by_level": "SELECT level, count(*) FROM events GROUP BY 1",
    "events_by_environment": _TAGS.format("environment"),
    "events_by_browser_name": _TAGS.format("browser.name"),
    "frames": "SELECT source, count(*) FROM frames GROUP BY 1 "
    "UNION ALL SELECT 'total', count(*) FROM frames",
}


@pytest.mark.parametrize("case", COUNTS.values(), ids=COUNTS)
def test_counts(sample: archive.Archive, case: tuple[str, int]) -> None:
    query, expected = case
    assert [*sample.sql(query)] == [(expected,)]


@pytest.mark.parametrize("name", GROUPS)
def test_groups(sample: archive.Archive, name: str) -> None:
    assert dict(sample.sql(GROUPS[name])) == EXPECTED[name]


def _read_events(sample: archive.Archive) -> list[dict[str, Any]]:
    """Every event's own JSON, read without the tables."""
    ids = [event_id for (event_id,) in sample.sql("SELECT event_id FROM payloads")]
    return [answer.json() for answer in sample.resolve_many(ids) if hasattr(answer, "json")]


def _list_frames(event: dict[str, Any]) -> list[dict[str, Any]]:
    stacks = []
    for entry in event.get("entries", ()):
        if entry["type"] in ("exception", "threads"):
            stacks += [value.get("stacktrace") for value in entry["data"]["values"]]
        elif entry["type"] == "stacktrace":
            stacks.append(entry["data"])
    return [frame for stack in stacks if stack for frame in stack["frames"]]


def test_report_top_frames(sample: archive.Archive) -> None:
    events: Counter[tuple[str, str]] = Counter()
    frames: Counter[tuple[str, str]] = Counter()
    for answer in _read_events(sample):
        inside = [
            (frame["function"], frame["module"] or frame["filename"])
            for frame in _list_frames(answer["event"])
            if frame["inApp"]
        ]
        frames.update(inside)
        events.update(set(inside))
    reported = {(row[0], row[1]): row[2:4] for row in sample.report("top-frames", limit=1000)}
    assert reported == {key: (events[key], frames[key]) for key in frames}
    counts = [row[2] for row in sample.report("top-frames")]
    assert counts == sorted(counts, reverse=True)
    assert len(counts) == 20


def test_report_tag_values(sample: archive.Archive) -> None:
    values = Counter(
        tag["value"]
        for answer in _read_events(sample)
        for tag in answer["event"]["tags"]
        if tag["key"] == "environment"
    )
    rows = list(sample.report("tag-values", key="environment"))
    assert {row[0]: row[1] for row in rows} == values
    assert {row[0]: row[2] for row in rows} == {
        value: round(100 * count / values.total(), 1) for value, count in values.items()
    }


def test_report_events_per_day(sample: archive.Archive) -> None:
    days: Counter[tuple[str, str]] = Counter()
    for answer in _read_events(sample):
        level = next(t["value"] for t in answer["event"]["tags"] if t["key"] == "level")
        if answer["projectSlug"] == "storefront":
            days[answer["event"]["dateCreated"][:10], level] += 1
    result = sample.report("events-per-day", project="storefront", limit=1000)
    reported = {
        (str(row["day"]), level): row[level]
        for row in result.dicts()
        for level in ("fatal", "error", "warning", "info")
        if row[level]
    }
    assert reported == days


@pytest.mark.parametrize(
    ("parameters", "where"),
    [
        ({"since": "2026-11-01"}, "timestamp >= '2026-11-01'"),
        ({"until": "2026-11-01T12:00:00"}, "timestamp < '2026-11-01 12:00'"),
        ({"project": "4507611290402817"}, "project_slug = 'checkout-api'"),
        ({"release": "checkout-api@4.2.0"}, "release = 'checkout-api@4.2.0'"),
        ({"project": "'; DROP TABLE x; --"}, "false"),
    ],
    ids=str,
)
def test_report_parameters(
    sample: archive.Archive, parameters: dict[str, object], where: str
) -> None:
    reported = sum(row[1] for row in sample.report("events-per-day", limit=10_000, **parameters))
    assert [(reported,)] == [*sample.sql(f"SELECT count(*) FROM events WHERE {where}")]
