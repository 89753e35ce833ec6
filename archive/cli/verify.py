"""event-archive verify"""

from __future__ import annotations

from functools import partial

import click

from archive.api import Archive
from archive.cli.options import json_option, with_archive
from archive.cli.progress import show_progress
from archive.cli.text import dump_json, format_bytes
from archive.errors import ExitCode

NOTES_SHOWN = 5


@click.command()
@with_archive
@click.option("--data", is_flag=True, help="Read every byte and compare tables with payloads.")
@json_option
def command(archive: Archive, data: bool, as_json: bool) -> int:
    """Check the archive for damage: manifests, files, sizes, footers and counts.

    With --data, also check SHA-256 and page checksums, the digest of every event, and all other
    tables against the payloads, which takes about as long as loading did. If there are problems,
    each is printed with its file and a remedy, and the exit code is 1.

    \b
    Examples:
      event-archive verify
      event-archive verify --data
      event-archive verify --data --json | jq .content
    """
    with show_progress() as show:
        found = archive.verify(show and partial(show, "verifying"), data=data)
    if as_json:
        click.echo(dump_json(found.dict()))
    else:
        for note in found.notes[:NOTES_SHOWN]:
            click.echo(f"note: {note}", err=True)
        if more := len(found.notes[NOTES_SHOWN:]):
            click.echo(f"note: {more:,} more; --json lists them all", err=True)
        for problem in found.problems:
            click.echo(f"{problem.path}: {problem.reason}; {problem.remedy}")
        checked = f"{found.events:,} events in {found.parts:,} parts, {format_bytes(found.bytes)}"
        verdict = "OK" if found.ok else f"{len(found.problems):,} problems"
        click.echo(f"{checked}: {verdict}", err=True)
    return ExitCode.OK if found.ok else ExitCode.PROBLEMS
