"""Make exports as production has them: `python benchmarks/corpus.py --events 40000 --out DIR`.

The same arguments give the same bytes. Within a group the text repeats, as it does in reality:
stack, source lines, tags. IDs, times, variables, breadcrumbs, users and request differ from
event to event, and a few events carry a large `context`.
"""

from __future__ import annotations

import argparse
import random
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from functools import cache
from itertools import accumulate
from pathlib import Path
from typing import NamedTuple

from groups import Group, Template, compact
from stacks import Application, draw_skewed

PROJECTS = (
    ("4504044639748096", "storefront", "javascript"),
    ("4504044641107968", "checkout-api", "python"),
    ("4504044642549760", "landing-pages", "javascript"),
    ("4504044643991552", "warehouse", "python"),
    ("4504044645433344", "admin-console", "javascript"),
)
GROUPS = 500
USERS = 20_000
START = datetime(2026, 10, 1, tzinfo=UTC)
SPAN = timedelta(days=30)
RELEASES = 8  # one about every four days
CRUMBS = (6, 80)  # fewest and most breadcrumbs
PAGE = 100
LARGEST_EXTRA = 256_000  # Sentry's own bound on the whole of `extra`
CLIENTS = [
    {"browser": browser, "browser_version": version, "os": system, "os_version": release,
     "agent": f"Mozilla/5.0 ({system} {release}) AppleWebKit/537.36 {browser}/{version}"}
    for browser, version in (("Chrome", "142.0.0"), ("Chrome", "141.0.0"), ("Firefox", "145.0"))
    for system, release in (("Windows", "11"), ("Mac OS X", "15.1"), ("Android", "16"))
]  # fmt: skip
EXTRA_ROW = Template({"sku": "ACME-«number»", "held": "«small»", "price": "«amount»",
                      "state": "waiting for the carrier", "ref": "«uuid»"})  # fmt: skip


class Exported(NamedTuple):
    """An event as the API serves it, and what the layouts need to know of it."""

    slug: str
    event_id: str
    when: datetime
    text: bytes


def generate(events: int, seed: int) -> Iterator[Exported]:
    """Events of all projects in the order in which they happened."""
    rng = random.Random(seed)
    applications = [Application.draw(*project, rng) for project in PROJECTS]
    groups = [
        Group.draw(6_000_000 + n, applications[n % len(PROJECTS)], rng) for n in range(GROUPS)
    ]
    weights = list(accumulate(1 / (rank + 1) for rank in range(GROUPS)))  # Zipf's law
    users = [_draw_user(rng) for _ in range(USERS)]

    @cache
    def encode(group: Group, release: int) -> Template:
        return group.encode(release)

    for number in range(events):
        passed = (number + rng.random()) / events
        when = START + SPAN * passed
        group = rng.choices(groups, cum_weights=weights)[0]
        event_id = _hex(rng, 128)
        user_id, user = users[int(USERS * rng.random() ** 2)]
        crumbs, extra = _draw_crumbs(group, when, rng), _draw_extra(rng)
        values = {
            "id": event_id,
            "size": 9_000 + len(crumbs) + len(extra),
            "crumbs": crumbs,
            "extra": extra,
            "user": user,
            "user_id": user_id,
            "trace": _hex(rng, 128),
            "span": _hex(rng, 64),
            "parent": _hex(rng, 64),
            "environment": "production" if rng.random() < 0.9 else "staging",
            "plan": rng.choice(("free", "team", "business")),
            "server": _hex(rng, 5),
            "created": _format(when),
            "received": _format(when + timedelta(seconds=0.1 + rng.expovariate(2))),
            **rng.choice(CLIENTS),
        }
        text = encode(group, int(RELEASES * passed)).fill(values, rng)
        yield Exported(group.application.slug, event_id, when, text.encode())


def _draw_crumbs(group: Group, when: datetime, rng: random.Random) -> str:
    """A list of breadcrumbs, the last of them just before the event."""
    crumbs = []
    for _ in range(draw_skewed(rng, *CRUMBS)):
        when -= timedelta(seconds=rng.expovariate(2))
        template = group.crumbs[int(len(group.crumbs) * rng.random())]
        crumbs.append(template.fill({"when": _format(when)}, rng))
    return f"[{','.join(reversed(crumbs))}]"


def _draw_extra(rng: random.Random) -> str:
    """What the program told beside: little as a rule, and now and then very much."""
    size = min(150 * rng.paretovariate(1), LARGEST_EXTRA)
    if size < 300:
        return "{}"
    rows = [EXTRA_ROW.fill({}, rng) for _ in range(int(size / 120))]
    return f'{{"waiting":[{",".join(rows)}]}}'


def _draw_user(rng: random.Random) -> tuple[str, str]:
    user_id, name = str(rng.randrange(10**6, 10**7)), _hex(rng, 32)
    address = ".".join(str(rng.randrange(1, 255)) for _ in range(4))
    return user_id, compact({
        "id": user_id, "email": f"{name}@example.com", "username": name, "ip_address": address,
        "name": None, "geo": {"country_code": "NZ", "city": "Ōtautahi", "region": "New Zealand"},
        "data": None,
    })  # fmt: skip


def _hex(rng: random.Random, bits: int) -> str:
    return f"{rng.getrandbits(bits):0{bits // 4}x}"


def _format(when: datetime) -> str:
    """ISO 8601 with milliseconds, spelled with six digits as the API does."""
    return f"{when.isoformat(timespec='milliseconds')[:23]}000Z"


# --- layouts ---------------------------------------------------------------------------------


def write_ndjson(events: Iterator[Exported], count: int, out: Path) -> None:
    """One file with the younger two thirds of the events, and four with the older."""
    with ExitStack() as stack:
        names = ("dump-1", "dump-2", "dump-3", "dump-4", "dump-all")
        files = [stack.enter_context((out / f"{name}.ndjson").open("wb")) for name in names]
        for number, event in enumerate(events):
            files[min(number * 12 // count, 4)].write(event.text + b"\n")


def write_pages(events: Iterator[Exported], count: int, out: Path) -> None:
    """JSON arrays of a hundred events of one project, as its event list is paged."""
    pages: defaultdict[str, list[bytes]] = defaultdict(list)
    written = 0

    def write(slug: str) -> None:
        nonlocal written
        written += 1
        path = out / f"{slug}-{written:05}.json"
        path.write_bytes(b"[" + b",".join(pages.pop(slug)) + b"]")

    for event in events:
        pages[event.slug].append(event.text)
        if len(pages[event.slug]) == PAGE:
            write(event.slug)
    for slug in list(pages):
        write(slug)


def write_files(events: Iterator[Exported], count: int, out: Path) -> None:
    """One event a file, as Sentry's forwarding to S3 lays them out."""
    for event in events:
        directory = out / event.slug / f"{event.when:%Y-%m-%d}"
        directory.mkdir(parents=True, exist_ok=True)
        (directory / event.event_id).write_bytes(event.text)


LAYOUTS: dict[str, Callable[[Iterator[Exported], int, Path], None]] = {
    "ndjson": write_ndjson,
    "pages": write_pages,
    "files": write_files,
}


def main() -> None:
    """Write a corpus and say how large it is."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--events", type=int, default=40_000)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--layout", choices=LAYOUTS, default="ndjson")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    started = time.perf_counter()
    LAYOUTS[options.layout](generate(options.events, options.seed), options.events, options.out)
    took = time.perf_counter() - started
    size = sum(path.stat().st_size for path in options.out.rglob("*") if path.is_file())
    print(
        f"{options.events:,} events, {size / 1e6:,.1f} MB, {size / options.events / 1e3:.1f} KB "
        f"an event, {size / took / 1e6:.0f} MB/s"
    )


if __name__ == "__main__":
    main()
