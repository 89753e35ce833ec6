"""sample_data/ through the archive, against numbers that its generator counted another way."""

from __future__ import annotations

import json
from typing import Any

import pytest

import archive
from tests.builders import EXPORTS, SAMPLE_DATA

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
def test_report_parameters(sample: archive.Archive, parameters: dict[str, Any], where: str) -> None:
    reported = sum(row[1] for row in sample.report("events-per-day", limit=10_000, **parameters))
    assert [(reported,)] == [*sample.sql(f"SELECT count(*) FROM events WHERE {where}")]
