"""Rows as JSON."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import click

from archive.cli.text import dump_json, make_plain


def write_json(
    columns: Sequence[str], types: Sequence[str], rows: Iterable[Sequence[Any]], lines: bool
) -> None:
    """Print an array of objects, or an object a line."""
    keys = [dump_json(name) for name in columns]
    parsed = [kind == "JSON" for kind in types]
    texts = (
        "{"
        + ",".join(
            f"{key}:{_embed(value) if is_json and value else dump_json(make_plain(value))}"
            for key, value, is_json in zip(keys, row, parsed, strict=True)
        )
        + "}"
        for row in rows
    )
    if lines:
        for text in texts:
            click.echo(text)
        return
    separator = "["
    for text in texts:
        click.echo(f"{separator}{text}", nl=False)
        separator = ",\n"
    click.echo("]" if separator != "[" else "[]")


def _embed(text: str) -> str:
    """JSON inside JSON, its tokens as they are, on one line."""
    from archive.jsontext import compact

    return compact(text.encode()).decode()
