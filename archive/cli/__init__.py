"""The command line: one file per verb, each a thin layer over the Python API.

Data goes to stdout; progress, summaries and warnings go to stderr.
"""

from __future__ import annotations

import gc
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
ATOMIC_NOTE = "loads are atomic; run the same load again to complete it"
VERBS = {
    "load": "Load exports into the archive.",
    "resolve": "Look up events by ID, as Sentry's API does.",
    "show": "Pretty-print an event.",
    "search": "Find events or issues with Sentry's search language.",
    "sql": "Query events, frames, tags and payloads with SQL.",
    "report": "Run a built-in or custom report.",
    "shell": "Start an interactive SQL shell.",
    "info": "Show the archive's contents and size.",
    "verify": "Check the archive for damage.",
    "repair": "Rebuild damaged tables from the stored payloads.",
    "compact": "Merge small files to save space and time.",
    "upgrade": "Bring an archive to the current format.",
    "serve": "Serve the archive at Sentry's API URLs.",
}


class _Verbs(click.Group):
    """The verbs, each imported only when it runs, to keep start-up fast."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(VERBS)

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        if name not in VERBS:
            return None
        global _verb
        _verb = name
        command: click.Command = import_module(f"archive.cli.{name}").command
        return command

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except BrokenPipeError:  # click would exit with code 1
            return _ignore_closed_pipe()

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl(list(VERBS.items()))


@click.group(cls=_Verbs, context_settings={"help_option_names": ["-h", "--help"]})
@archive_option
@click.version_option(VERSION, prog_name="event-archive")
@click.pass_context
def cli(ctx: click.Context, path: str | None) -> None:
    """Archive Sentry events: load exports, look up events, query them with SQL.

    \b
    Examples:
      event-archive load exports/
      event-archive resolve 8e8379fcff434080b488b56cc4832ced
      event-archive search "is:unresolved level:fatal timeout" --issues
      event-archive report top-frames --since 30d
      event-archive sql "SELECT level, count(*) FROM events GROUP BY ALL"
    """
    ctx.obj = path


def main() -> None:
    """Run the command line and exit with an `archive.errors.ExitCode`."""
    signal.signal(signal.SIGTERM, _stop)
    if signal.getsignal(signal.SIGINT) is not signal.SIG_IGN:  # as in a background job
        signal.signal(signal.SIGINT, _stop)
    _block_numpy()
    try:
        code = run()
    finally:  # a late signal must not change the exit code
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        signal.signal(signal.SIGINT, signal.SIG_IGN)
    gc.freeze()  # nothing to collect at exit, which takes a tenth of a lookup's time
    sys.exit(code)


def _block_numpy() -> None:
    """Keep PyArrow from importing NumPy: it is not needed and takes half of a lookup's time."""
    sys.modules.setdefault("numpy", None)  # type: ignore[arg-type]


def run() -> int:
    """Run the command line and return its exit code; tracebacks are only shown for debugging."""
    try:
        returned = cli.main(prog_name="event-archive", standalone_mode=False)
        sys.stdout.flush()
    except ArchiveError as error:
        return _say(str(error), error.exit_code)
    except click.ClickException as error:
        error.show()
        return ExitCode.USAGE
    except (click.Abort, KeyboardInterrupt, SystemExit):
        return _say_stopped(_stopped_by or ExitCode.INTERRUPTED)
    except BrokenPipeError:
        return _ignore_closed_pipe()
    except OSError as error:
        return _say(str(error), ExitCode.STORAGE)
    except Exception as error:
        if _stopped_by is not None and isinstance(error, RuntimeError):
            # DuckDB replaces the exception of `_stop` in a load or a compaction
            return _say_stopped(_stopped_by)
        if os.environ.get(DEBUG):
            raise
        what = f"{type(error).__name__}: {error}"
        return _say(f"{what}; this is a bug; set {DEBUG}=1 for a traceback", ExitCode.BUG)
    return returned if isinstance(returned, int) else ExitCode.OK


def _ignore_closed_pipe() -> ExitCode:
    """Exit cleanly: the reader of stdout, such as `head`, has stopped reading."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return ExitCode.OK


def _say(text: str, code: ExitCode) -> ExitCode:
    from archive.cli.text import escape_lines

    click.echo(f"event-archive: {escape_lines(text)}", err=True)
    return code


def _say_stopped(code: ExitCode) -> ExitCode:
    text = code.name.lower()
    return _say(f"{text}; {ATOMIC_NOTE}" if _verb == "load" else text, code)


_verb = ""
_stopped_by: ExitCode | None = None


def _stop(number: int, frame: FrameType | None) -> None:
    global _stopped_by
    _stopped_by = ExitCode(128 + number)
    if _stopped_by is ExitCode.INTERRUPTED:
        raise KeyboardInterrupt
    sys.exit(_stopped_by)
