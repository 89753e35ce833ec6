"""What a load tells: on its way, and when it has ended."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from archive.events.exactness import Exactness
from archive.load.deduplicate import Deduplication
from archive.load.task import RejectSample, TaskResult


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a load is, in bytes of the sources as they are on disk.

    total: 0 if it cannot be known. committing: everything has been read.
    """

    done: int
    total: int
    committing: bool = False


@dataclass(slots=True)
class LoadReport:
    """How a load ended: read = stored + updated + duplicate + learned + skipped + rejected.

    load_id: None where nothing had to be committed.
    known_sources: sources that had been loaded before, and were not read again; of them,
    known_rejects had records that were rejected.
    left_alone: what lay in the directories and was not read, by kind.
    learned: records that are not events and that the archive learned from, by kind.
    skipped: records of other kinds that are not events, by kind.
    exactness: how the events read are answered.
    faults: the first rejects, for people; all are in the file `rejects`.
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
        """How many of the records read ended in a known way."""
        events = self.stored + self.updated + self.duplicate
        others = sum(self.learned.values()) + sum(self.skipped.values())
        return events + others + self.rejected


def count_outcomes(results: list[TaskResult], deduplication: Deduplication) -> LoadReport:
    """Add up what became of every record; raises AssertionError if one is unaccounted for."""
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
        reject_samples=[fault for result in results for fault in result.reject_samples],
    )
    if report.read != report.accounted:
        raise AssertionError(f"records were lost in the count: {report}")
    return report
