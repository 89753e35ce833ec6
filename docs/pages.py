"""Write the pages of docs/ that are made from the code: `make docs`."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from archive.cli import VERBS, cli
from archive.errors import MEANINGS
from archive.events.rows import TABLES, list_columns
from archive.exports.limits import Limits
from archive.report import list_reports
from archive.serve.app import DOCUMENT, LONGEST_URL, Settings
from archive.serve.openapi import PATH, QUERY, STATUSES
from archive.serve.pages import MOST
from archive.serve.routes import ENDPOINTS, ROOT
from archive.serve.server import (
    CONNECTIONS,
    HEADER_BYTES,
    HEADER_SECONDS,
    IDLE_SECONDS,
    SEND_SECONDS,
)

SETTINGS = Settings()
DOCS = Path(__file__).parent
NOTE = "<!-- Made by docs/pages.py; do not edit. -->\n"

_TABLE_NOTES = {
    "payloads": "In SQL, `raw` is JSON, and a further column `event` is the event in it, which an "
    "eventids answer wraps.",
    "index": "Not seen in SQL.",
    "events": "In SQL, slugs that an export did not tell are filled in from what other loads told.",
}
_SQL_ONLY = {
    "projects": {
        "project_id": ("int64", "Numeric ID of the project."),
        "project_slug": ("string", "Its slug, as far as a load has told it."),
        "organization_slug": ("string", "Slug of its organization, likewise."),
        "organization_id": ("string", "Numeric ID of its organization, likewise."),
    },
    "loads": {
        "load_id": ("string", "The load: the number of its manifest, and four random digits."),
        "started": ("timestamp", "When it began."),
        "finished": ("timestamp", "When it was committed."),
        "version": ("string", "The version of Event Archive that loaded."),
        "sources": ("int64", "Files read."),
        "read": ("int64", "Records read: stored + updated + duplicate + rejected."),
        "stored": ("int64", "Events that were new."),
        "updated": ("int64", "Events that replaced a lesser version."),
        "duplicate": ("int64", "Events that were there already, in this version or a better one."),
        "rejected": ("int64", "Records set aside in `rejects/`."),
        "skipped": ("int64", "Items that are no events by their kind."),
    },
}


def write_tables() -> str:
    """docs/tables.md, from the row classes."""
    page = [
        NOTE,
        "# Tables\n",
        "Every archive has the same tables, with the same columns. They are Parquet, one directory "
        "a table; all timestamps are UTC, in microseconds. A value that does not fit its column "
        "is null: the exact one is in `payloads.raw`. Rows of `frames` and `tags` belong to the "
        "event of the same `event_id` and `project_id`.\n",
    ]
    for table, row in TABLES.items():
        page.append(f"## {table}\n")
        page.append(f"{row.__doc__}\n")
        if table in _TABLE_NOTES:
            page.append(f"{_TABLE_NOTES[table]}\n")
        columns = {name: (c.type, c.meaning) for name, c in list_columns(table).items()}
        page.append(_list_columns(columns))
    page.append("## Only in SQL\n")
    for view, columns in _SQL_ONLY.items():
        page.append(f"### {view}\n")
        page.append(_list_columns(columns))
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
        f"| decompressed data to compressed | {limits.ratio:,} to 1 | `--max-ratio` |\n"
        f"| one source, decompressed | {limits.source_bytes >> 40} TiB | |\n"
        "| nesting | about 1,000 levels | |\n"
    )
    page.append("## Environment\n")
    page.append("| variable | meaning |\n|---|---|")
    page.append("| `EVENT_ARCHIVE` | the archive's directory, where `-a` is not given |\n")
    return "\n".join(page)


def write_reports() -> str:
    """docs/reports.md, from the headers of sql/reports/."""
    page = [NOTE, "# Reports\n", "Each is a file of `sql/reports/`, to read, copy and change.\n"]
    for report in list_reports():
        page.append(f"## {report.name}\n")
        page.append(f"{report.title}. {report.description}\n")
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
        f"| path and query | {LONGEST_URL:,} bytes |\n"
        f"| headers | {HEADER_BYTES:,} bytes, {HEADER_SECONDS:.0f} s to arrive |\n"
        f"| connections | {CONNECTIONS}, each idle for {IDLE_SECONDS} s at most |\n"
        f"| a client that does not read | {SEND_SECONDS:.0f} s |\n"
        f"| requests at once | {SETTINGS.requests}, `--concurrency` |\n"
        f"| of them, asking the archive | {SETTINGS.workers} |\n"
        f"| one request | {SETTINGS.timeout:.0f} s, `--timeout` |\n"
        f"| members a page | {MOST} |\n"
    )
    return "\n".join(page)


PAGES = {
    "tables.md": write_tables,
    "cli.md": write_commands,
    "reports.md": write_reports,
    "http.md": write_paths,
}


def _list_columns(columns: dict[str, tuple[str, str]]) -> str:
    lines = [f"| {name} | {kind} | {meaning} |" for name, (kind, meaning) in columns.items()]
    return "\n".join(["| column | type | meaning |", "|---|---|---|", *lines, ""])


def _show_help(command: click.Command, name: str) -> str:
    context = click.Context(
        command, info_name=name, terminal_width=88, max_content_width=88, **cli.context_settings
    )
    return f"```text\n{command.get_help(context)}\n```\n"


if __name__ == "__main__":
    for name, write in PAGES.items():
        (DOCS / name).write_text(write())
        sys.stdout.write(f"docs/{name}\n")
