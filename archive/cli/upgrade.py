"""event-archive upgrade"""

from __future__ import annotations

import json
from dataclasses import asdict
from functools import partial

import click

from archive.api import Archive
from archive.cli.options import json_option, with_archive
from archive.cli.progress import show_progress


@click.command()
@with_archive
@json_option
def command(archive: Archive, as_json: bool) -> None:
    """Bring an archive to the current format.

    All tables are rebuilt from the stored payloads and committed as a whole. An archive that has
    the current format is not changed. `load` upgrades an older archive by itself.

    \b
    Examples:
      event-archive upgrade
      event-archive upgrade --json
    """
    with show_progress() as show:
        done = archive.upgrade(show and partial(show, "upgrading"))
    if as_json:
        click.echo(json.dumps(asdict(done)))
    elif done.format_before == done.format_after:
        click.echo(f"the archive has the current format, {done.format_after}", err=True)
    else:
        click.echo(
            f"upgraded {done.events:,} events from format {done.format_before} "
            f"to {done.format_after}",
            err=True,
        )
