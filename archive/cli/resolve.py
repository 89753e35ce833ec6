"""event-archive resolve"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from io import BufferedReader
from itertools import groupby
from pathlib import Path
from typing import TextIO, cast

import click

from archive.api import Archive
from archive.cli.options import narrow_options, with_archive
from archive.errors import ExitCode
from archive.storage.durable import wrap_os_errors


@click.command()
@click.argument("references", nargs=-1, required=True, metavar="EVENT...")
@with_archive
@narrow_options
@click.option(
    "--format",
    "layout",
    type=click.Choice(["json", "pretty"]),
    help="Output format [default: pretty for one event on a terminal, else json].",
)
@click.option(
    "--output",
    type=click.Path(file_okay=False, path_type=Path),
    metavar="DIR",
    help="Write each event to DIR/EVENT_ID.json instead of stdout.",
)
@click.option(
    "--missing",
    type=click.File("w", encoding="utf-8", lazy=True),
    metavar="FILE",
    help="Write the events that are not found to FILE, one per line, and not to stdout.",
)
def command(
    archive: Archive,
    references: tuple[str, ...],
    layout: str | None,
    output: Path | None,
    missing: TextIO | None,
    **scope: str | None,
) -> int:
    """Look up events by ID, as Sentry's API does.

    EVENT is an event ID (32 hex digits, upper or lower case, with or without dashes), the numeric
    ID or short ID of an issue, which means its latest event, or a link to either. For one EVENT,
    the output is the response of GET /api/0/organizations/ORG/eventids/EVENT_ID/. For several, or -
    for stdin, it is one object per line in the order given; an event that is not found yields
    {"eventId": …, "detail": …} and exit code 1.

    stdin contains one EVENT per line, or a CSV from Sentry's Discover or from an issue's events
    with a column id, Event ID, eventID or event_id.

    \b
    Examples:
      event-archive resolve 8e8379fcff434080b488b56cc4832ced
      event-archive resolve 8E8379FC-FF43-4080-B488-B56CC4832CED --format json | jq .event.title
      event-archive resolve https://acme.sentry.io/issues/6014420188/events/oldest/
      event-archive resolve - < Discover_2026-November-20.csv > events.jsonl
      event-archive resolve - --output events/ --missing missing.txt < ids.txt
    """
    is_bulk = references[0] == "-" or bool(output or missing)
    if len(references) == 1 and not is_bulk:
        answer = archive.resolve(references[0], **scope)
        pretty = layout == "pretty" or (layout is None and sys.stdout.isatty())
        _write(_indent(answer.body) if pretty else answer.body)
        return ExitCode.OK

    from archive.resolve import Missing

    counts = {"found": 0, "missing": 0}
    for batch in _read_batches(references):
        for found in archive.resolve_many(batch, **scope):
            body = _indent(found.body) if layout == "pretty" else found.body
            counts["missing" if isinstance(found, Missing) else "found"] += 1
            if isinstance(found, Missing) and missing:
                missing.write(f"{found.reference}\n")
            elif output and not isinstance(found, Missing):
                _write_file(output / f"{found.event_id}.json", body)
            else:
                _write(body)
        sys.stdout.buffer.flush()
    if is_bulk:
        click.echo(f"{counts['found']:,} found, {counts['missing']:,} missing", err=True)
    return ExitCode.PROBLEMS if counts["missing"] else ExitCode.OK


def _read_batches(references: tuple[str, ...]) -> Iterator[list[str]]:
    from archive.cli.references import read_references

    for is_stdin, named in groupby(references, key=lambda reference: reference == "-"):
        if is_stdin:
            yield from read_references(cast(BufferedReader, sys.stdin.buffer))
        else:
            yield list(named)


def _write(body: bytes) -> None:
    if sys.stdout.isatty():
        from archive.cli.text import escape_json

        body = escape_json(body)
    sys.stdout.buffer.write(body + b"\n")


def _write_file(path: Path, body: bytes) -> None:
    with wrap_os_errors(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(body + b"\n")


def _indent(body: bytes) -> bytes:
    """Indent JSON without changing its tokens; return invalid JSON as it is."""
    import msgspec

    try:
        return msgspec.json.format(body, indent=2)
    except (msgspec.DecodeError, RecursionError):
        return body
