"""The table of results: each figure, its peer's, their ratio, and the budget."""

from __future__ import annotations

import os
import platform
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

HEADINGS = ("what", "Event Archive", "peer", "figure", "at least", "aim", "met")


@dataclass(frozen=True, slots=True)
class Budget:
    """Bounds for a figure; with `floor`, more is better."""

    at_least: float
    aim: float
    floor: bool = False

    def judge(self, figure: float) -> str:
        for name, bound in (("aim", self.aim), ("at least", self.at_least)):
            if figure >= bound if self.floor else figure <= bound:
                return name
        return "no"


@dataclass(frozen=True, slots=True)
class Result:
    """A row: `figure` is what the budget bounds, `shape` how it is written."""

    what: str
    ours: str
    peer: str = ""
    figure: float | None = None
    shape: str = "{:.2f}x"
    budget: Budget | None = None

    def cells(self) -> tuple[str, ...]:
        figure = "" if self.figure is None else self.shape.format(self.figure)
        if self.figure is None or self.budget is None:
            return self.what, self.ours, self.peer, figure, "", "", ""
        bounds = (self.shape.format(bound) for bound in (self.budget.at_least, self.budget.aim))
        return self.what, self.ours, self.peer, figure, *bounds, self.budget.judge(self.figure)


def render_table(results: Sequence[Result]) -> str:
    """A Markdown table, aligned for the terminal too."""
    rows = [HEADINGS, *(result.cells() for result in results)]
    widths = [max(len(row[at]) for row in rows) for at in range(len(HEADINGS))]
    lines = [
        "| " + " | ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) + " |"
        for row in rows
    ]
    rule = "|" + "|".join("-" * (width + 2) for width in widths) + "|"
    return "\n".join([lines[0], rule, *lines[1:]])


def describe_machine() -> str:
    """Processor, cores, how busy it was, and the versions that matter."""
    packages = ("event-archive", "duckdb", "pyarrow", "msgspec", "orjson")
    versions = ", ".join(f"{name} {version(name)}" for name in packages)
    load = os.getloadavg()[0]
    return (
        f"{_name_processor()}, {os.cpu_count()} cores, load average {load:.1f} at the start; "
        f"Python {platform.python_version()}, {versions}"
    )


def _name_processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()
