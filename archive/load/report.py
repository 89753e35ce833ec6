"""Progress and result of a load."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from archive.events.exactness import Exactness
from archive.load.deduplicate import Deduplication
from archive.load.task import RejectSample, TaskResult


@dataclass(frozen=True, slots=True)
class Progress:
    """The progress of a load, in bytes of the sources on disk.

    total: 0 if unknown. committing: whether everything has been read.
    """

    done: int
    total: int
    committing: bool = False


@dataclass(slots=True)
class LoadReport:
    """The result of a load: read = stored + updated + duplicate + learned + skipped + rejected.

    load_id: None if there was nothing to commit.
    known_sources: number of sources that were loaded before and not read again.
    known_rejects: number of those that had rejected records.
    ignored: number of files in directories that were not read, by kind.
    learned: number of stored records that are not events, by kind.
    skipped: number of other records that are not events, by kind.
    exactness: how the events that were read will be answered.
    reject_samples: the first rejects; all of them are in the file `rejects`.
    """

    load_id: str | None = None
    sources: int = 0
    known_sources: int = 0
    known_rejects: int = 0
    ignored: dict[str, int] = field(default_factory=dict)
    read: int = 0
    stored: int = 0
    updated: int = 0
    duplicate: int = 0
    rejected: int = 0
    learned: dict[str, int] = field(default_factory=dict)
    skipped: dict[str, int] = field(default_factory=dict)
    exactness: Exactness = field(default_factory=Exactness)
    reject_samples: list[RejectSample] = field(default_factory=list)
    rejects: Path | None = None

    @property
    def accounted(self) -> int:
        """The number of records with a known outcome."""
        events = self.stored + self.updated + self.duplicate
        others = sum(self.learned.values()) + sum(self.skipped.values())
        return events + others + self.rejected


def count_outcomes(results: list[TaskResult], deduplication: Deduplication) -> LoadReport:
    """Add up the outcomes of all records; raises AssertionError if any is unaccounted for."""
    learned: Counter[str] = Counter()
    skipped: Counter[str] = Counter()
    exactness = Exactness()
    for result in results:
        learned.update(result.learned)
        skipped.update(result.skipped)
        exactness.add(result.exactness)
    report = LoadReport(
        read=sum(result.read for result in results),
        stored=deduplication.stored,
        updated=deduplication.updated,
        duplicate=deduplication.duplicate,
        rejected=sum(result.rejected for result in results),
        learned=dict(sorted(learned.items())),
        skipped=dict(sorted(skipped.items())),
        exactness=exactness,
        reject_samples=[sample for result in results for sample in result.reject_samples],
    )
    if report.read != report.accounted:
        raise AssertionError(f"records were lost in the count: {report}")
    return report
