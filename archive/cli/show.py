"""event-archive show"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING

import click

from archive.api import Archive
from archive.cli.options import json_option, narrow_options, with_archive
from archive.cli.pager import print_lines
from archive.cli.render_markdown import render_markdown
from archive.cli.render_terminal import render_terminal
from archive.cli.text import dump_json
from archive.errors import InvalidParameter
from archive.view import Event, view_event

if TYPE_CHECKING:
    from archive.resolve import Answer
    from archive.versions import Version


@click.command()
@click.argument("reference", metavar="EVENT")
@with_archive
@narrow_options
@click.option("--full", is_flag=True, help="Show all of every frame, not only of in-app frames.")
@click.option("--markdown", is_flag=True, help="Print Markdown, for a ticket or an assistant.")
@click.option("--raw", is_flag=True, help="Print the exact bytes that were exported.")
@click.option("--versions", is_flag=True, help="List the current version and those it replaced.")
@click.option("--digest", metavar="PREFIX", help="Show the version with this digest.")
@json_option
def command(
    archive: Archive,
    reference: str,
    full: bool,
    markdown: bool,
    raw: bool,
    versions: bool,
    digest: str | None,
    as_json: bool,
    **scope: str | None,
) -> None:
    """Pretty-print an event.

    Shows everything the event contains: the reported exception and its causes with source lines
    and variables (newest frame first, in-app frames marked ●), threads, breadcrumbs, request, tags,
    user, contexts and the rest. Frames outside the app are one line each without --full. On a
    terminal it is colored, unless NO_COLOR is set, and shown in $PAGER or less.

    EVENT is an event ID, the numeric ID or short ID of an issue, which means its latest event, or a
    link to either.

    \b
    Examples:
      event-archive show 8e8379fcff434080b488b56cc4832ced
      event-archive show https://acme.sentry.io/issues/6014420188/
      event-archive show 8e8379fcff434080b488b56cc4832ced --full --markdown > event.md
      event-archive show 8e8379fcff434080b488b56cc4832ced --raw > event.json
      event-archive show 8e8379fcff434080b488b56cc4832ced --versions
      event-archive show 8e8379fcff434080b488b56cc4832ced --digest 5c1f --raw
    """
    if as_json and not versions:
        raise click.UsageError("--json requires --versions; `resolve` prints the event as JSON")
    if versions and (raw or digest is not None):
        raise click.UsageError("--versions cannot be combined with --raw or --digest")
    if (full or markdown) and (raw or versions):
        raise click.UsageError("--full and --markdown cannot be combined with --raw or --versions")
    if versions:
        _list(archive.versions(reference, **scope), as_json)
        return
    if digest is None:
        answer = archive.resolve(reference, **scope)
    else:
        answer = _pick(archive.versions(reference, **scope), digest)
    if raw:
        sys.stdout.buffer.write(answer.raw)
        return
    if answer.shape == "simple":
        click.echo("only a row of an event list was exported, without a stack trace", err=True)
    print_lines(_render(view_event(answer.json()), full, markdown))


def _render(event: Event, full: bool, markdown: bool) -> Iterator[str]:
    yield from (render_markdown if markdown else render_terminal)(event, full)
    if event.has_folded and not full:
        yield ""
        yield "Frames outside the app are folded; --full opens them."


def _list(versions: list[Version], as_json: bool) -> None:
    rows = [version.dict() for version in versions]
    if as_json:
        click.echo(dump_json(rows))
        return
    from archive.cli.table import write_table

    write_table(list(rows[0]), [list(row.values()) for row in rows])


def _pick(versions: list[Version], prefix: str) -> Answer:
    """Return the version whose digest starts with the prefix; the first if several are equal."""
    found = {v.digest: v.answer for v in reversed(versions) if v.digest.startswith(prefix.lower())}
    if len(found) != 1:
        known = ", ".join(dict.fromkeys(version.digest for version in versions))
        raise InvalidParameter(name="--digest", reason=f"expected the start of one of: {known}")
    return next(iter(found.values()))
