"""Assign event keys: integers that join the rows of an event, unique in an archive.

Each commit has keys of its own. The keys of a part are consecutive, so that they take almost no
space and zone maps find them; a part that is rewritten without some events leaves gaps.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import chain, repeat

import pyarrow as pa

COMMIT_KEYS = 1 << 40  # for 8 million commits


def find_commit_keys(name: str) -> range:
    """Return the keys that a commit of this name can assign."""
    number = int(name.partition("-")[0])
    return range(number * COMMIT_KEYS, (number + 1) * COMMIT_KEYS)


def repeat_each(values: Iterable[int], counts: Iterable[int]) -> Iterator[int]:
    """Repeat the value of each event once for each of its rows in a table."""
    return chain.from_iterable(map(repeat, values, counts))


def with_event_keys(rows: pa.Table, keys: Iterable[int]) -> pa.Table:
    """Set the key of each row."""
    position = rows.schema.get_field_index("event_key")
    column = pa.array(keys, pa.int64(), size=rows.num_rows)
    return rows.set_column(position, rows.schema.field(position), column)
