"""Print lines for people: styled on a terminal, and through a pager."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterable
from contextlib import suppress

import click

DEFAULT = "less"
# As git sets it: exit if the text fits on the screen, show colors, leave the text there.
_LESS = "FRX"


def print_lines(lines: Iterable[str]) -> None:
    """Print styled lines, on a terminal through PAGER or less.

    Colors are left out where stdout is not a terminal or NO_COLOR is set.
    """
    is_terminal = sys.stdout.isatty()
    if not is_terminal or os.environ.get("NO_COLOR"):
        lines = map(click.unstyle, lines)
    pager = _find_pager() if is_terminal else None
    if pager:
        _page(lines, pager)
        return
    for line in lines:
        click.echo(line)


def _find_pager() -> list[str] | None:
    """The command of the pager; None if it is empty, cat, or cannot be run."""
    try:
        command = shlex.split(os.environ.get("PAGER", DEFAULT))
    except ValueError:  # a quotation mark is missing
        return None
    return command if command and command != ["cat"] and shutil.which(command[0]) else None


def _page(lines: Iterable[str], pager: list[str]) -> None:
    environment = {"LESS": _LESS, **os.environ}
    process = subprocess.Popen(pager, stdin=subprocess.PIPE, env=environment, encoding="utf-8")  # noqa: S603
    with suppress(KeyboardInterrupt):  # it is meant for the pager
        process.communicate("".join(f"{line}\n" for line in lines))
    while process.returncode is None:
        with suppress(KeyboardInterrupt):
            process.wait()
