"""event-archive serve"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from archive.api import Archive
from archive.cli.options import with_archive
from archive.errors import ExitCode, MissingExtra
from archive.text import escape_controls

if TYPE_CHECKING:
    from archive.serve.app import Settings

_EXIT_CODES = {200: ExitCode.OK, 404: ExitCode.PROBLEMS, 500: ExitCode.DAMAGED}


@click.command()
@with_archive
@click.option("--host", metavar="ADDRESS", default="127.0.0.1", show_default=True,
              help="Address to listen on.")  # fmt: skip
@click.option("--port", type=click.IntRange(0, 65535), default=8000, show_default=True,
              help="Port to listen on; 0 picks a free one.")  # fmt: skip
@click.option("--token-file", metavar="FILE",
              help="Require a bearer token from FILE: one per line, optionally followed by the "
              "organizations that it may read. Reloaded on SIGHUP.")  # fmt: skip
@click.option("--insecure", is_flag=True,
              help="Listen on a public address without authentication.")  # fmt: skip
@click.option("--allow-host", "hosts", multiple=True, metavar="NAME",
              help="Accept this Host header in addition to ADDRESS and localhost; "
              "* accepts any (repeatable).")  # fmt: skip
@click.option("--concurrency", type=click.IntRange(1), default=64, show_default=True, metavar="N",
              help="Maximum concurrent requests; excess requests get 503.")  # fmt: skip
@click.option("--timeout", type=click.FloatRange(0, min_open=True), default=30, show_default=True,
              metavar="SECONDS", help="Request timeout.")  # fmt: skip
@click.option("--memory", default="1GB", show_default=True, metavar="SIZE",
              help="Memory for the queries of all requests.")  # fmt: skip
@click.option("--max-spill", default="10GB", show_default=True, metavar="SIZE",
              help="Disk space for what does not fit in memory.")  # fmt: skip
@click.option("--get", "url", metavar="PATH",
              help="Print the response to one request, without a server.")  # fmt: skip
@click.option("--headers", is_flag=True,
              help="With --get, also print the status and headers.")  # fmt: skip
def command(
    archive: Archive,
    host: str,
    port: int,
    token_file: str | None,
    insecure: bool,
    hosts: tuple[str, ...],
    concurrency: int,
    timeout: float,
    memory: str,
    max_spill: str,
    url: str | None,
    headers: bool,
) -> int:
    """Serve the archive at Sentry's API URLs.

    Implements GET /api/0/organizations/ORG/eventids/EVENT_ID/ and related read-only endpoints for
    Sentry's own clients. New loads are visible at once. The access log goes to stderr.

    \b
    Examples:
      event-archive serve
      event-archive serve --host 0.0.0.0 --token-file tokens --allow-host archive.example.com
      event-archive serve --get /api/0/organizations/ > organizations.json
      SENTRY_URL=http://127.0.0.1:8000 sentry-cli events list -o ORG -p PROJECT
    """
    from archive.query.bounds import Bounds

    try:
        from archive.serve.app import Settings
        from archive.serve.auth import LOCAL, Tokens
        from archive.serve.server import Address, serve
    except ModuleNotFoundError as error:
        raise MissingExtra(what="event-archive serve", extra="serve") from error
    bounds = Bounds(memory=memory, max_spill=max_spill)
    if url is not None:
        return _get(archive, url, Settings(timeout=timeout, bounds=bounds), headers)
    settings = Settings(
        hosts=(*LOCAL, host, *hosts),
        tokens=Tokens(token_file) if token_file else None,
        requests=concurrency,
        timeout=timeout,
        bounds=bounds,
        log=_log,
    )
    serve(archive.path, Address(host, port), settings, insecure=insecure)
    return ExitCode.OK


def _get(archive: Archive, url: str, settings: Settings, with_headers: bool) -> int:
    """Print the response to one local request, which needs no token."""
    from archive.serve.inprocess import get

    response = get(archive.path, url, settings)
    out = sys.stdout.buffer
    if with_headers:
        lines = [f"HTTP/1.1 {response.status}", *map(": ".join, response.headers.items())]
        out.write("".join(f"{line}\r\n" for line in [*lines, ""]).encode("latin-1", "replace"))
    out.write(response.body)
    return _EXIT_CODES.get(response.status, ExitCode.USAGE)


def _log(line: str) -> None:
    for part in line.splitlines():
        click.echo(escape_controls(part), err=True)
