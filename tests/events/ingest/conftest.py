"""Events as they were sent, next to the events that Sentry stored."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.corpus import Pair, from_corpus, parametrize, read_interfaces, read_pairs


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run a test once for each pair, line, interface record or seed."""
    fixtures = {
        "pair": _read_normalized,
        "line": _read_sent,
        "record": from_corpus(read_interfaces),
        "seed": from_corpus(_read_seed),
    }
    parametrize(metafunc, fixtures)


def _read_normalized() -> Iterator[tuple[str, Pair]]:
    return ((name, pair) for name, pair in read_pairs() if pair["mode"] == "normalize")


def _read_sent() -> Iterator[tuple[str, Pair]]:
    return ((name, pair) for name, pair in read_pairs() if "raw" in pair)


def _read_seed(corpus: Path) -> Iterator[tuple[str, Any]]:
    folder = corpus / "pairs" / "seed_2020"
    names = {"sent": "sdk_style_input.json", "answer": "api_eventids_response.json"}
    yield (
        "seed",
        {key: json.loads((folder / name).read_text("utf-8")) for key, name in names.items()},
    )
