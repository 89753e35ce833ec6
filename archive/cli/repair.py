"""event-archive repair"""

from __future__ import annotations

import json
from dataclasses import asdict

import click

from archive.api import Archive
from archive.cli.options import json_option, with_archive
from archive.errors import ExitCode


@click.command()
@with_archive
@json_option
def command(archive: Archive, as_json: bool) -> int:
    """Make damaged tables anew from the payloads.

    All other tables follow from the payloads. An event whose payload is gone is dropped and
    named, and the exit code is 1; to get it back, load its export with --force. The damaged files
    are removed by a load or compact an hour later.

    \b
    Examples:
      event-archive repair
      event-archive repair --json | jq .lost
    """
    done = archive.repair()
    if as_json:
        click.echo(json.dumps(asdict(done)))
    else:
        for event in done.lost:
            click.echo(f"lost {event.event_id or 'an event'}: {event.reason}")
        for path in done.damaged:
            click.echo(f"damaged: {archive.path / path}", err=True)
        click.echo(f"{done.rebuilt:,} events rebuilt, {len(done.lost):,} lost", err=True)
        if done.lost:
            click.echo("to get lost events back: event-archive load --force SOURCE...", err=True)
    return ExitCode.PROBLEMS if done.lost else ExitCode.OK
