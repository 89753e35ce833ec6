"""Choose which files of a table to merge, so that few remain and rows are seldom rewritten.

This is a log-structured merge: whatever the sizes of the commits, the number of files, and how
often a row is rewritten, grow with the logarithm of the number of rows.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

FAN = 8


def count_newest(sizes: Sequence[int], new: int, fan: int = FAN) -> int:
    """Count the newest files to merge with a new one, which keeps the number of files minimal.

    Each file is then at least `fan` times as large as the next newer one. A row is rewritten
    about fan / 2 times until its file has `fan` times the size.

    sizes: of the files, oldest first.
    """
    gathered, count = new, 0
    for size in reversed(sizes):
        if size >= fan * gathered:
            break
        gathered += size
        count += 1
    return count


def count_smallest(sizes: Iterable[int], fan: int = FAN) -> int:
    """Count the smallest files to merge with each other, which keeps the rewriting minimal.

    These are at least `fan` files, none larger than 2 / fan of their sum: a row's file grows at
    least fan / 2 times whenever the row is rewritten. The order of the files must not matter.
    """
    total = best = 0
    for count, size in enumerate(sorted(sizes), 1):
        total += size
        if count >= fan and size * fan <= total * 2:
            best = count
    return best
