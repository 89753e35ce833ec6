"""Pairs of stored events and Sentry's own answers, from the folder `EVENT_ARCHIVE_CORPUS`."""

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

_VARIABLE = "EVENT_ARCHIVE_CORPUS"


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run a test that takes `pair` or `record` once for each line or record of the corpus."""
    for fixture, read in (("pair", _read_pairs), ("record", _read_records)):
        if fixture in metafunc.fixturenames:
            metafunc.parametrize(fixture, list(_parameters(read)))


def _parameters(read: Any) -> Iterator[Any]:
    corpus = os.environ.get(_VARIABLE)
    if corpus:
        yield from read(Path(corpus) / "pairs")
    else:
        skip = pytest.mark.skip(reason=f"{_VARIABLE} is not set")
        yield pytest.param({}, id="no-corpus", marks=skip)


def _read_pairs(pairs: Path) -> Iterator[Any]:
    for path in sorted((pairs / "api").glob("*.jsonl")):
        with path.open(encoding="utf-8") as lines:
            for line in lines:
                pair = json.loads(line)
                yield pytest.param(pair, id=f"{path.stem}:{pair['name']}")


def _read_records(pairs: Path) -> Iterator[Any]:
    for path in sorted((pairs / "interfaces_2023-06").glob("*.json")):
        for record in json.loads(path.read_text(encoding="utf-8")):
            yield pytest.param({**record, "interface": path.stem}, id=record["test"])
