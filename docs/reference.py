"""Write the pages of docs/ that are made from the code: `make docs`."""

from __future__ import annotations

import atexit
import sys
from collections.abc import Iterable
from contextlib import redirect_stdout
from functools import cache
from io import StringIO
from pathlib import Path
from shutil import rmtree
from tempfile import mkdtemp

import click

import archive
from archive.cli import VERBS, cli
from archive.cli.formats.table import cut_text, show_value
from archive.cli.output import write_result
from archive.errors import MEANINGS
from archive.events.longtext import MAX_TEXT_CHARS
from archive.exports.limits import Limits
from archive.exports.non_events import NON_EVENTS
from archive.exports.shapes import (
    ANSWER_FORM,
    API_FORMS,
    GLITCHTIP_FORM,
    PLATFORMS,
    SENT_FORMS,
    UNNAMED_FORMS,
)
from archive.exports.wrappers import WRAPPERS
from archive.query.reports import Report, list_reports
from archive.serve.app import DOCUMENT, MAX_URL_CHARS, Settings
from archive.serve.openapi import PATH, QUERY, STATUSES
from archive.serve.pagination import MAX_PER_PAGE
from archive.serve.routes import ENDPOINTS, ROOT
from archive.serve.server import (
    CONNECTIONS,
    HEADER_BYTES,
    HEADER_SECONDS,
    IDLE_SECONDS,
    SEND_SECONDS,
)
from archive.tables.registry import TABLES

SETTINGS = Settings()
DOCS = Path(__file__).parent
SAMPLE = DOCS.parent / "sample_data"
ORGANIZATION = "the-interstellar-jurisdiction"
CHANGING = {  # values that are others each time that sample_data/ is loaded
    "load_id": "00000001-7c3f",
    "part": "00000001-7c3f-0001",
    "started": "2026-11-20T08:30:00Z",
    "finished": "2026-11-20T08:30:04Z",
    "replaced_at": "2026-11-20T08:30:00Z",
}
NOTE = "<!-- Made by docs/reference.py; do not edit. -->\n"

_TABLE_NOTES = {
    "payloads": "In SQL, `raw` is JSON, and a further column `event` is the event in it, which an "
    "eventids answer wraps.",
    "index": "Not seen in SQL.",
    "issues": "Exports of different days describe the same issue. In SQL, `exported.issues` has "
    "for each issue what the newest says: the one with the latest `last_seen`, then `as_of`. The "
    "view [issues](#issues-1) joins it with the issue's events. `compact` drops the others.",
    "feedback": "In SQL, `feedback` has each only once.",
    "attachments": "In SQL, `attachments` has each only once.",
    "functions": "What is asked of all frames has fewer rows to read here. In Parquet each part "
    "has rows of its own: sum them. In SQL, `functions_of('checkout-api', '2026-11-01', NULL)` "
    "gives those of a project, of events since a moment and before another; NULL is no bound.",
    "frames": "In SQL, `frames_of('checkout-api')` gives those of one project, by its slug or ID.",
    "events": "In SQL, slugs are those that the archive knows now, from all loads; of a renamed "
    "project it is the newest. `in_project('checkout-api', project_slug, project_id)` says whether "
    "an event is of a project, by its ID, its slug or a former one.",
    "superseded": "A load keeps a version that it replaces, and one that it does not store although"
    " it has more of something. `show --versions` lists them, and `compact --drop-superseded` "
    "removes them. In SQL, `raw` is JSON.",
}
_EVENT = {
    name: (column.type, column.meaning)
    for name, column in TABLES["events"].columns.items()
    if name in ("event_id", "project_id", "group_id", "timestamp")
}
_SQL_ONLY: dict[str, tuple[str, dict[str, tuple[str, str]]]] = {
    "exceptions": (
        "One row an exception of a chain, read out of `payloads` whenever it is asked for.",
        {
            **_EVENT,
            "stack_level": ("int32", "Its place in the chain; 0 is the cause."),
            "type": ("string", "Its type."),
            "value": ("string", "Its message."),
            "module": ("string", "Module or package of the type."),
            "mechanism_type": ("string", "How the SDK caught it."),
            "handled": ("bool", "Whether the code handled it."),
            "exception": ("JSON", "All of it, its stack trace included."),
        },
    ),
    "breadcrumbs": (
        "One row a breadcrumb, read likewise.",
        {
            **_EVENT,
            "breadcrumb_index": ("int32", "Its place in the trail; 0 is the oldest."),
            "happened": ("timestamp", "When it happened."),
            "type": ("string", "default, http, navigation, …"),
            "category": ("string", "Its category."),
            "level": ("string", "Its level."),
            "message": ("string", "Its message."),
            "data": ("JSON", "What else it says."),
        },
    ),
    "contexts": (
        "One row a context: device, os, runtime, trace, …; read likewise.",
        {
            **_EVENT,
            "name": ("string", "Its name."),
            "type": ("string", "Its type, which most contexts tell."),
            "context": ("JSON", "All of it."),
        },
    ),
    "issues": (
        "One row per issue: what its events in the archive say, and what exports say about it.",
        {
            "group_id": ("int64", "Numeric ID of the issue."),
            "project_id": ("int64", "Numeric ID of its project."),
            "organization_slug": ("string", "Slug of the organization."),
            "project_slug": ("string", "Slug of the project."),
            "title": ("string", "Title of its newest event; without events, the exported one."),
            "culprit": ("string", "Culprit, likewise."),
            "level": ("string", "Level, likewise."),
            "platform": ("string", "Platform, likewise."),
            "events": ("int64", "Its events in the archive."),
            "users": ("int64", "Users of these events, by the tag `user`."),
            "first_seen": ("timestamp", "Its oldest event in the archive."),
            "last_seen": ("timestamp", "Its newest event in the archive."),
            "first_release": ("string", "Release of its oldest event in the archive."),
            "last_release": ("string", "Release of its newest event in the archive."),
            "short_id": ("string", "Short ID, as exported; so are all columns below."),
            "status": ("string", "unresolved, resolved, ignored, …"),
            "substatus": ("string", "new, ongoing, escalating, regressed, …"),
            "assignee": ("string", "Email or name of the user or team assigned."),
            "times_seen": ("int64", "Events that Sentry counted."),
            "user_count": ("int64", "Users that Sentry counted."),
            "exported_first_seen": ("timestamp", "First event that Sentry saw."),
            "exported_last_seen": ("timestamp", "Last event that Sentry saw."),
            "permalink": ("string", "URL of the issue in Sentry."),
            "as_of": ("timestamp", "When the exported file was last modified, or else loaded."),
        },
    ),
    "crash_frames": (
        "One row an event with frames: its last in-app frame, else its last.",
        {name: (c.type, c.meaning) for name, c in TABLES["frames"].columns.items()},
    ),
    "projects": (
        "One row a project that a load has told of.",
        {
            "project_id": ("int64", "Numeric ID of the project."),
            "project_slug": ("string", "Its slug, as far as it is known: the newest."),
            "organization_slug": ("string", "Slug of its organization, likewise."),
            "organization_id": ("string", "Numeric ID of its organization, likewise."),
            "former_slugs": ("string[]", "Slugs that it had before."),
        },
    ),
    "loads": (
        "One row a load.",
        {
            "load_id": ("string", "The load: the number of its manifest, and four random digits."),
            "started": ("timestamp", "When it began."),
            "finished": ("timestamp", "When it was committed."),
            "version": ("string", "The version of Event Archive that loaded."),
            "sources": ("int64", "Files read."),
            "read": (
                "int64",
                "Records read: stored + updated + duplicate + learned + skipped + rejected.",
            ),
            "stored": ("int64", "Events that were new."),
            "updated": ("int64", "Events that replaced a lesser version."),
            "duplicate": (
                "int64",
                "Events that were there already, in this version or a better one.",
            ),
            "rejected": ("int64", "Records set aside in `rejects/`."),
            "skipped": ("int64", "Records that are not events, of kinds that are not kept."),
            "learned": ("int64", "Records that are not events, and that the archive learned from."),
            "learned_by_kind": ("JSON", "How many were learned from, of each kind."),
            "skipped_by_kind": ("JSON", "How many were skipped, of each kind."),
        },
    ),
}


_REPORTS_INTRODUCTION = """\
Each is a file of `sql/reports/`, to read, copy and change. What they print here they say of
`sample_data/`. `--format` and `-o FILE` give the rows in other formats, `--chart` draws them, and
`--chart -o FILE` draws them into a .png, .svg or .html file, given `event-archive[charts]`.

Reports of your own are files beside each other in a directory: `event-archive report --reports DIR`
lists and runs them with those that are built in. The comments at a file's top say what it is, takes
and gives, and the SQL has each parameter as `$name`:

```sql
-- title: Levels
-- description: How many events have each level.
-- param: since timestamp = null -- Only events at or after this moment.
-- param: limit integer = 20 -- How many rows.
-- column: level -- The level.
-- column: events -- Its events.
-- chart: bar level events
SELECT level, count(*) AS events
FROM events AS event
WHERE $since IS NULL OR timestamp >= $since
GROUP BY level
ORDER BY events DESC
LIMIT $limit;
```

A parameter is `text`, `integer` or `timestamp`; one without a default must be given. A chart is
`bar LABEL VALUE` or `time TIME VALUE`, of columns, with `by COLUMN` for series.
"""


def write_tables() -> str:
    """docs/tables.md, from the row classes."""
    page = [
        NOTE,
        "# Tables\n",
        "Every archive has the same tables, with the same columns. They are Parquet, one directory "
        "a table; all timestamps are UTC, in microseconds. A value that does not fit its column, "
        f"or a text of more than {MAX_TEXT_CHARS:,} characters, is null: the exact one is in "
        "`payloads.raw`. Rows of `frames` and `tags` belong to the event of the same `event_id` "
        "and `project_id`.\n",
    ]
    for name, table in TABLES.items():
        page.append(f"## {name}\n")
        page.append(f"{table.description}\n")
        if name in _TABLE_NOTES:
            page.append(f"{_TABLE_NOTES[name]}\n")
        columns = {column: (c.type, c.meaning) for column, c in table.columns.items()}
        page.append(_list_columns(columns, f"parts.{name}"))
    page.append("## Only in SQL\n")
    for view, (note, columns) in _SQL_ONLY.items():
        page.append(f"### {view}\n")
        page.append(f"{note}\n")
        page.append(_list_columns(columns, view))
    return "\n".join(page)


def write_commands() -> str:
    """docs/cli.md, from --help, the exit codes and the limits."""
    page = [NOTE, "# Command line\n", "stdout is data; all else goes to stderr.\n"]
    page.append(_show_help(cli, "event-archive"))
    for verb in VERBS:
        command = cli.get_command(click.Context(cli), verb)
        if command is not None:
            page.append(f"## {verb}\n")
            page.append(_show_help(command, f"event-archive {verb}"))
    page.append("## Exit codes\n")
    page.append("| code | meaning |\n|---|---|")
    page += [f"| {code.value} | {meaning} |" for code, meaning in MEANINGS.items()]
    limits = Limits()
    page.append("\n## Limits\n")
    page.append(
        "What is over a limit is rejected with the reason, and the rest is loaded.\n\n"
        "| what | limit | option |\n|---|---|---|\n"
        f"| one record | {limits.event_bytes:,} bytes | `--max-event-size` |\n"
        f"| values in one record | {limits.event_values:,} | |\n"
        f"| an attachment that is kept itself | {limits.attachment_bytes:,} bytes | |\n"
        f"| decompressed data to compressed | {limits.ratio:,} to 1 | `--max-ratio` |\n"
        f"| one source, decompressed | {limits.source_bytes >> 40} TiB | |\n"
        "| nesting | about 1,000 levels | |\n"
    )
    page.append("## Environment\n")
    page.append("| variable | meaning |\n|---|---|")
    page.append("| `EVENT_ARCHIVE` | the archive's directory, where `-a` is not given |\n")
    return "\n".join(page)


def write_reports() -> str:
    """docs/reports.md, from the headers of sql/reports/ and what they say of sample_data/."""
    reports = list_reports()
    page = [NOTE, "# Reports\n", _REPORTS_INTRODUCTION, "| report | tells |\n|---|---|"]
    page += [f"| [{report.name}](#{report.name}) | {report.title} |" for report in reports]
    page.append("")
    for report in reports:
        page.append(f"## {report.name}\n")
        page.append(f"{report.title}. {report.description}\n")
        page.append(f"```console\n{_show_report(report)}```\n")
        page.append("| parameter | type | default | meaning |\n|---|---|---|---|")
        for p in report.parameters:
            default = "must be given" if p.required else "" if p.default is None else p.default
            page.append(f"| `--{p.name}` | {p.type} | {default} | {p.meaning} |")
        page.append("\n| column | meaning |\n|---|---|")
        page += [f"| {name} | {meaning} |" for name, meaning in report.columns.items()]
        page.append("")
    return "\n".join(page)


def write_paths() -> str:
    """docs/http.md, from the OpenAPI document that the server gives."""
    page = [NOTE, "# HTTP\n"]
    page.append(
        f"What `event-archive serve` answers; all paths begin with `{ROOT}`. The same is told to "
        f"programs by the [OpenAPI](https://www.openapis.org) document at `{DOCUMENT}`.\n"
    )
    page.append("| GET, HEAD | answers with |\n|---|---|")
    for endpoint in ENDPOINTS:
        summary = (endpoint.answer.__doc__ or "").split("\n")[0]
        page.append(f"| `{endpoint.path}` | {summary} |")
    page.append("\n| in the path | meaning |\n|---|---|")
    page += [f"| `{name}` | {meaning} |" for name, (meaning, _) in PATH.items()]
    page.append("\n| in the query | meaning |\n|---|---|")
    page += [f"| `{name}` | {meaning} |" for name, (meaning, _) in QUERY.items()]
    page.append("\n| status | meaning |\n|---|---|")
    page += [f"| {status} | {meaning} |" for status, meaning in STATUSES.items()]
    page.append("\n## Limits\n")
    page.append(
        "| what | limit |\n|---|---|\n"
        f"| path and query | {MAX_URL_CHARS:,} bytes |\n"
        f"| headers | {HEADER_BYTES:,} bytes, {HEADER_SECONDS:.0f} s to arrive |\n"
        f"| connections | {CONNECTIONS}, each idle for {IDLE_SECONDS} s at most |\n"
        f"| a client that does not read | {SEND_SECONDS:.0f} s |\n"
        f"| requests at once | {SETTINGS.requests}, `--concurrency` |\n"
        f"| of them, asking the archive | {SETTINGS.workers} |\n"
        f"| one request | {SETTINGS.timeout:.0f} s, `--timeout` |\n"
        f"| members a page | {MAX_PER_PAGE} |\n"
    )
    return "\n".join(page)


def write_exports() -> str:
    """docs/exports.md, from the tables of shapes, wrappers and known non-events."""
    page = [NOTE, "# What can be loaded\n", _EXPORTS_INTRODUCTION, "## Events\n"]
    page.append("As Sentry's API and GlitchTip write them; answered byte for byte.\n")
    forms = (ANSWER_FORM, GLITCHTIP_FORM, *API_FORMS)
    page.append(_list_kinds((form.name, "", form.pattern.text, form.source) for form in forms))
    page.append(
        "With an `event_id`, as SDKs send them and Sentry stores them; answered in the API's "
        "shape. Two rules are not in the table: a `platform` that Relay knows "
        f"({', '.join(sorted(PLATFORMS))}), or an object `sdk`, makes an event together with any "
        "other member of an event; so do the members of old SDKs, `sentry.interfaces.Exception` "
        "and others.\n"
    )
    page.append(_list_kinds((form.name, "", form.pattern.text, form.source) for form in SENT_FORMS))
    page.append("Without an ID. The event gets one that is made from its content.\n")
    page.append(
        _list_kinds((form.name, "", form.pattern.text, form.source) for form in UNNAMED_FORMS)
    )
    page.append("## Files\n")
    page.append("How the records of a file are laid out is recognized by its content, too.\n")
    page.append("| file | what is read |\n|---|---|")
    page += [f"| {name} | {read} |" for name, read in _FILES.items()]
    page.append("")
    page.append("## Wrappers\n")
    page.append(_WRAPPERS_INTRODUCTION)
    page.append("| wrapper | members | events are in |\n|---|---|---|")
    for wrapper in WRAPPERS:
        paths = ", ".join(f"`{path.partition('|')[0]}`" for path in wrapper.paths)
        page.append(f"| {wrapper.name} | `{wrapper.pattern.text}` | {paths} |")
    page.append("| map of IDs | each name is the ID of an event or issue | each value |\n")
    page.append("## Records that are not events\n")
    page.append(_NON_EVENTS_INTRODUCTION)
    page.append(
        _list_kinds(
            (row.name, row.outcome, f"{row.pattern.text} {row.condition}".strip(), row.source)
            for row in NON_EVENTS
        )
    )
    return "\n".join(page)


def _list_kinds(rows: Iterable[tuple[str, str, str, str]]) -> str:
    """A table of kinds: those of the same name and outcome in one row."""
    kinds: dict[tuple[str, str], tuple[list[str], list[str]]] = {}
    for name, outcome, members, source in rows:
        patterns, sources = kinds.setdefault((name, outcome), ([], []))
        patterns.append(f"`{members}`")
        sources += [] if source in sources else [source]
    has_outcomes = any(outcome for _, outcome in kinds)
    lines = ["| record | becomes | members | source |", "|---|---|---|---|"]
    if not has_outcomes:
        lines = ["| record | members | source |", "|---|---|---|"]
    for (name, outcome), (patterns, sources) in kinds.items():
        cells = [name, outcome, " or ".join(patterns), ", ".join(sources)]
        lines.append("| " + " | ".join(cell for cell in cells if cell) + " |")
    return "\n".join([*lines, ""])


def _show_report(report: Report) -> str:
    values = {**report.example, "limit": "5"}
    options = " ".join(f"--{name} {value}" for name, value in values.items())
    printed = StringIO()
    with redirect_stdout(printed):
        write_result(open_sample().report(report.name, **values), "table")
    return f"$ event-archive report {report.name} {options}\n{printed.getvalue()}"


@cache
def open_sample() -> archive.Archive:
    """An archive of sample_data/, gone when the program ends."""
    sample = archive.open(mkdtemp())
    atexit.register(rmtree, sample.path)
    sample.load(SAMPLE / "exports", organization=ORGANIZATION, projects=SAMPLE / "projects.json")
    return sample


_EXPORTS_INTRODUCTION = """\
A file can be JSON in any mixture (one value, an array, lines, pretty-printed, strings that contain
JSON), an SDK envelope, a CSV or TSV file with a column of JSON, a dump of `nodestore_node`, the
output of Kafka's console consumer, or HTTP responses with their headers. It can be compressed, and
it can be in a zip or tar file.

Every JSON object is recognized by its members. The name of a file does not count. In the tables,
`name{}` is an object, `name[]` an array, `name""` a string, `name=value` a value; `one of` lists
members of which one is enough, `only` means that there are no others. Sources are files of Sentry
unless another project is named.

What becomes of an object:

- An **event** is stored.
- A **wrapper** is opened. What is in it can be a wrapper again, and a string can contain JSON.
- A known record that is not an event is **learned** from or **skipped**, and counted by its kind.
- Everything else is **rejected** with the reason, the place and its bytes. Application logs have
  an `event_id`, too: where nothing else shows that an object is an event, it is not one.
"""
_FILES = {
    "JSON in any layout: arrays of any depth, NDJSON, concatenated, pretty-printed": (
        "each object; one that is over the limits and wraps a list of events is opened in place"
    ),
    "strings that contain JSON, as lines or in arrays": "the JSON in them",
    "HTTP dumps with headers (`curl -i`), one response or several": "the bodies",
    "output of Kafka's console consumer, with keys, timestamps, headers": (
        "the messages; those that are null are skipped"
    ),
    "CSV (RFC 4180) with a column of JSON; separated by commas, semicolons, tabs or bars": (
        "the first column in which the first row has JSON, or `_airbyte_data`"
    ),
    "CSV that Sentry writes: Discover, an issue's events and tags": (
        "skipped: it has a few columns and no events; `resolve -` takes it as a list of IDs"
    ),
    "`nodestore_node` as CSV, TSV or a plain `pg_dump`": (
        "the event of each row; other tables are skipped"
    ),
    "SDK envelopes": (
        "events; attachments and user reports are learned from, other items are skipped"
    ),
}
_WRAPPERS_INTRODUCTION = """\
Messages say where in its wrapper a record is, as in `Messages[3].Body`. A string may contain one
object, an array, lines of JSON or an SDK envelope. Names of projects and organizations, and IDs
of issues, are taken from around the events: from the issue, from links and from addresses of the
API. In HAR files and logs of requests, whatever has nothing to do with events is skipped.
"""
_NON_EVENTS_INTRODUCTION = """\
These are recognized first. None of them is ever stored as an event, whatever ID it has. An object
with the main members of an event (`entries`, `exception`, `stacktrace`, …) is not one of them.
"""

PAGES = {
    "exports.md": write_exports,
    "tables.md": write_tables,
    "cli.md": write_commands,
    "reports.md": write_reports,
    "http.md": write_paths,
}


def _list_columns(columns: dict[str, tuple[str, str]], view: str) -> str:
    lines = [
        f"| {name} | {kind} | {meaning} | {_find_example(view, name)} |"
        for name, (kind, meaning) in columns.items()
    ]
    return "\n".join(["| column | type | meaning | example |", "|---|---|---|---|", *lines, ""])


def _find_example(view: str, column: str) -> str:
    """The commonest value in the sample; of those that are equally common the least."""
    rows = open_sample().sql(
        f'SELECT "{column}" FROM {view} WHERE nullif("{column}"::VARCHAR, \'\') IS NOT NULL '
        "GROUP BY ALL ORDER BY count(*) DESC, 1 LIMIT 1"
    )
    shown = "".join(show_value(value) for (value,) in rows).replace(f"{DOCS.parent}/", "")
    text = CHANGING.get(column) or cut_text(shown, 40)
    return f"`{text}`".replace("|", "\\|") if text else ""


def _show_help(command: click.Command, name: str) -> str:
    context = click.Context(
        command, info_name=name, terminal_width=88, max_content_width=88, **cli.context_settings
    )
    return f"```text\n{command.get_help(context)}\n```\n"


if __name__ == "__main__":
    for name, write in PAGES.items():
        (DOCS / name).write_text(write())
        sys.stdout.write(f"docs/{name}\n")
