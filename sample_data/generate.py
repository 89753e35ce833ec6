"""Make the sample exports: `python sample_data/generate.py`."""

from __future__ import annotations

import gzip
import io
import json
import zlib
from collections import Counter
from collections.abc import Iterable
from datetime import datetime, timedelta
from pathlib import Path

from events import Json, all_events, compact, detail_json, simple_json
from issues import ISSUES, NO_PRICE, PROJECTS, QUOTES, TIMEOUTS, Project

HERE = Path(__file__).parent
EXPORTS = HERE / "exports"
ORGANIZATION = {
    "id": "1",
    "slug": "the-interstellar-jurisdiction",
    "name": "The Interstellar Jurisdiction",
}
SHOWCASE = 38  # the timeout that is exported as a list row, a full event and an event detail


def write(name: str, data: str | bytes) -> None:
    path = EXPORTS / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data.encode() if isinstance(data, str) else data)


def gzipped(text: str, *, cut_off: bool = False) -> bytes:
    """Gzip without a time in it; cut off, everything written is there but the stream never ends."""
    out = io.BytesIO()
    with gzip.GzipFile("", "wb", compresslevel=9, fileobj=out, mtime=0) as stream:
        stream.write(text.encode())
        stream.flush()
        unfinished = out.getvalue()
    return unfinished if cut_off else out.getvalue()


def pretty(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, indent=2) + "\n"


def write_exports() -> None:
    for old in EXPORTS.rglob("*"):
        if old.is_file() and old.parent.name != "eventids":
            old.unlink()
    events = all_events()
    by_group = {i.group: [e for other, e in events if other is i] for i in ISSUES}
    events.sort(key=lambda pair: datetime.fromisoformat(pair[1]["dateCreated"]))
    by_project = {slug: [e for i, e in events if i.project == slug] for slug in PROJECTS}

    # Three new events came in while the first page was being read: three rows are on both.
    rows = [simple_json(event) for event in reversed(by_project["checkout-api"])]
    write("checkout-api-events-page-1.json", compact(rows[:100]))
    write("checkout-api-events-page-2.json", compact(rows[97:197]))
    # `full=true` gives ten events a page.
    timeouts = by_group[TIMEOUTS]
    write(f"issue-{QUOTES}-events-full.json", pretty(by_group[QUOTES][::-1]))
    write(f"issue-{TIMEOUTS}-events-full.json", pretty(timeouts[:-11:-1]))
    write(f"issue-{NO_PRICE}-events-full.json", pretty(by_group[NO_PRICE][:-15:-1]))
    before, shown, after = timeouts[SHOWCASE - 1 : SHOWCASE + 2]
    write(f"event-detail-{shown['eventID']}.json", compact(detail_json(shown, before, after)))

    october = [compact(e) for e in by_project["storefront"] if e["dateCreated"] < "2026-11"]
    october += october[40:42]  # a retried request
    write("storefront-2026-10.ndjson.gz", gzipped("\n".join(october) + "\n"))
    *whole, last = [compact(event) for event in by_project["checkout-api"][:61]]
    half = "\n".join([*whole, last[: len(last) // 2]])
    write("damaged-download.ndjson.gz", gzipped(half, cut_off=True))

    for n, event in enumerate(by_project["ios-app"]):
        created = datetime.fromisoformat(event["dateCreated"])
        for late in (0, 1)[: 1 + (n in {8, 30})]:  # two were delivered again the next day
            folder = f"{created + timedelta(days=late):%Y-%m-%d}"
            write(f"s3-data-forwarding/ios-app/{folder}/{event['eventID']}", compact(event))


def projects_json() -> list[Json]:
    pump = Project("2", "pump-station", "Pump Station", "python", ("", ""), "", ())
    return [
        {"id": p.id, "slug": p.slug, "name": p.name, "platform": p.platform, "isMember": True,
         "hasAccess": True, "status": "active", "organization": ORGANIZATION}
        for p in (*PROJECTS.values(), pump)
    ]  # fmt: skip


# --- what a reader should find -----------------------------------------------------------------


def readable(path: Path) -> list[Json]:
    """The whole records of a file, read in the plainest way."""
    data = path.read_bytes()
    if path.suffix == ".gz":
        lines = zlib.decompressobj(31).decompress(data).split(b"\n")
        return [json.loads(line) for line in lines[:-1]]
    value = json.loads(data)
    found = value if isinstance(value, list) else [value]
    return [record.get("event", record) for record in found]


def stacks_of(event: Json) -> Iterable[tuple[str, list[Json]]]:
    for entry in event.get("entries", []):
        if entry["type"] == "stacktrace":
            yield "stacktrace", entry["data"]["frames"]
        elif entry["type"] in {"exception", "threads"}:
            for value in entry["data"]["values"]:
                yield entry["type"], (value["stacktrace"] or {"frames": []})["frames"]


def ranked(counts: Counter[str]) -> dict[str, int]:
    return dict(sorted(counts.items(), key=lambda item: (-item[1], item[0])))


def expected() -> Json:
    """Counts taken from the files just written, without any of the archive's own code."""
    slugs = {project["id"]: project["slug"] for project in projects_json()}
    records: dict[str, int] = {}
    unique: dict[tuple[str, str], Json] = {}
    for path in sorted(p for p in EXPORTS.rglob("*") if p.is_file()):
        name = path.relative_to(EXPORTS)
        found = readable(path)
        top = name.parts[0]
        records[top] = records.get(top, 0) + len(found)
        for record in found:
            key = (record["projectID"], record["eventID"])
            if key not in unique or "entries" in record:
                unique[key] = record
    tags: dict[str, Counter[str]] = {}
    projects: Counter[str] = Counter()
    frames: Counter[str] = Counter()
    functions: Counter[str] = Counter()
    without_value = 0
    for event in unique.values():
        projects[slugs[event["projectID"]]] += 1
        for tag in event["tags"]:
            tags.setdefault(tag["key"], Counter())[tag["value"]] += 1
            without_value += tag["value"] is None
        for source, stack in stacks_of(event):
            frames[source] += len(stack)
            if source == "exception":
                functions.update(frame["function"] for frame in stack if frame["inApp"])
    full = sum("entries" in event for event in unique.values())
    return {
        "records": sum(records.values()),
        "records_by_source": records,
        "unique_events": len(unique),
        "unique_full": full,
        "unique_simple_only": len(unique) - full,
        "events_by_project": ranked(projects),
        "events_by_level": ranked(tags["level"]),
        "events_by_environment": ranked(tags["environment"]),
        "events_by_browser_name": ranked(tags["browser.name"]),
        "frames": {**frames, "total": frames.total()},
        "tags": sum(counts.total() for counts in tags.values()) - without_value,
        "tags_without_value": without_value,
        "top_in_app_functions": dict(list(ranked(functions).items())[:5]),
        "showcase": next(EXPORTS.glob("event-detail-*")).stem.removeprefix("event-detail-"),
    }


if __name__ == "__main__":
    write_exports()
    (HERE / "projects.json").write_text(pretty(projects_json()), encoding="utf-8", newline="\n")
    (HERE / "expected.json").write_text(pretty(expected()), encoding="utf-8", newline="\n")
