"""event-archive resolve"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from io import BufferedReader
from itertools import groupby
from typing import cast

import click

from archive.api import Archive
from archive.cli.options import narrow_options, with_archive
from archive.cli.text import escape_json
from archive.errors import ExitCode

PIECE = 1 << 16


@click.command()
@click.argument("event_ids", nargs=-1, required=True, metavar="EVENT_ID...")
@with_archive
@narrow_options
@click.option(
    "--format",
    "layout",
    type=click.Choice(["json", "pretty"]),
    help="One line, or indented [default: pretty for one event on a terminal, else json].",
)
def command(
    archive: Archive,
    event_ids: tuple[str, ...],
    org: str | None,
    project: str | None,
    layout: str | None,
) -> int:
    """Answer event IDs as Sentry's API does.

    EVENT_ID is 32 hex digits, with dashes or in upper case too, or the link to an event. One ID
    gives one JSON object, the body of GET /api/0/organizations/ORG/eventids/EVENT_ID/. Several
    IDs, or - to read them from stdin, give one object a line, in the order asked; an ID that is
    not found gives {"eventId": …, "detail": …} and exit code 1.

    \b
    Examples:
      event-archive resolve 8e8379fcff434080b488b56cc4832ced
      event-archive resolve 8E8379FC-FF43-4080-B488-B56CC4832CED --format json | jq .event.title
      cut -d, -f3 tickets.csv | event-archive resolve - > events.jsonl
    """
    if len(event_ids) == 1 and event_ids[0] != "-":
        answer = archive.resolve(event_ids[0], organization=org, project=project)
        pretty = layout == "pretty" or (layout is None and sys.stdout.isatty())
        _write(_indent(answer.body) if pretty else answer.body)
        return ExitCode.OK
    missing = False
    for batch in _read_batches(event_ids):
        for found in archive.resolve_many(batch, organization=org, project=project):
            missing = missing or hasattr(found, "error")
            _write(_indent(found.body) if layout == "pretty" else found.body)
        sys.stdout.buffer.flush()
    return ExitCode.PROBLEMS if missing else ExitCode.OK


def _read_batches(event_ids: tuple[str, ...]) -> Iterator[list[str]]:
    for is_stdin, named in groupby(event_ids, key=lambda event_id: event_id == "-"):
        if is_stdin:
            yield from _read_stdin()
        else:
            yield list(named)


def _read_stdin() -> Iterator[list[str]]:
    """The lines of stdin as they come: who asks one at a time is answered one at a time."""
    rest = b""
    stdin = cast(BufferedReader, sys.stdin.buffer)
    while data := stdin.read1(PIECE):
        *lines, rest = (rest + data).split(b"\n")
        yield [line.decode(errors="replace").strip() for line in lines if line.strip()]
    if rest.strip():
        yield [rest.decode(errors="replace").strip()]


def _write(body: bytes) -> None:
    shown = escape_json(body) if sys.stdout.isatty() else body
    sys.stdout.buffer.write(shown + b"\n")


def _indent(body: bytes) -> bytes:
    """The same tokens on lines of their own; what is no strict JSON stays on one."""
    import msgspec

    try:
        return msgspec.json.format(body, indent=2)
    except (msgspec.DecodeError, RecursionError):
        return body
