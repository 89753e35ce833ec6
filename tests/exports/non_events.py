"""A real example of each kind of record that is not an event."""

from __future__ import annotations

from typing import Any

from tests.exports.events import ID, ISSUE, OTHER_ID

# By kind: shortened output of Sentry's serializers and exporters.
EXAMPLES: dict[str, list[dict[str, Any]]] = {
    "organization": [
        {"id": "1", "slug": "acme", "name": "Acme", "isEarlyAdopter": False, "status": {}},
        {"id": "1", "slug": "acme", "name": "Acme", "require2FA": False},
        {"id": "1", "slug": "acme", "name": "Acme", "status": {"id": "active", "name": "active"}},
        {"model": "sentry.organization", "pk": 1, "fields": {"slug": "acme", "name": "Acme"}},
    ],
    "project": [
        {"id": "2", "slug": "web", "name": "Web", "platform": "python", "firstEvent": None},
        {"id": "2", "slug": "web", "name": "Web", "organization": {"id": "1", "slug": "acme"}},
        {"model": "sentry.project", "pk": 2, "fields": {"slug": "web", "organization": 1}},
    ],
    "team": [
        {"id": "3", "slug": "core", "name": "Core", "memberCount": 4, "isPending": False},
        {"id": "3", "slug": "core", "name": "Core", "isPending": False},
        {"model": "sentry.team", "pk": 3, "fields": {"slug": "core", "organization": 1}},
    ],
    "release": [
        {"version": "web@1.0", "shortVersion": "1.0", "dateCreated": "2026-01-31T08:30:00Z"},
        {"version": "web@1.0", "newGroups": 2, "dateReleased": None},
        {"model": "sentry.release", "pk": 4, "fields": {"version": "web@1.0", "organization": 1}},
    ],
    "issue": [ISSUE, {"id": "7", "permalink": "x", "statusDetails": {}, "numComments": 0}],
    "feedback": [
        {
            "id": "5",
            "eventID": ID,
            "name": "Ann",
            "email": "ann@acme.example",
            "comments": "It broke",
            "dateCreated": "2026-01-31T08:30:00Z",
            "user": None,
            "event": {"id": ID, "eventID": ID},
        },
        {"event_id": ID, "name": "Ann", "email": "ann@acme.example", "comments": "It broke"},
        {"eventId": ID, "name": "Ann", "email": "ann@acme.example", "comments": "It broke"},
    ],
    "attachment": [
        {
            "id": "6",
            "event_id": ID,
            "type": "event.attachment",
            "name": "log.txt",
            "mimetype": "text/plain",
            "dateCreated": "2026-01-31T08:30:00Z",
            "size": 10,
            "headers": {"Content-Type": "text/plain"},
            "sha1": "da39a3ee5e6b4b0d3255bfef95601890afd80709",
        }
    ],
    "attachment without its event": [
        {"id": "6", "name": "log.txt", "mimetype": "text/plain", "size": 1, "sha1": "da39"}
    ],
    "row of `sentry export`": [{"model": "sentry.user", "pk": 1, "fields": {"email": "x"}}],
    "organization, project or team in short": [{"id": "2", "slug": "web", "name": "Web"}],
    "issue's hash": [{"id": "0f", "latestEvent": None}],
    "issue's counts": [
        {"id": "7", "count": "1", "userCount": 1, "firstSeen": "x", "lastSeen": "x", "stats": {}}
    ],
    "answer to an update": [{"status": "resolved", "statusDetails": {}, "isPublic": True}],
    "alert rule": [
        {"id": "1", "conditions": [], "actionMatch": "all", "frequency": 30, "name": "x"},
        {"id": "1", "aggregate": "count()", "timeWindow": 60, "triggers": []},
        {"id": "1", "actionFilters": [], "triggers": {}, "name": "x"},
        {"id": "1", "conditionGroup": {}, "dataSources": [], "name": "x"},
    ],
    "incident": [{"id": "1", "identifier": "1", "alertRule": {}, "dateStarted": "x"}],
    "comment or activity": [
        {"id": "1", "type": "note", "user": {}, "data": {"text": "x"}, "dateCreated": "x"},
        {"activity": [{"id": "1", "type": "note"}]},
    ],
    "commit": [
        {"id": "f00", "message": "Fix", "repository": {}, "dateCreated": "x", "author": {}},
        {"id": "f00", "message": "Fix", "suspectCommitType": "", "author": {}},
    ],
    "deploy": [{"id": "1", "environment": "prod", "dateStarted": None, "dateFinished": "x"}],
    "environment": [{"id": "1", "name": "prod", "isHidden": False}],
    "member": [{"id": "1", "email": "ann@acme.example", "orgRole": "member", "pending": False}],
    "user": [
        {"id": "1", "username": "ann", "email": "ann@acme.example", "isActive": True},
        {"id": "1", "tagValue": "id:1", "ipAddress": "127.0.0.1", "email": None},
    ],
    "key of a project": [{"id": "1", "public": "x", "secret": "x", "dsn": {"public": "x"}}],
    "debug file": [{"id": "1", "symbolType": "elf", "sha1": "da39", "objectName": "x"}],
    "release file": [{"id": "1", "name": "~/a.js", "dist": None, "headers": {}, "sha1": "da39"}],
    "dashboard": [
        {"id": "1", "title": "x", "widgets": [], "projects": []},
        {"id": "1", "title": "x", "widgetDisplay": []},
    ],
    "audit log entry": [{"id": "1", "actor": {}, "event": "member.add", "targetObject": 1}],
    "repository": [{"id": "1", "name": "x", "provider": {}, "externalSlug": "x"}],
    "monitor": [{"id": "x", "slug": "nightly", "status": "ok", "config": {}, "name": "x"}],
    "Bugsink's event in short": [
        {"id": OTHER_ID, "ingested_at": "x", "event_id": ID, "project": 2, "digest_order": 1}
    ],
    "Bugsink's issue": [
        {"id": OTHER_ID, "project": 2, "digest_order": 1, "first_seen": "x"}
        | {"digested_event_count": 3, "calculated_type": "KeyError"}
    ],
    "Bugsink's project": [{"id": 2, "name": "Web", "dsn": "x", "digested_event_count": 3}],
    "API error": [
        {"detail": "The requested resource does not exist"},
        {"detail": {"code": "x", "message": "x", "extra": {}}},
        {"error": "invalid_token", "error_description": "x"},
        {"info": "Route not found, did you forget a trailing slash? try: /"},
        {"nonFieldErrors": ["x"]},
    ],
    "session": [
        {"sid": ID, "did": "x", "init": True, "started": "x", "status": "ok", "attrs": {}},
        {"aggregates": [{"started": "x", "exited": 1}], "attrs": {"release": "x"}},
    ],
    "statistics": [
        {"start": "x", "end": "x", "intervals": [], "groups": []},
        {"data": [[1541455200, [{"count": 2}]]], "start": 1541455200, "end": 1541458800},
    ],
    "client report": [{"timestamp": "x", "discarded_events": []}],
    "check-in": [
        {"check_in_id": ID, "monitor_slug": "nightly", "status": "ok", "release": "x"},
        {"id": ID, "status": "ok", "duration": 1, "monitorConfig": {}, "expectedTime": "x"},
    ],
    "replay_event": [
        {
            "type": "replay_event",
            "event_id": ID,
            "replay_id": ID,
            "segment_id": 0,
            "timestamp": 1.0,
            "platform": "javascript",
            "urls": [],
            "error_ids": [],
            "trace_ids": [],
            "contexts": {},
            "sdk": {"name": "sentry.javascript.browser"},
        },
        {"type": "replay_event", "event_id": ID, "replay_id": ID, "platform": "javascript"},
    ],
    "replay": [
        {"id": ID, "project_id": "2", "count_segments": 3, "count_errors": 1, "platform": "x"},
        {"id": ID, "project_id": "2", "error_ids": [ID], "trace_ids": [], "platform": "python"},
    ],
    "replay recording": [{"type": 3, "timestamp": 1, "data": {"source": 1}}],
    "profile": [
        {
            "event_id": ID,
            "platform": "python",
            "timestamp": "x",
            "version": "1",
            "profile": {"frames": [], "stacks": []},
            "transaction": {"id": ID, "name": "/"},
        },
        {"profiler_id": ID, "chunk_id": ID, "platform": "python", "profile": {}, "version": "2"},
        {"profiler_id": ID, "chunk_id": ID, "timestamp": 1},
        {"profiles": [], "shared": {"frames": []}},
    ],
    "trace": [{"transactions": [], "orphan_errors": []}],
    "trace item": [
        {
            "event_id": ID,
            "event_type": "span",
            "project_slug": "web",
            "transaction": "/",
            "op": "http",
            "children": [],
            "errors": [],
        },
        {
            "event_id": ID,
            "span_id": "0f",
            "transaction": "/",
            "project_slug": "web",
            "timestamp": "x",
        },
        {"event_id": ID, "issue_id": 7, "project_slug": "web", "level": "error", "title": "x"},
        {"event_id": ID, "transaction": "/", "span_id": "0f", "op": "http"},
    ],
    "span": [
        {"span_id": "0f", "trace_id": ID, "op": "db", "start_timestamp": 1.0, "timestamp": 2.0},
        {"span_id": "0f", "trace_id": ID, "event_id": ID, "is_segment": True},
        {"traceId": ID, "spanId": "0f", "name": "x"},
    ],
    "log": [
        {"timestamp": 1.0, "trace_id": ID, "level": "info", "body": "x", "attributes": {}},
        {"timestamp": 1.0, "severity_number": 9, "body": "x"},
        {"id": ID, "message": "x", "severity": "info", "trace": ID, "timestamp": "x"},
    ],
    "metric": [{"name": "c:custom/x@none", "type": "c", "value": 1, "timestamp": 1, "width": 10}],
    "occurrence": [
        {
            "id": ID,
            "project_id": 2,
            "event_id": ID,
            "fingerprint": ["x"],
            "issue_title": "Slow query",
            "evidence_data": {},
            "level": "warning",
            "culprit": "x",
            "type": 1001,
        },
        {"id": ID, "projectId": 2, "eventId": ID, "issueTitle": "x", "evidenceData": {}},
    ],
    "row of ClickHouse": [
        {
            "event_id": ID,
            "project_id": 2,
            "platform": "python",
            "timestamp": "2026-01-31 08:30:00",
            "message": "x",
            "tags.key": ["level"],
            "tags.value": ["error"],
        },
        {"event_id": ID, "platform": "python", "exception_frames.function": []},
        {"event_id": ID, "platform": "python", "exception_frames.filename": []},
        {"event_id": ID, "platform": "python", "exception_stacks.type": []},
        {"event_id": ID, "platform": "python", "message_timestamp": "x", "retention_days": 90},
    ],
    "row of this archive": [
        {"event_id": ID, "platform": "python", "message": "x", "load_id": "00000001-7c3f"}
    ],
    "tag": [
        {"key": "os", "name": "OS", "totalValues": 2},
        {"key": "os", "name": "OS", "uniqueValues": 2},
    ],
    "value of a tag": [
        {"key": "os", "value": "x", "count": 2, "lastSeen": "x"},
        {"key": "os", "value": "x"},
    ],
    "Discover table": [{"data": [{"id": "x", "title": "x", "count()": 2}], "meta": {}}],
    "row of Discover": [
        {"id": ID, "project.name": "web", "title": "x", "timestamp": "x"},
        {"id": ID, "user.display": "ann", "title": "x"},
        {"id": ID, "issue.id": 7, "title": "x"},
        {"count()": 2, "title": "x"},
    ],
    "event of Segment": [
        {"userId": "1", "event": "Error Captured", "properties": {"eventId": ID}},
        {"eventId": ID, "properties": {}},
    ],
    "pointer to S3": [{"s3Url": "s3://b/web/2026-01-31/x", "eventID": ID}],
    "connector state": [
        {"type": "STATE", "value": {"bookmarks": {}}},
        {"type": "STATE", "state": {"type": "STREAM"}},
    ],
    "connector schema": [{"type": "SCHEMA", "stream": "events", "schema": {}}],
    "connector activate_version": [{"type": "ACTIVATE_VERSION", "stream": "events", "version": 1}],
    "connector batch": [{"type": "BATCH", "stream": "events", "manifest": []}],
    "connector log": [{"type": "LOG", "log": {"level": "INFO", "message": "x"}}],
    "connector catalog": [{"type": "CATALOG", "catalog": {"streams": []}}],
    "connector spec": [{"type": "SPEC", "spec": {}}],
    "connector connection_status": [{"type": "CONNECTION_STATUS", "connectionStatus": {}}],
    "connector trace": [{"type": "TRACE", "trace": {"type": "STREAM_STATUS"}}],
    "connector control": [{"type": "CONTROL", "control": {}}],
    "action of a bulk request": [
        {"index": {"_index": "sentry", "_id": "1"}},
        {"create": {"_index": "sentry"}},
    ],
    "end of a Splunk search": [{"preview": False, "lastrow": True}],
    "queue state": [
        {"transaction_id": "x", "project_id": 2, "group_states": []},
        {"transaction_id": "x", "project_id": 2, "datetime": "x"},
        {"event_id": ID, "group_states": [], "skip_consume": True},
    ],
}
