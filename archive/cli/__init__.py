"""The command line: one file a verb, each a thin front of the Python API.

stdout is data; progress, summaries and warnings go to stderr.
"""

from __future__ import annotations

import os
import signal
import sys
from importlib import import_module
from types import FrameType
from typing import Any

import click

from archive.cli.options import archive_option
from archive.errors import ArchiveError, ExitCode
from archive.version import VERSION

DEBUG = "EVENT_ARCHIVE_DEBUG"
WHOLE = "a load is committed whole or not at all; to go on, load the same again"
INTERRUPTED_QUERY = "Query interrupted"  # what DuckDB makes of all that a handler raises
VERBS = {
    "load": "Load exports into the archive.",
    "resolve": "Answer event IDs as Sentry's API does.",
    "show": "Show an event as a person reads it.",
    "sql": "Ask in SQL over events, frames, tags and payloads.",
    "report": "Run a named analysis.",
    "shell": "Ask in SQL and run reports, one question after the other.",
    "info": "Tell what is in the archive.",
    "verify": "Check the archive; with --data, every byte.",
    "repair": "Make damaged tables anew from the payloads.",
    "compact": "Merge small parts into few large ones.",
    "serve": "Answer at the URLs of Sentry's API.",
}


class _Verbs(click.Group):
    """The verbs, each imported when it is called: start-up is felt in every shell loop."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(VERBS)

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        if name not in VERBS:
            return None
        command: click.Command = import_module(f"archive.cli.{name}").command
        return command

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except BrokenPipeError:  # of which click would make exit code 1
            return _leave()

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl(list(VERBS.items()))


@click.group(cls=_Verbs, context_settings={"help_option_names": ["-h", "--help"]})
@archive_option
@click.version_option(VERSION, prog_name="event-archive")
@click.pass_context
def cli(ctx: click.Context, path: str | None) -> None:
    """Keep Sentry events for good: load exports, look events up, ask in SQL.

    \b
    Examples:
      event-archive load exports/
      event-archive resolve 8e8379fcff434080b488b56cc4832ced
      event-archive report top-frames --since 2026-10-01
      event-archive sql "SELECT level, count(*) FROM events GROUP BY ALL"
    """
    ctx.obj = path


def main() -> None:
    """Run the command line and exit, as `archive.errors.ExitCode` says."""
    signal.signal(signal.SIGTERM, _terminate)
    _do_without_numpy()
    try:
        code = run()
    finally:  # all is done and said: nothing may change the exit code any more
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        signal.signal(signal.SIGINT, signal.SIG_IGN)
    sys.exit(code)


def _do_without_numpy() -> None:
    """Nothing here needs it, and PyArrow, where it is installed, waits for it: half of a lookup."""
    sys.modules.setdefault("numpy", None)  # type: ignore[arg-type]


def run() -> int:
    """Run the command line and give its exit code; a traceback is only shown in debugging."""
    try:
        returned = cli.main(prog_name="event-archive", standalone_mode=False)
        sys.stdout.flush()
    except ArchiveError as error:
        return _say(str(error), error.exit_code)
    except click.ClickException as error:
        error.show()
        return ExitCode.USAGE
    except (click.Abort, KeyboardInterrupt):
        return _say(f"interrupted; {WHOLE}", ExitCode.INTERRUPTED)
    except BrokenPipeError:
        return _leave()
    except OSError as error:
        return _say(str(error), ExitCode.STORAGE)
    except Exception as error:
        if _is_terminated:
            return ExitCode.TERMINATED
        if str(error) == INTERRUPTED_QUERY:
            return _say(f"interrupted; {WHOLE}", ExitCode.INTERRUPTED)
        if os.environ.get(DEBUG):
            raise
        what = f"{type(error).__name__}: {error}"
        return _say(f"{what}; this is a bug: {DEBUG}=1 shows where", ExitCode.BUG)
    return returned if isinstance(returned, int) else ExitCode.OK


def _leave() -> ExitCode:
    """Whoever read stdout has had enough, which is no failure."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return ExitCode.OK


def _say(text: str, code: ExitCode) -> ExitCode:
    from archive.cli.text import escape_lines

    click.echo(f"event-archive: {escape_lines(text)}", err=True)
    return code


_is_terminated = False


def _terminate(number: int, frame: FrameType | None) -> None:
    global _is_terminated
    _is_terminated = True
    sys.exit(_say(f"terminated; {WHOLE}", ExitCode.TERMINATED))
