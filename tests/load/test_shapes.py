"""One event in each shape in which Sentry's store exports it: loaded, it is the same event."""

from __future__ import annotations

import base64
import json
import sys
import zlib
from pathlib import Path
from typing import Any, NamedTuple

import pytest

import archive

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

ID = "fc6d8c0c43fc4630ad850ee518f1b9d0"
DASHED = "FC6D8C0C-43FC-4630-AD85-0EE518F1B9D0"

# As an SDK sends it; the other shapes are made of it as Sentry makes them.
SENT: dict[str, Any] = {
    "event_id": ID,
    "timestamp": 1767323045.25,
    "platform": "python",
    "level": "warning",
    "logger": "shop",
    "release": "shop@1.0",
    "environment": "prod",
    "server_name": "web-1",
    "transaction": "/checkout",
    "exception": {
        "values": [
            {
                "type": "ValueError",
                "value": "no such voucher",
                "module": "builtins",
                "mechanism": {"type": "django", "handled": False},
                "stacktrace": {
                    "frames": [
                        {
                            "abs_path": "/usr/lib/django/base.py",
                            "filename": "django/base.py",
                            "function": "respond",
                            "module": "django.base",
                            "lineno": 10,
                            "in_app": False,
                        },
                        {
                            "abs_path": "/srv/shop/vouchers.py",
                            "filename": "shop/vouchers.py",
                            "function": "redeem",
                            "module": "shop.vouchers",
                            "lineno": 3,
                            "pre_context": ["def redeem(code):"],
                            "context_line": "    raise ValueError",
                            "in_app": True,
                        },
                    ]
                },
            }
        ]
    },
    "request": {"url": "https://shop.example/checkout", "method": "POST"},
    "user": {"id": "7", "email": "ann@shop.example"},
    "contexts": {"trace": {"trace_id": "4c" * 16, "span_id": "5d" * 8, "type": "trace"}},
    "tags": {"voucher": "X1"},
    "sdk": {"name": "sentry.python", "version": "2.0"},
}
TAGS = [
    ["environment", "prod"],
    ["handled", "no"],
    ["level", "warning"],
    ["logger", "shop"],
    ["mechanism", "django"],
    ["sentry:release", "shop@1.0"],
    ["sentry:user", "id:7"],
    ["server_name", "web-1"],
    ["transaction", "/checkout"],
    ["url", "https://shop.example/checkout"],
    ["voucher", "X1"],
]
STORED = SENT | {
    "type": "error",
    "project": 42,
    "received": 1767323046.5,
    "title": "ValueError: no such voucher",
    "location": "shop/vouchers.py",
    "culprit": "/checkout",
    "metadata": {
        "type": "ValueError",
        "value": "no such voucher",
        "filename": "shop/vouchers.py",
        "function": "redeem",
    },
    "tags": TAGS,
    "hashes": ["0f" * 16],
    "_ref": 42,
    "_ref_version": 2,
}
SHOWN_TAGS = sorted([key.removeprefix("sentry:"), value] for key, value in TAGS)
DOWNLOAD = {
    "event_id": ID,
    "project": 42,
    "release": "shop@1.0",
    "dist": None,
    "platform": "python",
    "message": "",
    "datetime": "2026-01-02T03:04:05.250000+00:00",
    **{key: value for key, value in STORED.items() if not key.startswith(("_", "hashes"))},
    "tags": SHOWN_TAGS,
}
HOOKED = DOWNLOAD | {
    "url": f"https://sentry.io/api/0/projects/acme/web/events/{ID}/",
    "web_url": f"https://sentry.io/organizations/acme/issues/7/events/{ID}/",
    "issue_url": "https://sentry.io/api/0/organizations/acme/issues/7/",
    "issue_id": "7",
}
WITHOUT_ID = {key: value for key, value in SENT.items() if key != "event_id"}
LEGACY = {
    **{key: value for key, value in SENT.items() if key not in ("exception", "request", "user")},
    "sentry.interfaces.Exception": SENT["exception"],
    "sentry.interfaces.Http": SENT["request"],
    "sentry.interfaces.User": SENT["user"],
}


def dump(value: Any) -> bytes:
    return json.dumps(value, separators=(",", ":")).encode()


def envelope(event: dict[str, Any], header: dict[str, Any]) -> bytes:
    payload = dump(event)
    item = {"type": "event", "length": len(payload)}
    attachment = b'{"type":"attachment","length":3}\n\0\n{\n'
    return b"\n".join((dump(header), attachment + dump(item), payload, b""))


def nodestore(data: bytes) -> bytes:
    return b"id,data,timestamp\n%b,%b,2026-01-02 03:04:05+00\n" % (b"3a" * 16, data)


LINES = json.dumps(STORED, sort_keys=True).encode() + b'\nunprocessed\n{"event_id":"0"}'
DSN = "https://key@o1.ingest.sentry.io/42"


class Case(NamedTuple):
    """An export, the shape detected, and the owner that it names."""

    data: bytes
    shape: str
    organization: str | None = None
    slug: str | None = None
    project: str | None = "42"
    group: str | None = None


CASES = {
    "7 JSON download": Case(dump(DOWNLOAD), "download"),
    "8 webhook of an alert": Case(
        dump(
            {
                "action": "triggered",
                "installation": {"uuid": "a8e5d37a"},
                "data": {"event": HOOKED, "triggered_rule": "Very important"},
                "actor": {"type": "application", "id": "sentry", "name": "Sentry"},
            }
        ),
        *("download", "acme", "web", "42", "7"),
    ),
    "8 webhook of an error": Case(
        dump({"action": "created", "installation": {}, "data": {"error": HOOKED}}),
        *("download", "acme", "web", "42", "7"),
    ),
    "9 WebHooks plugin": Case(
        dump(
            {
                "id": "7",
                "project": "web",
                "project_name": "Web",
                "project_slug": "web",
                "logger": "shop",
                "level": "warning",
                "culprit": "/checkout",
                "message": "",
                "url": "https://sentry.io/organizations/acme/issues/7/",
                "triggering_rules": [],
                "event": STORED | {"tags": SHOWN_TAGS, "id": ID},
            }
        ),
        *("store", "acme", "web", "42", "7"),
    ),
    "15 envelope": Case(envelope(SENT, {"event_id": ID, "dsn": DSN}), "sdk"),
    "15 envelope, the ID in its header": Case(
        envelope(WITHOUT_ID, {"event_id": DASHED, "dsn": DSN}), "sdk"
    ),
    "15 envelope without a DSN": Case(
        envelope(SENT, {"event_id": ID, "sent_at": "2026-01-02T03:04:06Z"}), "sdk", project=None
    ),
    "16 SDK's event": Case(dump(SENT | {"event_id": DASHED}), "sdk", project=None),
    "16 SDK's event of old": Case(dump(LEGACY), "sdk", project=None),
    "22 row of the nodestore": Case(nodestore(base64.b64encode(zlib.compress(LINES))), "store"),
    "22 row with zstd": Case(nodestore(base64.b64encode(zstd.compress(LINES))), "store"),
    "22 object of the nodestore's bucket": Case(zstd.compress(LINES), "store"),
    "23 message of the queue": Case(
        dump(
            [
                2,
                "insert",
                {
                    "group_id": 7,
                    "event_id": ID,
                    "organization_id": 1,
                    "project_id": 42,
                    "message": "",
                    "platform": "python",
                    "datetime": "2026-01-02T03:04:05.250000Z",
                    "data": STORED,
                    "primary_hash": "0f" * 16,
                    "retention_days": 90,
                },
                {"is_new": False, "skip_consume": False, "group_states": []},
            ]
        )
        + b"\n",
        *("store", None, None, "42", "7"),
    ),
    "24 Bugsink": Case(json.dumps(SENT, indent=2).encode(), "sdk", project=None),
}
SPLUNK = Case(
    dump(
        {
            "time": 1767323045,
            "source": "sentry",
            "index": "main",
            "event": {
                "event_id": ID,
                "issue_id": 7,
                "project_id": "web",
                "transaction": "/checkout",
                "release": "shop@1.0",
                "environment": "prod",
                "type": "error",
                "tags": SHOWN_TAGS,
                "exception_type": "ValueError",
                "exception_value": "no such voucher",
                "request_url": "https://shop.example/checkout",
                "request_method": "POST",
                "user_id": "7",
            },
        }
    ),
    *("splunk", None, "web", None, "7"),
)
OWNER = "organization_slug, project_slug, project_id::VARCHAR, group_id::VARCHAR"
FRAMES = "* EXCLUDE (event_id, project_id, group_id)"
# What ingestion alone can know, or what the owner's columns say.
OWN = (
    "project_id, group_id, organization_slug, project_slug, received, primary_hash, size, load_id, "
    "entry_count, column_count"
)


def load(events: archive.Archive, case: Case, path: Path) -> None:
    path.write_bytes(case.data)
    report = events.load(path)
    assert (report.accounted, report.stored, report.reject_samples) == (report.read, 1, [])


@pytest.fixture(scope="module")
def stored(tmp_path_factory: pytest.TempPathFactory) -> archive.Archive:
    """An archive of the event as a Sentry server stores it."""
    place = tmp_path_factory.mktemp("stored")
    events = archive.open(place / "archive")
    load(events, Case(dump(STORED), "store"), place / "stored.json")
    return events


def rows(events: archive.Archive, query: str) -> list[Any]:
    return [*events.sql(query)]


@pytest.mark.parametrize("case", [*CASES.values(), SPLUNK], ids=[*CASES, "13 Splunk"])
def test_who_owns_the_event(empty: archive.Archive, tmp_path: Path, case: Case) -> None:
    load(empty, case, tmp_path / "export")
    owner = (case.organization, case.slug, case.project, case.group)
    assert rows(empty, f"SELECT event_id, {OWNER} FROM events") == [(ID, *owner)]
    assert rows(empty, "SELECT shape FROM payloads") == [(case.shape,)]
    answer = empty.resolve(DASHED).json()
    assert list(answer) == ["organizationSlug", "projectSlug", "groupId", "eventId", "event"]
    event = answer.pop("event")
    assert [*answer.values()] == [case.organization, case.slug, case.group, ID]
    assert (event["id"], event["eventID"], event["groupID"]) == (ID, ID, case.group)
    assert event["projectID"] == (case.project and str(case.project))


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_the_tables_are_the_same(
    empty: archive.Archive, stored: archive.Archive, tmp_path: Path, case: Case
) -> None:
    load(empty, case, tmp_path / "export")
    for query in (
        f"SELECT * EXCLUDE ({OWN}) FROM events",
        f"SELECT {FRAMES} FROM frames ORDER BY frame_index",
        f"SELECT {FRAMES} FROM tags ORDER BY key",
    ):
        names = [column for column, *_ in stored.sql(f"DESCRIBE {query}")]
        got, wanted = rows(empty, query), rows(stored, query)
        assert [dict(zip(names, row, strict=True)) for row in got] == [
            dict(zip(names, row, strict=True)) for row in wanted
        ]


def test_what_splunk_was_sent(empty: archive.Archive, tmp_path: Path) -> None:
    load(empty, SPLUNK, tmp_path / "export")
    columns = "epoch(timestamp), type, level, release, environment, title, transaction_name"
    others = "url, http_method, user, exception_type, exception_value"
    assert rows(empty, f"SELECT {columns}, {others} FROM events") == [
        (
            *(
                1767323045.0,
                "error",
                "warning",
                "shop@1.0",
                "prod",
                "ValueError: no such voucher",
                "/checkout",
            ),
            *("https://shop.example/checkout", "POST", "id:7", "ValueError", "no such voucher"),
        )
    ]
    assert rows(empty, "SELECT key, value FROM tags ORDER BY key") == [*map(tuple, SHOWN_TAGS)]
