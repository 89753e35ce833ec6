"""event-archive compact"""

from __future__ import annotations

import json
from dataclasses import asdict
from functools import partial

import click

from archive.api import Archive
from archive.cli.options import json_option, with_archive
from archive.cli.progress import show_progress
from archive.cli.text import format_bytes


@click.command()
@with_archive
@click.option(
    "--drop-superseded",
    is_flag=True,
    help="Remove the versions of events that were replaced (see: show --versions).",
)
@json_option
def command(archive: Archive, drop_superseded: bool, as_json: bool) -> None:
    """Merge small parts into few large ones: smaller on disk, faster to look up in.

    The events stay the same, byte for byte. A load does this by itself when very small parts have
    piled up; do it after large loads to save a fifth of the space. The old files are removed by a
    load or compact an hour later: readers that are at work keep them until then.

    \b
    Examples:
      event-archive compact
      event-archive compact --drop-superseded
      event-archive compact --json
    """
    with show_progress() as show:
        seen = show and partial(show, "compacting")
        done = archive.compact(seen, drop_superseded=drop_superseded)
    if as_json:
        click.echo(json.dumps(asdict(done)))
    else:
        click.echo(
            f"{done.parts_before:,} parts, {format_bytes(done.bytes_before)} are now "
            f"{done.parts_after:,} parts, {format_bytes(done.bytes_after)}",
            err=True,
        )
