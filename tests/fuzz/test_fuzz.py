"""A short run of what `make fuzz` does for long, and every input that it ever found."""

from __future__ import annotations

from random import Random

import pytest

from tests.fuzz.kept import KEPT
from tests.fuzz.targets import TARGETS

INPUTS = 500


@pytest.mark.parametrize("name", TARGETS)
def test_new_inputs(name: str) -> None:
    random = Random(name)
    TARGETS[name].check_all([TARGETS[name].draw(random) for _ in range(INPUTS)])


@pytest.mark.parametrize(("name", "data"), KEPT.values(), ids=KEPT)
def test_what_was_found_once(name: str, data: bytes) -> None:
    TARGETS[name].check_all([data])
