"""One reading of an event for the tables, whichever form it is held in."""

from __future__ import annotations

import json
from collections import defaultdict
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

import archive
from tests.corpus import Pair
from tests.end_to_end.forms import FORMS, load_form

ORDERED = {
    "events": "event_id",
    "frames": "event_id, source, stack_level, thread_id, frame_index",
    "tags": "event_id, key, value",
}
OF_THE_FILE = {
    *("event_key", "size", "load_id", "organization_given", "project_given"),
    *("entry_count", "column_count"),
}

_HASHES = "Sentry's grouping makes the hashes, and the body has none"
DIFFERENT_ROWS: dict[str, dict[str, dict[str, str]]] = {
    "events": {
        "primary_hash": dict.fromkeys(
            (
                "default:mut/bug-sentry_native1-xou~m_notype+m_nullexc+m_nohash",
                "default:mut/grp-frame-sanitizes-block-functions~m_nohash",
                "error:mut/bug-sentry_native1-xjx~m_meta2+m_notitle+m_nohash",
                "error:mut/grp-fallback-prefix-level-1~m_nohash+m_devclass+m_noculprit",
                "error:mut/s23-cordova~m_nohash",
                "error:mut/s23-exceptions-and-no-threads~m_nohash+m_scrubnull",
                "error:mut/syn-exc4~m_notitle+m_tagsuser+m_nohash",
                "error:mut/syn-req9~m_nohash",
            ),
            _HASHES,
        ),
    },
    "frames": {},
    "tags": {},
}
"""What differs between the rows of an answer and those of a stored body: column, event, why."""

FALLBACKS = {
    "level",
    "environment",
    "release",
    "dist",
    "transaction_name",
    "logger",
    "server_name",
}
"""Columns without a tag that take a stored body's member, which an answer does not have."""

EVENT_COLUMNS = [
    "event_id",
    "group_id",
    "project_id",
    "platform",
    "type",
    "message",
    "title",
    "culprit",
    "location",
    "level",
    "environment",
    "release",
    "dist",
    "sdk_name",
    "sdk_version",
    "http_method",
    "http_referer",
    "primary_hash",
    "transaction_name",
    "user",
    "user_id",
    "user_name",
    "user_email",
    "ip_address",
    "num_processing_errors",
    "timestamp",
    "received",
    "trace_id",
    "span_id",
    "replay_id",
]
FRAME_COLUMNS = [
    "abs_path",
    "colno",
    "filename",
    "function",
    "in_app",
    "lineno",
    "module",
    "package",
    "stack_level",
]
EXCEPTION_COLUMNS = {
    "exception_type": "type",
    "exception_value": "value",
    "mechanism_type": "mechanism_type",
    "handled": "mechanism_handled",
}

_MESSAGE = "the message's own member was made up, and the body has another"
_TAGS = "Snuba takes it only from a tag, and the message has none"
_TITLE = "Snuba takes only a stored title"
_UNTAGGED = dict.fromkeys(("level", "environment", "release"), _TAGS)
SNUBA_DIFFERENCES: dict[str, dict[str, str]] = {
    "error-with-threads": {
        "event_id": _MESSAGE,
        "message": _MESSAGE,
        "platform": _MESSAGE,
        "primary_hash": _MESSAGE,
        "timestamp": _MESSAGE,
        "dist": "the API shows tags of both spellings under one key, Snuba promotes only one",
        "release": "the API shows tags of both spellings under one key, Snuba promotes only one",
        "user": "the API shows tags of both spellings under one key, Snuba promotes only one",
    },
    "errors1": {
        **_UNTAGGED,
        "message": _MESSAGE,
        "primary_hash": _MESSAGE,
        "title": _TITLE,
    },
    "null-tag-keys": {
        **_UNTAGGED,
        "message": _MESSAGE,
        "title": _TITLE,
        "num_processing_errors": "the API does not show errors of tags",
    },
    "sdk-info-java": {
        **_UNTAGGED,
        "message": _MESSAGE,
        "location": "the API takes it from metadata, which the body lacks",
    },
}
"""What differs between our columns and Snuba's, by message."""


def test_stored_event_has_the_rows_of_its_answer(pairs: dict[str, Pair], tmp_path: Path) -> None:
    pairs = {name: pair for name, pair in pairs.items() if pair.get("api")}
    names = {pair["context"]["event_id"]: name for name, pair in pairs.items()}
    archives = []
    for form in ("answered", "stored, a message of the queue"):
        events = archive.open(tmp_path / form / "archive")
        load_form(events, FORMS[form], pairs, tmp_path / form)
        archives.append(events)
    for table, order in ORDERED.items():
        differing: dict[str, set[str]] = defaultdict(set)
        one, other = (_read_rows(events, table, order) for events in archives)
        for mine, theirs in zip(one, other, strict=True):
            for column in mine.keys() - OF_THE_FILE:
                if mine[column] is None and column in FALLBACKS:
                    continue
                if _cut(mine[column]) != _cut(theirs[column]):
                    differing[column].add(names[mine["event_id"]])
        expected = {
            column: set(why) & pairs.keys() for column, why in DIFFERENT_ROWS[table].items()
        }
        expected = {column: found for column, found in expected.items() if found}
        assert dict(differing) == expected


@pytest.mark.parametrize("name", SNUBA_DIFFERENCES)
def test_message_has_the_rows_that_snuba_makes(
    name: str, corpus: Path, empty: archive.Archive
) -> None:
    path = corpus / "pairs" / "snuba_errors" / f"{name}.json"
    pair = json.loads(path.read_text())
    source = empty.path.with_name("message.json")
    source.write_text(json.dumps(pair["input_message"]))
    empty.load(source)
    (event,) = _read_rows(empty, "events", "event_id")
    frames = _read_rows(empty, "frames WHERE source = 'exception'", "stack_level, frame_index")
    tags = _read_rows(empty, "tags", "key, value")
    ours = {column: _simplify(event[column]) for column in EVENT_COLUMNS}
    ours["tags"] = [(tag["key"], tag["value"]) for tag in tags]
    ours["frames"] = [tuple(frame[column] for column in FRAME_COLUMNS) for frame in frames]
    ours["exception"] = [event[column] for column in EXCEPTION_COLUMNS]
    row = _read_snuba(pair["clickhouse_rows"][0])
    assert {key for key in ours if ours[key] != row[key]} == set(SNUBA_DIFFERENCES[name])


def _read_snuba(row: dict[str, Any]) -> dict[str, Any]:
    """Snuba's row, its columns named and written as ours."""
    read = {column: _simplify(row.get(column)) for column in EVENT_COLUMNS}
    for column in ("event_id", "primary_hash", "trace_id", "replay_id"):
        read[column] = read[column] and read[column].replace("-", "")
    if read["span_id"] is not None:
        read["span_id"] = f"{read['span_id']:016x}"
    read["ip_address"] = row.get("ip_address_v4") or row.get("ip_address_v6")
    read["tags"] = list(zip(row["tags.key"], row["tags.value"], strict=True))
    frames = [row[f"exception_frames.{column}"] for column in FRAME_COLUMNS]
    read["frames"] = list(zip(*frames, strict=True))
    exceptions = [row[f"exception_stacks.{column}"] for column in EXCEPTION_COLUMNS.values()]
    read["exception"] = [values[-1] if values else None for values in exceptions]
    return read


def _simplify(value: Any) -> Any:
    """An instant in whole seconds, as Snuba keeps it; it has empty text for null in places."""
    return int(value.timestamp()) if isinstance(value, datetime) else value or None


def _cut(value: Any) -> Any:
    """An instant in whole seconds, as the API of 2024-09 gives it."""
    return value.replace(microsecond=0) if isinstance(value, datetime) else value


def _read_rows(events: archive.Archive, table: str, order: str) -> list[dict[str, Any]]:
    result = events.sql(f"SELECT * FROM {table} ORDER BY {order}")
    return [dict(zip(result.columns, row, strict=True)) for row in result]
