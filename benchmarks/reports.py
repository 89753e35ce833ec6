"""What each report costs on an archive: `python benchmarks/reports.py ARCHIVE`.

Each report runs twice in a process of its own; the second run has the parts checked already.
CPU time, because it hardly depends on what else the machine does.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from pathlib import Path

from measure import run

import archive
from archive.query.reports import list_reports

EXAMPLES = """
SELECT {
    function: (SELECT mode(function) FROM frames),
    caller: (SELECT mode(function) FROM frames WHERE frame_index = 0),
    callee: (SELECT mode(function) FROM frames WHERE frame_index = 1),
    issue: (SELECT mode(group_id) FROM events),
    since: (SELECT min(timestamp) + (max(timestamp) - min(timestamp)) / 2 FROM events),
    old: (SELECT min(release) FROM events),
    new: (SELECT max(release) FROM events),
    key: 'environment',
    trace: (SELECT coalesce(max(trace_id), '') FROM events),
    user: (SELECT coalesce(mode("user"), '') FROM events)
}
"""


def time_report(path: str, name: str, values: dict[str, str]) -> None:
    """Run a report twice and print the wall and CPU seconds of each run."""
    with archive.open(path) as events:
        for _ in range(2):
            started, used = time.perf_counter(), time.process_time()
            rows = list(events.report(name, **values))
            wall, cpu = time.perf_counter() - started, time.process_time() - used
            print(json.dumps({"wall": wall, "cpu": cpu, "rows": rows}, default=str))


def main() -> None:
    """Measure every report, or those that are named."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("archive", type=Path)
    parser.add_argument("--report", action="append", help="only this report")
    parser.add_argument("--given", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.given:
        return time_report(str(options.archive), options.report[0], json.loads(options.given))
    with archive.open(options.archive) as events:
        ((examples,),) = events.sql(EXAMPLES)
    print("| report | first run, CPU s | second run, CPU s | wall s | peak memory, MB |")
    print("|---|---|---|---|---|")
    for report in list_reports():
        if options.report and report.name not in options.report:
            continue
        values = {p.name: str(examples[p.name]) for p in report.parameters if p.required}
        given = ["--report", report.name, "--given", json.dumps(values)]
        used = run([sys.executable, __file__, options.archive, *given])
        first, second = map(json.loads, used.output.splitlines())
        print(
            f"| {report.name} | {first['cpu']:.2f} | {second['cpu']:.2f} | {second['wall']:.2f} "
            f"| {used.peak / 1e6:,.0f} |"
        )
    return None


if __name__ == "__main__":
    main()
