"""Cut a load into tasks that any executor can run, in any order, more than once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from archive.events.flatten import Defaults
from archive.exports.limits import Limits
from archive.exports.slices import Slice, cut_source
from archive.exports.sources import Source

TASK_BYTES = 128 << 20
FEW_TASK_BYTES = 32 << 20  # where a load is small, so that it is several tasks all the same
FEW_TASKS = 4
TASK_FILES = 5_000


@dataclass(frozen=True, slots=True)
class LoadOptions:
    """How to load.

    max_rejects: stop, and commit nothing, at one reject more than this; None for no bound.
    """

    defaults: Defaults = field(default_factory=Defaults)
    limits: Limits = field(default_factory=Limits)
    max_rejects: int | None = None


@dataclass(frozen=True, slots=True)
class Task:
    """The unit of import: some sources, or a slice of one, read by one worker into its own parts.

    number: place of the task in the load; the parts' staged names follow from it, so that a
    task that is run again writes the same files.
    """

    load_id: str
    number: int
    slices: tuple[Slice, ...]
    options: LoadOptions

    def name_part(self, number: int) -> str:
        return f"{self.load_id}-task{self.number:06}-{number:04}"


def plan_tasks(load_id: str, sources: Iterable[Source], options: LoadOptions) -> Iterator[Task]:
    """Batch small sources together and cut large ones, in order.

    The plan does not depend on how many workers there are, nor does what they make of it.
    """
    sources = list(sources)
    bound = _bound_task(sum(source.size for source in sources))
    batch: list[Slice] = []
    number = size = 0
    for piece in (piece for source in sources for piece in cut_source(source, bound)):
        if batch and (size + piece.size > bound or len(batch) == TASK_FILES):
            yield Task(load_id, number, tuple(batch), options)
            number, size, batch = number + 1, 0, []
        batch.append(piece)
        size += piece.size
    if batch:
        yield Task(load_id, number, tuple(batch), options)


def _bound_task(total: int) -> int:
    """How much a task reads at most; a small load, too, is more than one task."""
    return min(max(total // FEW_TASKS, FEW_TASK_BYTES), TASK_BYTES)
