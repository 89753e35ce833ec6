"""Pairs of stored events and Sentry's own answers, and single interfaces."""

import pytest

from tests.corpus import from_corpus, parametrize, read_interfaces, read_pairs


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run a test that takes `pair` or `record` once for each of them."""
    parametrize(metafunc, {"pair": read_pairs, "record": from_corpus(read_interfaces)})
