"""event-archive show"""

from __future__ import annotations

import sys

import click

from archive.api import Archive
from archive.cli.options import narrow_options, with_archive


@click.command()
@click.argument("reference", metavar="EVENT")
@with_archive
@narrow_options
@click.option("--raw", is_flag=True, help="Print the exact bytes that were exported.")
def command(
    archive: Archive, reference: str, org: str | None, project: str | None, raw: bool
) -> None:
    """Show an event as a person reads it.

    Title, tags, stack trace with source context (the crash last, in-app frames marked),
    breadcrumbs and request. EVENT is an event ID, the numeric ID or short ID of an issue, which
    means its latest event, or a link to either.

    \b
    Examples:
      event-archive show 8e8379fcff434080b488b56cc4832ced
      event-archive show https://acme.sentry.io/issues/6014420188/
      event-archive show 8e8379fcff434080b488b56cc4832ced --raw > event.json
    """
    answer = archive.resolve(reference, organization=org, project=project)
    if raw:
        sys.stdout.buffer.write(answer.raw)
        return
    from archive.cli.event import render_event

    if answer.shape == "simple":
        click.echo("only the row of an event list was exported: there is no stack trace", err=True)
    for line in render_event(answer.json()):
        click.echo(line)
