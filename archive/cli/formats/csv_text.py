"""Rows as CSV that a spreadsheet can open without running any of it."""

from __future__ import annotations

import csv
import re
import sys
from collections.abc import Iterable, Sequence
from typing import Any

from archive.cli.text import dump_json, escape_controls, make_plain

_FORMULA = re.compile(r"[=+\-@\t\r\uff1d\uff0b\uff0d\uff20]")
_NUMBER = re.compile(r"[+-]?\d+(\.\d+)?")


def write_csv(columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """CSV; on a terminal with control characters made visible.

    Text that a spreadsheet would take for a formula gets an apostrophe before it (OWASP, CSV
    Injection); JSON and Parquet have it as it is.
    """
    writer = csv.writer(sys.stdout, lineterminator="\n")
    show = escape_controls if sys.stdout.isatty() else str
    writer.writerow(show(_disarm(name)) for name in columns)
    for row in rows:
        plain = map(make_plain, row)
        writer.writerow(
            show(_disarm(value)) if isinstance(value, str) else _show_number(value)
            for value in plain
        )


def _disarm(text: str) -> str:
    return f"'{text}" if _FORMULA.match(text) and not _NUMBER.fullmatch(text) else text


def _show_number(value: Any) -> Any:
    return dump_json(value) if isinstance(value, dict | list | bool) else value
