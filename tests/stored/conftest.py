"""The corpus's whole events, for the tests of stored events."""

from pathlib import Path

import pytest

from tests.stored.forms import Pair, name_pairs


@pytest.fixture(scope="session")
def pairs(corpus: Path) -> dict[str, Pair]:
    """All pairs by name."""
    return name_pairs(corpus)
