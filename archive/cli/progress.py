"""A progress bar on stderr, if that is a terminal."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import click

from archive.cli.text import format_bytes

Show = Callable[[str, int, int], None]


@contextmanager
def show_progress() -> Iterator[Show | None]:
    """Yield a function of the phase, the bytes done and their total (0 if unknown)."""
    if not sys.stderr.isatty():
        yield None
        return
    bar: Any = None

    def show(phase: str, done: int, total: int) -> None:
        nonlocal bar
        if bar is None:
            bar = click.progressbar(
                (), length=total or None, file=sys.stderr,
                item_show_func=lambda done: format_bytes(done or 0),
            )  # fmt: skip
            bar.render_progress()
        bar.label = phase
        bar.update(done - bar.pos, done)

    try:
        yield show
    finally:
        if bar is not None:
            bar.render_finish()
