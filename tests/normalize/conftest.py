"""Events as sent beside what Sentry stored of them, from the folder `EVENT_ARCHIVE_CORPUS`."""

import json
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

_VARIABLE = "EVENT_ARCHIVE_CORPUS"


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run a test once for each pair, line or interface record of the corpus."""
    for fixture, read in _SOURCES.items():
        if fixture in metafunc.fixturenames:
            metafunc.parametrize(fixture, list(_parameters(read)))


def _parameters(read: Callable[[Path], Iterator[Any]]) -> Iterator[Any]:
    corpus = os.environ.get(_VARIABLE)
    if corpus:
        yield from read(Path(corpus))
    else:
        skip = pytest.mark.skip(reason=f"{_VARIABLE} is not set")
        yield pytest.param({}, id="no-corpus", marks=skip)


def _read_pairs(corpus: Path) -> Iterator[Any]:
    for name, line in _iterate(corpus):
        if line["mode"] == "normalize":
            yield pytest.param(line, id=name)


def _read_lines(corpus: Path) -> Iterator[Any]:
    for name, line in _iterate(corpus):
        if "raw" in line:
            yield pytest.param(line, id=name)


def _iterate(corpus: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    for path in sorted((corpus / "pairs" / "api").glob("*.jsonl")):
        with path.open(encoding="utf-8") as lines:
            for text in lines:
                line = json.loads(text)
                yield f"{path.stem}:{line['name']}", line


def _read_records(corpus: Path) -> Iterator[Any]:
    for path in sorted((corpus / "pairs" / "interfaces_2023-06").glob("*.json")):
        for record in json.loads(path.read_text(encoding="utf-8")):
            yield pytest.param({**record, "interface": path.stem}, id=record["test"])


def _read_seed(corpus: Path) -> Iterator[Any]:
    folder = corpus / "pairs" / "seed_2020"
    names = {"sent": "sdk_style_input.json", "answer": "api_eventids_response.json"}
    seed = {key: json.loads((folder / name).read_text("utf-8")) for key, name in names.items()}
    yield pytest.param(seed, id="seed")


_SOURCES: dict[str, Callable[[Path], Iterator[Any]]] = {
    "pair": _read_pairs,
    "line": _read_lines,
    "record": _read_records,
    "seed": _read_seed,
}
