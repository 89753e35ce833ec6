"""Merging in tiers: few files, and little rewriting, whatever the sizes of the commits."""

from __future__ import annotations

from itertools import pairwise
from math import log

from hypothesis import given
from hypothesis import strategies as st

from archive.storage.tiers import FAN, count_newest, count_smallest

SIZES = st.lists(st.integers(1, 10_000), min_size=1, max_size=300)
FANS = st.integers(4, 8)


@given(SIZES, FANS)
def test_newest_files_are_few_and_seldom_rewritten(sizes: list[int], fan: int) -> None:
    files: list[int] = []
    rewritten = 0
    for size in sizes:
        start = len(files) - count_newest(files, size, fan)
        rewritten += sum(files[start:])
        files[start:] = [sum(files[start:]) + size]
        assert all(old >= fan * new for old, new in pairwise(files))
    total = sum(sizes)
    assert sum(files) == total
    assert len(files) <= 1 + log(total, fan)
    assert rewritten <= total * log(total, 1 + 1 / fan)


@given(SIZES, FANS)
def test_smallest_files_are_few_and_seldom_rewritten(sizes: list[int], fan: int) -> None:
    files: list[int] = []
    rewritten = 0
    for size in sizes:
        files = sorted([*files, size])
        count = count_smallest(files, fan)
        merged = files[:count]
        assert all(2 * sum(merged) >= fan * old for old in merged)
        rewritten += sum(merged)
        files[:count] = [sum(merged)] * bool(merged)
    total = sum(sizes)
    assert sum(files) == total
    assert len(files) <= fan + log(total, fan / (fan - 2))
    assert rewritten <= total * log(total, fan / 2)


def test_ten_years_of_equal_loads() -> None:
    """3,650 nightly loads of 1,000 rows."""
    newest: list[int] = []
    smallest: list[int] = []
    rewritten = {"newest": 0, "smallest": 0}
    for _ in range(3_650):
        start = len(newest) - count_newest(newest, 1_000)
        rewritten["newest"] += sum(newest[start:])
        newest[start:] = [sum(newest[start:]) + 1_000]
        smallest = sorted([*smallest, 1_000])
        count = count_smallest(smallest)
        rewritten["smallest"] += sum(smallest[:count])
        smallest[:count] = [sum(smallest[:count])] * bool(count)
    assert len(newest) <= 4
    assert len(smallest) <= 4 * FAN
    per_row = {name: count / 3_650_000 for name, count in rewritten.items()}
    assert per_row["newest"] < 18
    assert per_row["smallest"] < 4
