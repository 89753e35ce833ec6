"""Recognize records from Sentry and its exporters that are not events, by their keys.

A record that matches a row here is never stored as an event, even if it has an event ID. The keys
are those that the serializers always write. A pattern must not match an event of any age or with
extra members; patterns that could match one exclude the members that only events have.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import NamedTuple

from archive.exports.forms import find_certain_shape
from archive.exports.patterns import Pattern, PatternTable, pattern
from archive.exports.raw_members import Members
from archive.exports.records import LearnedKind

_EVENT = "entries exception stacktrace threads logentry sentry.interfaces.Exception"
_API = "api/serializers/models"


class NonEvent(NamedTuple):
    """A kind of record: its name, its pattern, and the source that writes it.

    learned: None if the record is skipped.
    test, condition: an additional check, and its description.
    """

    name: str
    pattern: Pattern
    source: str
    learned: LearnedKind | None = None
    test: Callable[[Members], bool] | None = None
    condition: str = ""

    def matches(self, members: Members) -> bool:
        """Whether an object is a record of this kind."""
        return self.pattern.matches(members) and (self.test is None or self.test(members))

    @property
    def outcome(self) -> str:
        """`learned` or `skipped`."""
        return "learned" if self.learned else "skipped"


def _skipped(
    name: str,
    required: str,
    source: str,
    *,
    one_of: str = "",
    none_of: str = "",
    only: str | None = None,
) -> NonEvent:
    none_of = f"{_EVENT} {none_of}"
    return NonEvent(name, pattern(required, one_of=one_of, none_of=none_of, only=only), source)


def _learned(
    kind: LearnedKind, required: str, source: str, *, one_of: str = "", none_of: str = ""
) -> NonEvent:
    none_of = f"{_EVENT} event.type {none_of}"
    return NonEvent(kind.value, pattern(required, one_of=one_of, none_of=none_of), source, kind)


def _has_no_event(members: Members) -> bool:
    """Whether it is a table of selected columns, not a page of events, which have IDs."""
    rows = bytes(members["data"])
    return not (b'"eventID"' in rows or b'"event_id"' in rows)


_SERIES = re.compile(rb"\[\s*+\[\s*+\d")


def _is_series(members: Members) -> bool:
    """Whether `data` contains pairs of a time and counts, not objects."""
    return _SERIES.match(bytes(members["data"])) is not None


_BACKUP = "backup/exports.py"
_REPLAYS = "replays/post_process.py"
_TRACE = "api/endpoints/organization_trace.py"
_EVENTS_TRACE = "api/endpoints/organization_events_trace.py"
_DISCOVER = "api/endpoints/organization_events.py"
_SNUBA = "Snuba, configuration/events/storages/errors.yaml"
_SINGER = "the Singer specification"
_AIRBYTE = "the Airbyte protocol"
_ELASTIC = "Elasticsearch, the bulk API"
_BUGSINK = "Bugsink, serializers.py"
_RELAY = "Relay, relay-event-schema"

NON_EVENTS = (
    # Rows of `sentry export`.
    _learned(LearnedKind.ORGANIZATION, "model=sentry.organization pk fields{}", _BACKUP),
    _learned(LearnedKind.PROJECT, "model=sentry.project pk fields{}", _BACKUP),
    _learned(LearnedKind.TEAM, "model=sentry.team pk fields{}", _BACKUP),
    _learned(LearnedKind.RELEASE, "model=sentry.release pk fields{}", _BACKUP),
    _skipped("row of `sentry export`", "model pk fields{}", _BACKUP),
    # Objects that Sentry's API lists.
    _skipped("monitor", "config{} slug status", "monitors/serializers.py", none_of="platform"),
    _learned(LearnedKind.ORGANIZATION, "isEarlyAdopter slug", f"{_API}/organization.py"),
    _learned(LearnedKind.ORGANIZATION, "require2FA slug", f"{_API}/organization.py"),
    _learned(LearnedKind.ORGANIZATION, "slug name status{}", f"{_API}/organization.py"),
    _learned(LearnedKind.TEAM, "slug memberCount", f"{_API}/team.py"),
    _learned(LearnedKind.TEAM, "slug isPending", f"{_API}/team.py"),
    _learned(
        LearnedKind.PROJECT,
        "slug id",
        f"{_API}/project.py",
        one_of="platform platforms organization{} firstEvent isBookmarked",
        none_of="shortId eventID event_id",
    ),
    _skipped("organization, project or team in short", "slug id name", _API),
    _learned(
        LearnedKind.RELEASE,
        "shortVersion version",
        f"{_API}/release.py",
        none_of="eventID event_id",
    ),
    _learned(
        LearnedKind.RELEASE, "newGroups version", f"{_API}/release.py", none_of="eventID event_id"
    ),
    _learned(
        LearnedKind.ISSUE,
        "shortId id",
        f"{_API}/group.py",
        one_of="permalink firstSeen numComments userCount statusDetails culprit title",
        none_of="eventID event_id",
    ),
    _learned(
        LearnedKind.ISSUE,
        "permalink id statusDetails",
        f"{_API}/group.py",
        none_of="eventID event_id",
    ),
    _learned(
        LearnedKind.FEEDBACK,
        "comments email",
        f"{_API}/userreport.py",
        one_of="eventID event_id eventId event{}",
        none_of="platform",
    ),
    _learned(LearnedKind.ATTACHMENT, "mimetype sha1 event_id", f"{_API}/eventattachment.py"),
    _skipped("attachment without its event", "mimetype sha1 name", f"{_API}/eventattachment.py"),
    _skipped("issue's hash", "latestEvent=null id", "api/endpoints/group_hashes.py"),
    _skipped(
        "issue's counts", "userCount id lastSeen", "api/endpoints/organization_group_index_stats.py"
    ),
    _skipped(
        "answer to an update",
        "statusDetails status",
        "api/helpers/group_index/update.py",
        none_of="id",
    ),
    _skipped("alert rule", "actionMatch frequency", f"{_API}/rule.py"),
    _skipped("alert rule", "timeWindow aggregate", f"{_API}/alert_rule.py"),
    _skipped("alert rule", "actionFilters triggers", "workflow_engine/endpoints/serializers"),
    _skipped("alert rule", "conditionGroup dataSources", "workflow_engine/endpoints/serializers"),
    _skipped("incident", "alertRule identifier", f"{_API}/incident.py"),
    _skipped(
        "comment or activity",
        "data{} id type dateCreated",
        f"{_API}/activity.py",
        only="user sentry_app project issue",
    ),
    _skipped("comment or activity", "activity[]", "api/endpoints/group_activities.py", only=""),
    _skipped("commit", "repository{} message id", f"{_API}/commit.py"),
    _skipped("commit", "suspectCommitType message", f"{_API}/commit.py"),
    _skipped("deploy", "dateFinished environment", f"{_API}/deploy.py"),
    _skipped("environment", "isHidden name", f"{_API}/environment.py"),
    _skipped("member", "email id", f"{_API}/organization_member", one_of="orgRole roleName"),
    _skipped("user", "username id email", f"{_API}/user.py", one_of="isActive avatarUrl"),
    _skipped("user", "tagValue id ipAddress", f"{_API}/eventuser.py"),
    _skipped("key of a project", "dsn{} public", f"{_API}/project_key.py"),
    _skipped("debug file", "symbolType sha1", f"{_API}/debug_file.py"),
    _skipped("release file", "sha1 name headers dist", f"{_API}/release_file.py"),
    _skipped("dashboard", "widgets title", f"{_API}/dashboard.py"),
    _skipped("dashboard", "widgetDisplay title", f"{_API}/dashboard.py"),
    _skipped("audit log entry", "targetObject actor", f"{_API}/auditlogentry.py"),
    _skipped("repository", "externalSlug provider", f"{_API}/repository.py"),
    # Lists of Bugsink's API.
    _skipped(
        "Bugsink's event in short",
        "digest_order ingested_at",
        f"{_BUGSINK}: events",
        none_of="data",
    ),
    _skipped("Bugsink's issue", "digested_event_count first_seen", f"{_BUGSINK}: issues"),
    _skipped("Bugsink's project", "digested_event_count dsn", f"{_BUGSINK}: projects"),
    # Error answers of the API.
    _skipped(
        "API error",
        "detail",
        "api/base.py",
        only="code message extra status errorId error error_description",
    ),
    _skipped("API error", 'error""', "api/base.py", only="error_description detail status"),
    _skipped("API error", 'info""', "api/endpoints/catchall.py", only=""),
    _skipped("API error", "nonFieldErrors[]", "api/base.py"),
    # Telemetry that is not an event.
    _skipped("session", "sid started", f"{_RELAY}: protocol/session.rs"),
    _skipped("session", "aggregates[] attrs{}", f"{_RELAY}: protocol/session.rs"),
    _skipped("statistics", "groups[] intervals[]", "release_health/base.py"),
    NonEvent(
        "statistics",
        pattern("data[]", none_of=_EVENT),
        "api/endpoints/organization_events_stats.py",
        test=_is_series,
        condition="of numbers",
    ),
    _skipped("client report", "discarded_events[]", "Relay, relay-server: client_report.rs"),
    _skipped("check-in", "check_in_id status", "Relay, relay-monitors"),
    _skipped("check-in", "monitorConfig id", "monitors/serializers.py"),
    _skipped("replay_event", "replay_id segment_id", f"{_RELAY}: protocol/replay.rs"),
    _skipped("replay_event", "replay_id type=replay_event", f"{_RELAY}: protocol/replay.rs"),
    _skipped("replay", "count_segments id", _REPLAYS),
    _skipped("replay", "error_ids trace_ids", _REPLAYS),
    _skipped("replay recording", "data{} type timestamp", "rrweb", only="delay"),
    _skipped(
        "profile",
        'profile{}"" platform',
        "Relay, relay-profiling",
        one_of="profile_id transaction{} device device_model version measurements chunk_id",
    ),
    _skipped("profile", "profiler_id chunk_id", "Relay, relay-profiling"),
    _skipped("profile", "profiles[] shared{}", "vroom, speedscope.go"),
    _skipped("trace", "orphan_errors[] transactions[]", _EVENTS_TRACE),
    _skipped("trace item", "children event_id", _TRACE, none_of="platform"),
    _skipped("trace item", "span_id event_id transaction", _EVENTS_TRACE, none_of="platform"),
    _skipped(
        "trace item",
        "project_slug event_id",
        _TRACE,
        one_of="event_type transaction.duration generation span issue_id is_transaction",
        none_of="platform event{}",
    ),
    _skipped(
        "span",
        "span_id trace_id",
        f"{_RELAY}: protocol/span.rs",
        one_of="op start_timestamp start_timestamp_ms is_segment segment_id parent_span_id name",
        none_of="platform level message contexts type",
    ),
    _skipped("span", "traceId spanId", "the OpenTelemetry protocol"),
    _skipped(
        "log",
        "body level",
        f"{_RELAY}: protocol/ourlog.rs",
        one_of="trace_id attributes severity_number",
    ),
    _skipped("log", "severity_number body", f"{_RELAY}: protocol/ourlog.rs"),
    _skipped("log", "severity trace message", _DISCOVER),
    _skipped(
        "metric",
        "value name type",
        "Relay, relay-metrics: bucket.rs",
        one_of="unit width retention_days mri attributes trace_id timestamp",
        none_of="event_id",
    ),
    _skipped(
        "occurrence", "issue_title evidence_data", "issues/issue_occurrence.py", none_of="event"
    ),
    _skipped("occurrence", "issueTitle evidenceData", "issues/issue_occurrence.py"),
    # Rows of tables.
    _skipped("row of ClickHouse", "tags.key", _SNUBA),
    _skipped("row of ClickHouse", "exception_frames.function", _SNUBA),
    _skipped("row of ClickHouse", "exception_frames.filename", _SNUBA),
    _skipped("row of ClickHouse", "exception_stacks.type", _SNUBA),
    _skipped("row of ClickHouse", "message_timestamp retention_days", _SNUBA),
    _skipped("row of this archive", "load_id event_id", "archive/events/rows.py"),
    _skipped("tag", "key totalValues", f"{_API}/tagvalue.py"),
    _skipped("tag", "key uniqueValues", f"{_API}/tagvalue.py"),
    _skipped("value of a tag", "value count", f"{_API}/tagvalue.py", one_of="key lastSeen name"),
    _skipped("value of a tag", "value key", f"{_API}/tagvalue.py", only=""),
    NonEvent(
        "Discover table", pattern("data[] meta{}", none_of=_EVENT), _DISCOVER, test=_has_no_event
    ),
    _skipped("row of Discover", "project.name id", _DISCOVER, none_of="eventID event_id"),
    _skipped("row of Discover", "user.display id", _DISCOVER, none_of="eventID event_id"),
    _skipped("row of Discover", "issue.id id", _DISCOVER, none_of="eventID event_id"),
    _skipped("row of Discover", "count()", _DISCOVER, none_of="eventID event_id"),
    # Forwarding, connectors and queues.
    _skipped("event of Segment", "properties userId", "sentry_plugins/segment/plugin.py"),
    _skipped("event of Segment", "properties eventId", "sentry_plugins/segment/plugin.py"),
    _skipped("pointer to S3", "s3Url eventID", "sentry_plugins/amazon_sqs/plugin.py"),
    *(
        _skipped(f"connector {kind.lower()}", f"{mark} type={kind}", source)
        for kind, mark, source in (
            ("STATE", "value", _SINGER),
            ("STATE", "state", _AIRBYTE),
            ("SCHEMA", "schema", _SINGER),
            ("ACTIVATE_VERSION", "stream", _SINGER),
            ("BATCH", "stream", _SINGER),
            ("LOG", "log", _AIRBYTE),
            ("CATALOG", "catalog", _AIRBYTE),
            ("SPEC", "spec", _AIRBYTE),
            ("CONNECTION_STATUS", "connectionStatus", _AIRBYTE),
            ("TRACE", "trace", _AIRBYTE),
            ("CONTROL", "control", _AIRBYTE),
        )
    ),
    _skipped("action of a bulk request", "index{}", _ELASTIC, only=""),
    _skipped("action of a bulk request", "create{}", _ELASTIC, only=""),
    _skipped("end of a Splunk search", "lastrow preview", "Splunk, search/jobs/export", only=""),
    _skipped("queue state", "skip_consume", "eventstream/kafka/backend.py"),
    _skipped("queue state", "group_states", "eventstream/kafka/backend.py"),
    _skipped("queue state", "transaction_id project_id datetime", "eventstream/base.py"),
)

_TABLE = PatternTable(NON_EVENTS)

# The text of an API error that is a string, not an object (Sentry, middleware/ratelimit.py).
_RATE_LIMITED = b"You are attempting to use this endpoint too frequently"


def find_non_event(members: Members) -> NonEvent | None:
    """Find the kind of a record that is known not to be an event; None if it may be one."""
    return None if find_certain_shape(members) else _TABLE.find(members)


def name_text(text: bytes) -> str | None:
    """Find the kind of a text that is known not to be an event; None if it may be one."""
    return "API error" if text.startswith(_RATE_LIMITED) else None
