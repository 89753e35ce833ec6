"""Progress of long work: a bar on stderr, if that is a terminal."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import click

from archive.cli.text import format_bytes

if TYPE_CHECKING:
    from click._termui_impl import ProgressBar

Show = Callable[[str, int, int], None]


@contextmanager
def show_progress() -> Iterator[Show | None]:
    """Gives what to call with the phase, and the bytes done and in all (0 where not known)."""
    if not sys.stderr.isatty():
        yield None
        return
    bar: ProgressBar[int] | None = None

    def show(phase: str, done: int, total: int) -> None:
        nonlocal bar
        if bar is None:
            bar = click.progressbar(
                (), length=total or None, file=sys.stderr, item_show_func=_show_bytes
            )
            bar.render_progress()
        bar.label = phase
        bar.update(done - bar.pos, done)

    try:
        yield show
    finally:
        if bar is not None:
            bar.render_finish()


def _show_bytes(done: int | None) -> str:
    return format_bytes(done or 0)
