"""Make exports as production has them: `python benchmarks/corpus.py --events 40000 --out DIR`.

The same arguments give the same bytes. Within a group the text repeats, as it does in reality:
stack, source lines, tags. IDs, times, variables, breadcrumbs, users and request differ from
event to event, and a few events carry a large `context`. Functions, applications and groups have
variables, contexts, tags and extra data with keys of their own.
"""

from __future__ import annotations

import argparse
import random
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from itertools import accumulate
from pathlib import Path
from typing import NamedTuple

from groups import Group
from shapes import show_crumb, show_event, show_user
from slots import Template, compact
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
CRUMBS = (5, 60)  # fewest and most breadcrumbs
PAGE = 100
LARGEST_EXTRA = 256_000  # Sentry's own bound on the whole of `extra`
CLIENTS = [
    {"browser": browser, "browser_version": version, "os": system, "os_version": release,
     "agent": f"Mozilla/5.0 ({system} {release}) AppleWebKit/537.36 {browser}/{version}"}
    for browser, version in (("Chrome", "142.0.0"), ("Chrome", "141.0.0"), ("Firefox", "145.0"))
    for system, release in (("Windows", "11"), ("Mac OS X", "15.1"), ("Android", "16"))
]  # fmt: skip


class Exported(NamedTuple):
    """An event as the API serves it, and what the layouts need to know of it."""

    slug: str
    event_id: str
    when: datetime
    text: bytes


def generate(events: int, seed: int, shape: str = "api", small: bool = False) -> Iterator[Exported]:
    """Events of all projects in the order in which they happened."""
    rng = random.Random(seed)
    applications = [Application.draw(*project, rng) for project in PROJECTS]
    draw = Group.draw_small if small else Group.draw
    groups = [draw(6_000_000 + n, applications[n % len(PROJECTS)], rng) for n in range(GROUPS)]
    weights = list(accumulate(1 / (rank + 1) for rank in range(GROUPS)))  # Zipf's law
    users = [_draw_user(rng, shape) for _ in range(USERS)]
    style = Style.of(shape)

    for number in range(events):
        passed = (number + rng.random()) / events
        when = START + SPAN * passed
        group = rng.choices(groups, cum_weights=weights)[0]
        event_id = _hex(rng, 128)
        received = when + timedelta(seconds=0.1 + rng.expovariate(2))
        values: dict[str, object] = {
            "id": event_id,
            "group": group.number,
            "environment": "production" if rng.random() < 0.9 else "staging",
            "server": _hex(rng, 5),
            "created": _format(when),
            "created_epoch": f"{when.timestamp():.3f}",
            "received": _format(received),
            "received_epoch": f"{received.timestamp():.3f}",
            "size": 700,
        }
        if not small:
            values |= _draw_surroundings(group, when, rng, style)
            values["user_id"], values["user"] = users[int(USERS * rng.random() ** 2)]
        text = style.encode(group, int(RELEASES * passed)).fill(values, rng)
        if shape == "eventids":
            text = _answer(group, event_id, text)
        yield Exported(group.application.slug, event_id, when, text.encode())


def _answer(group: Group, event_id: str, event: str) -> str:
    """The answer of `GET /organizations/{org}/eventids/{id}/`."""
    slug = group.application.slug
    return (
        f'{{"organizationSlug":"acme","projectSlug":"{slug}","groupId":"{group.number}",'
        f'"eventId":"{event_id}","event":{event}}}'
    )


@dataclass(frozen=True, slots=True)
class Style:
    """How events are written down, each group once."""

    encode: Callable[[Group, int], Template]
    encode_crumbs: Callable[[Group], tuple[Template, ...]]
    encode_extra: Callable[[Group], Template]
    format: Callable[[datetime], str]

    @classmethod
    def of(cls, shape: str) -> Style:
        is_stored = shape == "store"
        show = dict if is_stored else show_event
        show_one = dict if is_stored else show_crumb
        return cls(
            cache(lambda group, release: Template(show(group.describe(release)))),
            cache(lambda group: tuple(Template(show_one(crumb)) for crumb in group.crumbs)),
            cache(lambda group: Template(group.extra)),
            (lambda when: f"{when.timestamp():.3f}") if is_stored else _format,
        )


def _draw_surroundings(
    group: Group, when: datetime, rng: random.Random, style: Style
) -> dict[str, object]:
    """Data that is unique to an event."""
    crumbs, extra = _draw_crumbs(group, when, rng, style), _draw_extra(group, rng, style)
    return {
        "size": 9_000 + len(crumbs) + len(extra),
        "crumbs": crumbs,
        "extra": extra,
        "trace": _hex(rng, 128),
        "span": _hex(rng, 64),
        "parent": _hex(rng, 64),
        "plan": rng.choice(("free", "team", "business")),
        **rng.choice(CLIENTS),
    }


def _draw_crumbs(group: Group, when: datetime, rng: random.Random, style: Style) -> str:
    """A list of breadcrumbs, the last of them just before the event."""
    crumbs, templates = [], style.encode_crumbs(group)
    for _ in range(draw_skewed(rng, *CRUMBS)):
        when -= timedelta(seconds=rng.expovariate(2))
        template = templates[int(len(templates) * rng.random())]
        crumbs.append(template.fill({"when": style.format(when)}, rng))
    return f"[{','.join(reversed(crumbs))}]"


def _draw_extra(group: Group, rng: random.Random, style: Style) -> str:
    """Extra data: usually little, occasionally a lot."""
    size = min(150 * rng.paretovariate(1), LARGEST_EXTRA)
    if size < 300:
        return "{}"
    template = style.encode_extra(group)
    rows = [template.fill({}, rng) for _ in range(int(size / 120))]
    return f'{{"waiting":[{",".join(rows)}]}}'


def _draw_user(rng: random.Random, shape: str) -> tuple[str, str]:
    user_id, name = str(rng.randrange(10**6, 10**7)), _hex(rng, 32)
    address = ".".join(str(rng.randrange(1, 255)) for _ in range(4))
    user = {
        "id": user_id, "email": f"{name}@example.com", "username": name, "ip_address": address,
        "geo": {"country_code": "NZ", "city": "Ōtautahi", "region": "New Zealand"},
    }  # fmt: skip
    return user_id, compact(user if shape == "store" else show_user(user))


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


def write_one(events: Iterator[Exported], count: int, out: Path) -> None:
    """One file."""
    with (out / "dump.ndjson").open("wb") as file:
        file.writelines(event.text + b"\n" for event in events)


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
    "one": write_one,
    "pages": write_pages,
    "files": write_files,
}


def main() -> None:
    """Write a corpus and say how large it is."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--events", type=int, default=40_000)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--layout", choices=LAYOUTS, default="ndjson")
    parser.add_argument("--shape", choices=("api", "eventids", "store"), default="api")
    parser.add_argument("--small", action="store_true", help="events of one frame or none")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    started = time.perf_counter()
    events = generate(options.events, options.seed, options.shape, options.small)
    LAYOUTS[options.layout](events, options.events, options.out)
    took = time.perf_counter() - started
    size = sum(path.stat().st_size for path in options.out.rglob("*") if path.is_file())
    print(
        f"{options.events:,} events, {size / 1e6:,.1f} MB, {size / options.events / 1e3:.1f} KB "
        f"an event, {size / took / 1e6:.0f} MB/s"
    )


if __name__ == "__main__":
    main()
