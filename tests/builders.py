"""Sample data, and builders of events, files and streams that tests share."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from itertools import cycle
from pathlib import Path
from typing import Any, NamedTuple

from archive.exports.budget import SourceFault
from archive.exports.limits import Limits
from archive.exports.records import Item
from archive.exports.split import split_records

PROJECT = Path(__file__).parent.parent
SAMPLE_DATA = PROJECT / "sample_data"
GOLDEN = PROJECT / "tests" / "golden"
EXPORTS = SAMPLE_DATA / "exports"
SEED_ID = "8e8379fcff434080b488b56cc4832ced"
SEED = (EXPORTS / "eventids" / f"{SEED_ID}.json").read_bytes()
ORGANIZATION = "the-interstellar-jurisdiction"


class Ran(NamedTuple):
    """How a command ended."""

    code: int
    out: bytes
    err: str


Run = Callable[..., Ran]
CheckGolden = Callable[[str, bytes], None]


def make_event(number: int = 1, **members: Any) -> dict[str, Any]:
    """A full event as the API gives it, small; members can be changed, or left out with `...`."""
    event_id = f"{number:032x}"
    event: dict[str, Any] = {
        "id": event_id,
        "groupID": "7",
        "eventID": event_id,
        "projectID": "42",
        "size": 1,
        "entries": [
            {
                "data": {
                    "values": [
                        {
                            "type": "ValueError",
                            "value": "no",
                            "stacktrace": {
                                "frames": [
                                    {"function": "main", "module": "app", "inApp": True},
                                    {
                                        "function": "fail",
                                        "module": "app.core",
                                        "lineNo": 3,
                                        "context": [[2, "def fail():"], [3, "    raise"]],
                                        "inApp": True,
                                    },
                                ]
                            },
                        }
                    ]
                },
                "type": "exception",
            }
        ],
        "title": f"ValueError: {number}",
        "type": "error",
        "tags": [{"key": "level", "value": "error"}, {"key": "release", "value": "1.0"}],
        "platform": "python",
        "dateReceived": "2026-01-02T03:04:06.500000Z",
        "dateCreated": "2026-01-02T03:04:05Z",
        "_meta": {},
    }
    event.update(members)
    return {name: value for name, value in event.items() if value is not ...}


def make_issue(**members: Any) -> dict[str, Any]:
    """An issue as a list of issues gives it; members can be changed."""
    issue: dict[str, Any] = {
        "id": "7",
        "shareId": None,
        "shortId": "WEB-1A",
        "title": "ValueError: 2",
        "culprit": "app.core in fail",
        "permalink": "https://acme.sentry.io/issues/7/",
        "logger": None,
        "level": "error",
        "status": "unresolved",
        "statusDetails": {},
        "substatus": "ongoing",
        "isPublic": False,
        "platform": "python",
        "project": {"id": "42", "name": "web", "slug": "web", "platform": "python"},
        "type": "error",
        "metadata": {"type": "ValueError", "value": "no"},
        "numComments": 0,
        "assignedTo": None,
        "isBookmarked": False,
        "isSubscribed": False,
        "hasSeen": True,
        "annotations": [],
        "count": "3",
        "userCount": 0,
        "firstSeen": "2026-01-01T00:00:00Z",
        "lastSeen": "2026-03-01T00:00:00Z",
    }
    return {**issue, **members}


def write_json(path: Path, value: Any) -> Path:
    """Write a value as compact JSON."""
    path.write_text(json.dumps(value, separators=(",", ":")))
    return path


def split(
    data: bytes, sizes: Sequence[int] = (), limits: Limits | None = None, fault: str | None = None
) -> list[Item]:
    """Split a stream that comes in chunks of these sizes, over and over, or in one."""

    def read() -> Iterator[bytes]:
        at = 0
        for size in cycle(sizes or [max(len(data), 1)]):
            if at >= len(data):
                break
            yield data[at : at + size]
            at += size
        if fault:
            raise SourceFault(fault)

    return list(split_records(read(), "export", None, limits or Limits()))
