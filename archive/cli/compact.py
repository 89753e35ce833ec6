"""event-archive compact"""

from __future__ import annotations

from dataclasses import asdict
from functools import partial

import click

from archive.api import Archive
from archive.cli.options import json_option, with_archive
from archive.cli.progress import show_progress
from archive.cli.text import dump_json, format_bytes


@click.command()
@with_archive
@click.option(
    "--drop-superseded",
    is_flag=True,
    help="Delete replaced versions of events (see: show --versions).",
)
@json_option
def command(archive: Archive, drop_superseded: bool, as_json: bool) -> None:
    """Merge small files to save space and make queries faster.

    Events do not change, not by a byte. Files as loads write them are compressed harder, once;
    others that are large enough are not read. Loads merge very small files by themselves; run
    compact after large loads to save up to a fifth of the space. The old files are deleted by the
    next load or compact that runs an hour later, so that current readers can finish.

    \b
    Examples:
      event-archive compact
      event-archive compact --drop-superseded
      event-archive compact --json
    """
    with show_progress() as show:
        progress = show and partial(show, "compacting")
        done = archive.compact(progress, drop_superseded=drop_superseded)
    if as_json:
        click.echo(dump_json(asdict(done)))
    else:
        click.echo(
            f"compacted {done.parts_before:,} parts ({format_bytes(done.bytes_before)}) into "
            f"{done.parts_after:,} ({format_bytes(done.bytes_after)})",
            err=True,
        )
