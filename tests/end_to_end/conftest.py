"""Whole events, for the tests of stored events."""

import pytest

from tests.corpus import Pair, read_pairs


@pytest.fixture(scope="session")
def pairs() -> dict[str, Pair]:
    """All pairs by name, without those that are another pair's event in a second issue."""
    return {name: pair for name, pair in read_pairs() if "#occurrence" not in name}
