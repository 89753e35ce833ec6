"""Split a load into tasks, which can run in any order and more than once."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from math import ceil

from archive.events.flatten import Defaults
from archive.exports.limits import Limits
from archive.exports.slices import Slice, cut_source
from archive.exports.sources import Source
from archive.tables.keys import find_commit_keys
from archive.version import VERSION

TASK_BYTES = 128 << 20
FEW_TASK_BYTES = 32 << 20  # for small loads, so that they have several tasks too
FEW_TASKS = 4
TASK_FILES = 5_000


@dataclass(frozen=True, slots=True)
class LoadOptions:
    """How to load.

    max_rejects: stop without committing if there are more rejects; None for no limit.
    """

    defaults: Defaults = field(default_factory=Defaults)
    limits: Limits = field(default_factory=Limits)
    max_rejects: int | None = None


@dataclass(frozen=True, slots=True)
class Task:
    """Some sources, or a slice of one, that one worker reads into its own parts.

    number: position of the task in the load. keys: for its events. version: of the program that
    planned it.
    """

    load_id: str
    number: int
    slices: tuple[Slice, ...]
    options: LoadOptions
    keys: range
    version: str = VERSION

    def name_attempt(self) -> str:
        """Return a new name, with which those of all files of one attempt begin.

        A late attempt, whose task was repeated meanwhile, then writes to files of its own.
        """
        return f"{self.load_id}-task{self.number:06}-{secrets.token_hex(4)}"


def plan_tasks(load_id: str, sources: Iterable[Source], options: LoadOptions) -> Iterator[Task]:
    """Group small sources and split large ones, in order, regardless of the number of workers."""
    batches = list(_group_slices(list(sources)))
    keys = find_commit_keys(load_id)
    share = len(keys) // max(len(batches), 1)
    for number, batch in enumerate(batches):
        yield Task(load_id, number, batch, options, keys[number * share : (number + 1) * share])


def _group_slices(sources: list[Source]) -> Iterator[tuple[Slice, ...]]:
    bound = _bound_task(sum(source.size for source in sources))
    batch: list[Slice] = []
    size = 0
    for piece in (piece for source in sources for piece in cut_source(source, bound)):
        if batch and (size + piece.size > bound or len(batch) == TASK_FILES):
            yield tuple(batch)
            size, batch = 0, []
        batch.append(piece)
        size += piece.size
    if batch:
        yield tuple(batch)


def _bound_task(total: int) -> int:
    """Return the maximum number of bytes per task."""
    return min(max(ceil(total / FEW_TASKS), FEW_TASK_BYTES), TASK_BYTES)
