"""event-archive info"""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from archive.api import Archive
from archive.cli.options import json_option, with_archive
from archive.cli.table import write_table
from archive.cli.text import dump_json, format_bytes, format_exactness, format_kinds

if TYPE_CHECKING:
    from archive.query.info import Info


@click.command()
@with_archive
@json_option
@click.option("--files", "table", metavar="TABLE", help="List the Parquet files of a table.")
def command(archive: Archive, as_json: bool, table: str | None) -> None:
    """Show the archive's contents: event counts, time range, projects, loads and sizes.

    \b
    Examples:
      event-archive info
      event-archive info --json | jq .events
      event-archive info --files frames
    """
    if table is not None:
        paths = [str(path) for path in archive.files(table)]
        click.echo(dump_json(paths) if as_json else "\n".join(paths))
        return
    info = archive.info()
    if as_json:
        click.echo(dump_json(info.dict()))
    else:
        _write(info)


def _write(info: Info) -> None:
    click.echo(f"{info.path}: {info.events:,} events", nl=False)
    click.echo(f", {info.first_seen} to {info.last_seen}" if info.first_seen else "")
    click.echo(f"{format_bytes(info.exported_bytes)} of JSON in {format_bytes(info.bytes)}\n")
    write_table(
        ["organization", "project", "id", "events", "issues", "first seen", "last seen"],
        [
            (p.organization_slug, p.project_slug, p.project_id, p.events, p.groups,
             p.first_seen, p.last_seen)
            for p in info.projects
        ],
    )  # fmt: skip
    click.echo()
    write_table(
        ["table", "rows", "size", "parts"],
        [(name, t.rows, format_bytes(t.bytes), t.parts) for name, t in info.tables.items()],
    )
    click.echo()
    _write_others(info)
    counts = ("read", "stored", "updated", "duplicate", "learned", "skipped", "rejected")
    write_table(
        ["load", "finished", "sources", *counts],
        [
            (load["load_id"], load["finished"], load["sources"], *(load[c] for c in counts))
            for load in info.loads[-10:]
        ],
    )
    if len(info.loads) > 10:
        click.echo(f"{len(info.loads) - 10:,} earlier loads: see --json", err=True)


def _write_others(info: Info) -> None:
    """Print how exactly events are answered, and counts of what is not an event."""
    issues = info.issues
    lines = {
        "answers": format_exactness(info.exactness),
        "issues": issues.known
        and f"{issues.known:,}, {issues.with_events:,} with events, {issues.exported:,} exported",
        "feedback": info.feedback and f"{info.feedback:,}",
        "attachments": info.attachments and f"{info.attachments:,}",
        "learned": format_kinds(info.learned),
        "skipped": format_kinds(info.skipped),
    }
    for name, line in lines.items():
        if line:
            click.echo(f"{name}: {line}")
    click.echo()
