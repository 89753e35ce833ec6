"""event-archive repair"""

from __future__ import annotations

from dataclasses import asdict

import click

from archive.api import Archive
from archive.cli.options import json_option, with_archive
from archive.cli.text import dump_json
from archive.errors import ExitCode


@click.command()
@with_archive
@click.option("--discard", is_flag=True, help="Delete the files in quarantine/ afterwards.")
@json_option
def command(archive: Archive, discard: bool, as_json: bool) -> int:
    """Rebuild damaged tables from the stored payloads.

    Events whose payload is damaged cannot be rebuilt, nor can rows of issues, feedback and
    attachments. They are removed and listed, and the exit code is 1. To restore them, load their
    exports with --force. The damaged files are kept in quarantine/ until you discard them.

    \b
    Examples:
      event-archive repair
      event-archive repair --discard
      event-archive repair --json | jq .lost
    """
    done = archive.repair(discard=discard)
    is_lost = bool(done.lost or done.rows_lost)
    if as_json:
        click.echo(dump_json(asdict(done)))
    else:
        for event in done.lost:
            click.echo(f"lost {event.event_id or 'an event'}: {event.reason}")
        for path in done.damaged:
            click.echo(f"damaged: {archive.path / path}", err=True)
        for table, rows in done.rows_lost.items():
            click.echo(f"lost {rows:,} rows of {table}")
        click.echo(f"{done.rebuilt:,} events rebuilt, {len(done.lost):,} lost", err=True)
        if done.quarantined:
            kept = f"{len(done.quarantined):,} damaged files are kept in quarantine/"
            click.echo(f"{kept}; to delete them, run: event-archive repair --discard", err=True)
        if is_lost:
            click.echo("to restore lost data, run: event-archive load --force SOURCE...", err=True)
    return ExitCode.PROBLEMS if is_lost else ExitCode.OK
