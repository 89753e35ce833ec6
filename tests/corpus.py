"""The events that conformance tests run on.

Pairs of events and the answers of Sentry's own serializer ship with the project, in
`tests/conformance/pairs`. A larger corpus of real events replaces them where the environment
variable EVENT_ARCHIVE_CORPUS names one; tests that need it skip without it.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import pytest

VARIABLE = "EVENT_ARCHIVE_CORPUS"
SHIPPED_PAIRS = Path(__file__).parent / "conformance" / "pairs"

Pair = dict[str, Any]

_NEEDS_CORPUS = pytest.mark.skip(reason=f"{VARIABLE} is not set")


def find_corpus() -> Path | None:
    """The larger corpus, if there is one."""
    path = os.environ.get(VARIABLE)
    return Path(path) if path else None


@cache
def read_pairs() -> Sequence[tuple[str, Pair]]:
    """Pairs by name: `error:syn/exc4` is the pair `syn/exc4` of error.jsonl.

    tests/conformance/README.md describes the members of a pair.
    """
    corpus = find_corpus()
    folder = corpus / "pairs" / "api" if corpus else SHIPPED_PAIRS
    return [
        (f"{path.stem}:{pair['name']}", pair)
        for path in sorted(folder.glob("*.jsonl"))
        for pair in map(json.loads, path.read_bytes().splitlines())
    ]


def read_interfaces(corpus: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    """Single interfaces of Sentry's own test snapshots, by the name of the test."""
    for path in sorted((corpus / "pairs" / "interfaces_2023-06").glob("*.json")):
        for record in json.loads(path.read_text(encoding="utf-8")):
            yield record["test"], {**record, "interface": path.stem}


def parametrize(
    metafunc: pytest.Metafunc, fixtures: Mapping[str, Callable[[], Iterable[tuple[str, Any]]]]
) -> None:
    """Run a test that takes one of these fixtures once for each of its named values."""
    for fixture, read in fixtures.items():
        if fixture in metafunc.fixturenames:
            values = [
                pytest.param(value, id=name, marks=_NEEDS_CORPUS if value is None else ())
                for name, value in read()
            ]
            metafunc.parametrize(fixture, values)


def from_corpus(
    read: Callable[[Path], Iterator[tuple[str, Any]]],
) -> Callable[[], Iterator[tuple[str, Any]]]:
    """Values that only the larger corpus has; without it there is one, which is skipped."""

    def read_or_skip() -> Iterator[tuple[str, Any]]:
        corpus = find_corpus()
        return read(corpus) if corpus else iter([("no-corpus", None)])

    return read_or_skip
