"""event-archive shell"""

from __future__ import annotations

import shlex
import sys
from collections.abc import Iterator
from pathlib import Path

import click

from archive.api import Archive
from archive.cli.options import query_options, with_archive
from archive.cli.output import write_result
from archive.cli.text import escape_lines
from archive.errors import ArchiveError, MissingExtra
from archive.query.reports import list_reports

HISTORY = Path("~/.event_archive_history")
HELP = """\
  SELECT … ;               SQL ends with a semicolon, on this line or a later one
  .report NAME key=value   run a report; .report lists them
  .tables                  list the views; DESCRIBE frames; lists the columns of one
  .help                    show this help
  .quit                    leave, as does Ctrl-D; Ctrl-C cancels a query
"""


@click.command()
@with_archive
@query_options
def command(archive: Archive) -> None:
    """Start an interactive SQL shell.

    It runs SQL and reports, with history, completion and syntax highlighting. Like `sql`, it can
    only read the archive. Commands can also be piped to stdin.

    \b
    Examples:
      event-archive shell
      echo ".report top-frames limit=3" | event-archive shell
    """
    archive.sql("SELECT 1")  # fail early if there is no archive
    for text in _read_typed(archive) if sys.stdin.isatty() else _read_piped():
        try:
            if not _answer(archive, text):
                return
        except (ArchiveError, ValueError) as error:
            click.echo(escape_lines(str(error)), err=True)
        except KeyboardInterrupt:
            click.echo("cancelled", err=True)


def _answer(archive: Archive, text: str) -> bool:
    """Run one command or query; return False to leave the shell."""
    verb, *words = shlex.split(text) if text.startswith(".") else ["", text]
    if verb in (".quit", ".exit"):
        return False
    if verb == ".help":
        click.echo(HELP, nl=False)
    elif verb == ".tables":
        write_result(archive.sql("SHOW TABLES"), "table")
    elif verb == ".report" and words:
        values = dict(word.partition("=")[::2] for word in words[1:])
        write_result(archive.report(words[0], **values), "table")
    elif verb == ".report":
        for report in list_reports():
            click.echo(f"{report.name:20}  {report.title}")
    elif verb:
        raise ValueError(f"{verb}: no such command; type .help for help")
    else:
        write_result(archive.sql(text), "table")
    return True


def _read_piped() -> Iterator[str]:
    text = ""
    for line in sys.stdin.buffer:
        text += line.decode("utf-8", "surrogateescape")
        if is_complete(text):
            if text.strip():
                yield text.strip()
            text = ""
    if text.strip():
        yield text.strip()


def _read_typed(archive: Archive) -> Iterator[str]:
    try:
        from archive.cli.prompt import open_prompt
    except ImportError as error:
        raise MissingExtra(what="the shell", extra="shell") from error

    click.echo("Type .help for help.", err=True)
    read = open_prompt(archive, HISTORY.expanduser())
    while True:
        try:
            text = read().strip()
        except KeyboardInterrupt:
            continue
        except EOFError:
            return
        if text:
            yield text


def is_complete(text: str) -> bool:
    """Return whether the text is a complete command or query."""
    stripped = text.strip()
    return not stripped or stripped.startswith(".") or stripped.endswith(";")
