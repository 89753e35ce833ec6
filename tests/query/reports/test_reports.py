"""Every report on sample_data/, against numbers counted in Python from the events' JSON."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from itertools import combinations
from statistics import median, pstdev
from typing import Any

import pytest

import archive
from archive.query.reports import Report, list_reports
from tests.builders import CheckGolden, Run
from tests.query.reports.plain import Event, Frame, find_crash, read_events

FlatEvent = Iterable[tuple[Any, ...]]
SINCE = datetime(2026, 11, 1, tzinfo=UTC)
ALL = 100_000


def group_by(events: Iterable[Event], key: Callable[[Event], Any]) -> dict[Any, list[Event]]:
    grouped: dict[Any, list[Event]] = defaultdict(list)
    for event in events:
        grouped[key(event)].append(event)
    return grouped


def percent(part: int, whole: int) -> float:
    return (2000 * part + whole) // (2 * whole) / 10  # halves go up, as in SQL


def count_users(events: Iterable[Event]) -> int:
    return len({event.who for event in events} - {None})


def find_title(events: list[Event]) -> str:
    return max(events, key=lambda event: event.time).title


def list_stacks(event: Event) -> list[list[Frame]]:
    stacks: dict[Any, list[Frame]] = defaultdict(list)
    for frame in event.frames:
        stacks[frame.stack].append(frame)
    return list(stacks.values())


def top_frames(events: list[Event]) -> FlatEvent:
    crashes = Counter(
        (crash.function, crash.place)
        for event in events
        if (crash := find_crash(event)) and crash.in_app
    )
    seen: dict[Any, list[tuple[Event, Frame]]] = defaultdict(list)
    for event in events:
        for frame in event.frames:
            if frame.in_app:
                seen[frame.function, frame.place].append((event, frame))
    for (function, place), found in seen.items():
        ids, groups = {e.id for e, _ in found}, {e.group for e, _ in found}
        yield function, place, len(ids), len(found), crashes[function, place], len(groups)


def tag_values(events: list[Event]) -> FlatEvent:
    having = [event for event in events if "environment" in event.tags]
    for value, found in group_by(having, lambda event: event.tags["environment"]).items():
        yield value, len(found), percent(len(found), len(having)), len({e.group for e in found})


def events_per_day(events: list[Event]) -> FlatEvent:
    for day, found in group_by(events, lambda event: event.time.date()).items():
        levels = Counter(event.level for event in found)
        named = [levels[level] for level in ("fatal", "error", "warning", "info")]
        yield day, len(found), *named, len(found) - sum(named), len({e.group for e in found})


def crash_frames(events: list[Event]) -> FlatEvent:
    broken = [(event, crash) for event in events if (crash := find_crash(event))]
    seen: dict[Any, list[Event]] = defaultdict(list)
    for event, crash in broken:
        seen[crash.function, crash.place, event.release].append(event)
    for key, found in seen.items():
        yield *key, len(found), count_users(found), len({e.group for e in found})


def modules(events: list[Event]) -> FlatEvent:
    crashes = Counter(crash.place for event in events if (crash := find_crash(event)))
    seen: dict[Any, list[tuple[Event, Frame]]] = defaultdict(list)
    for event in events:
        for frame in event.frames:
            seen[frame.place].append((event, frame))
    for name, found in seen.items():
        functions = {f.function for _, f in found} - {None}
        in_app = sum(f.in_app for _, f in found)
        ids = {e.id for e, _ in found}
        yield name, len(ids), len(found), in_app, len(functions), crashes[name]


def function_over_time(events: list[Event]) -> FlatEvent:
    def stands(frame: Frame | None) -> bool:
        return frame is not None and frame.function == "lineTotal"

    having = [event for event in events if any(map(stands, event.frames))]
    for day, found in group_by(having, lambda event: event.day).items():
        crashes = sum(stands(find_crash(event)) for event in found)
        yield day, len(found), crashes, len({event.group for event in found})


def frame_pairs(events: list[Event]) -> FlatEvent:
    seen: dict[Any, list[tuple[Event, int]]] = defaultdict(list)
    for event in events:
        for stack in list_stacks(event):
            for out, into in combinations(stack, 2):
                if (out.function, into.function) == ("performWorkUntilDeadline", "CartDrawer"):
                    seen[out.place, into.place].append((event, into.index - out.index))
    for places, found in seen.items():
        calls = min(distance for _, distance in found)
        yield *places, calls, len({e.id for e, _ in found}), len({e.group for e, _ in found})


def callers(events: list[Event]) -> FlatEvent:
    seen: dict[Any, list[Event]] = defaultdict(list)
    for event in events:
        for stack in list_stacks(event):
            for out, into in zip([None, *stack], stack, strict=False):
                if into.function == "lineTotal":
                    seen[out and out.function, out and out.place, out and out.in_app].append(event)
    for key, found in seen.items():
        yield *key, len({event.id for event in found}), len({event.group for event in found})


def new_issues(events: list[Event]) -> FlatEvent:
    for group, found in group_by(events, lambda event: event.group).items():
        oldest, newest = min(found, key=lambda e: e.time), max(found, key=lambda e: e.time)
        if oldest.time >= SINCE:
            title, users = newest.title, count_users(found)
            yield (
                group, newest.project, title, oldest.time, newest.time, oldest.release,
                len(found), users,
            )  # fmt: skip


def regressions(events: list[Event]) -> FlatEvent:
    old, new = "checkout-api@4.1.0", "checkout-api@4.2.0"
    totals = Counter(event.release for event in events)
    began = min(event.time for event in events if event.release == new)
    for group, found in group_by(events, lambda event: event.group).items():
        before, after = (sum(e.release == release for e in found) for release in (old, new))
        if after / totals[new] > before / totals[old]:
            seen = "back" if min(event.time for event in found) < began else "new"
            change = "more" if before else seen
            shares = percent(before, totals[old]), percent(after, totals[new])
            users = count_users(event for event in found if event.release == new)
            yield group, found[0].project, find_title(found), change, before, after, *shares, users


def tag_keys(events: list[Event]) -> FlatEvent:
    for key in {key for event in events for key in event.tags}:
        values = Counter(event.tags[key] for event in events if key in event.tags)
        commonest = min(values, key=lambda value: (-values[value], value is None, value or ""))
        total = values.total()
        common = percent(values[commonest], total)
        yield key, total, percent(total, len(events)), len(values), commonest, common


def tag_releases(events: list[Event]) -> FlatEvent:
    having = [event for event in events if "browser.name" in event.tags]
    totals = Counter(event.release for event in having)
    pairs = group_by(having, lambda event: (event.tags["browser.name"], event.release))
    for (value, release), found in pairs.items():
        share = percent(len(found), totals[release])
        yield value, release, len(found), share, len({event.group for event in found})


def users_affected(events: list[Event]) -> FlatEvent:
    everyone = count_users(events)
    for group, found in group_by(events, lambda event: event.group).items():
        users, named = count_users(found), sum(event.who is not None for event in found)
        if users:
            average = round(named / users, 1)
            shares = percent(users, everyone), len(found), average
            yield group, found[0].project, find_title(found), users, *shares


def events_over_time(events: list[Event]) -> FlatEvent:
    for key, found in group_by(events, lambda event: (event.day, event.project)).items():
        yield *key, len(found), count_users(found)


def steady_issues(events: list[Event]) -> FlatEvent:
    for group, found in group_by(events, lambda event: event.group).items():
        counts = Counter(event.time.date().toordinal() for event in found)
        first, last = min(counts), max(counts)
        days = [counts[day] for day in range(first, last + 1)]
        if len(found) >= 5 and len(days) >= 7:
            mean = len(found) / len(days)
            variation = round(pstdev(days) / mean, 2)
            yield group, find_title(found), len(days), len(found), round(mean, 2), variation


def similar_issues(events: list[Event]) -> FlatEvent:
    commonest = {}
    for group, found in group_by(events, lambda event: event.group).items():
        frames: Counter[tuple[str, str]] = Counter()
        for event in found:
            frames.update(
                {(f.place or "", f.function) for f in event.frames if f.in_app and f.function}
            )
        commonest[group] = set(sorted(frames, key=lambda frame: (-frames[frame], frame))[:5])
    for (one, frames_of_one), (other, frames_of_other) in combinations(
        sorted(commonest.items()), 2
    ):
        both = frames_of_one & frames_of_other
        if len(both) >= 2:
            similarity = percent(len(both), len(frames_of_one | frames_of_other))
            yield one, other, len(both), similarity, sorted(function for _, function in both)


def handled(events: list[Event]) -> FlatEvent:
    thrown = [event for event in events if event.exception]
    for key, found in group_by(thrown, lambda event: (event.project, event.exception)).items():
        said = Counter(event.handled for event in found)
        share = percent(said[False], len(found))
        groups = len({event.group for event in found})
        yield *key, len(found), said[True], said[False], said[None], share, groups


def sdks(events: list[Event]) -> FlatEvent:
    for sdk, found in group_by(events, lambda event: event.sdk).items():
        times = [event.time for event in found]
        projects = len({event.project for event in found})
        share = percent(len(found), len(events))
        yield *sdk, len(found), share, projects, min(times), max(times)


def met(event: Event) -> tuple[Any, ...]:
    return event.level, event.title, event.transaction, event.release, event.group, event.id


def user(events: list[Event]) -> FlatEvent:
    for event in events:
        if event.user.get("email") == "stelladriver@example.com":
            yield event.time, event.project, *met(event)


def trace(events: list[Event]) -> FlatEvent:
    for event in events:
        if event.trace == "a2875f0887226fdd75c182e58f8c3630":
            yield event.time, event.project, event.span, *met(event)


def releases(events: list[Event]) -> FlatEvent:
    grouped = group_by(events, lambda event: event.group)
    begun = {group: min(found, key=lambda e: e.time).release for group, found in grouped.items()}
    for key, found in group_by(events, lambda event: (event.project, event.release)).items():
        times, groups = [event.time for event in found], {event.group for event in found}
        new = sum(begun[group] == key[1] for group in groups)
        unhandled = sum(event.handled is False for event in found)
        counts = len(found), unhandled, len(groups), new, count_users(found)
        yield *key, min(times), max(times), *counts


def exception_types(events: list[Event]) -> FlatEvent:
    thrown = [event for event in events if event.exception]
    for kind, found in group_by(thrown, lambda event: event.exception).items():
        newest = max(found, key=lambda event: event.time)
        groups, projects = {e.group for e in found}, {e.project for e in found}
        counts = len(found), len(groups), count_users(found), len(projects)
        yield kind, *counts, newest.message, min(e.time for e in found), newest.time


def top_issues(events: list[Event]) -> FlatEvent:
    for group, found in group_by(events, lambda event: event.group).items():
        newest = max(found, key=lambda event: event.time)
        share = percent(len(found), len(events))
        counts = len(found), share, count_users(found)
        yield group, newest.project, newest.level, newest.title, *counts


def issue_tags(events: list[Event]) -> FlatEvent:
    project = [event for event in events if event.project == "storefront"]
    inside = [event for event in project if event.group == 6014421007]
    others = [event for event in project if event.group != 6014421007]
    pairs = Counter(pair for event in inside for pair in event.tags.items())
    rest = Counter(pair for event in others for pair in event.tags.items())
    for pair, count in pairs.items():
        difference = round(100 * count / len(inside) - 100 * rest[pair] / len(others), 1)
        if difference > 0:
            shares = percent(count, len(inside)), percent(rest[pair], len(others))
            yield *pair, count, *shares, difference


def busiest_hours(events: list[Event]) -> FlatEvent:
    hours = Counter((event.time.hour, event.time.isoweekday()) for event in events)
    for hour in range(24):
        days = [hours[hour, day] for day in range(1, 8)]
        yield hour, sum(days), *days


def spikes(events: list[Event]) -> FlatEvent:
    for group, found in group_by(events, lambda event: event.group).items():
        counts = Counter(event.time.date() for event in found)
        usual = median(counts.values())
        for day, count in counts.items():
            if count >= 2 * usual and count >= 3:
                yield day, group, count, usual, round(count / usual, 1)


CASES: dict[str, tuple[Callable[[list[Event]], FlatEvent], dict[str, Any], str]] = {
    "top-frames": (top_frames, {}, "function module events frames crashes issues"),
    "tag-values": (tag_values, {"key": "environment"}, "value events share issues"),
    "events-per-day": (
        events_per_day, {}, "day events fatal error warning info other issues",
    ),
    "crash-frames": (crash_frames, {}, "function module release events users issues"),
    "modules": (modules, {}, "module events frames in_app functions crashes"),
    "function-over-time": (
        function_over_time, {"function": "lineTotal"}, "time events crashes issues",
    ),
    "frame-pairs": (
        frame_pairs,
        {"caller": "performWorkUntilDeadline", "callee": "CartDrawer"},
        "caller callee calls events issues",
    ),
    "callers": (callers, {"function": "lineTotal"}, "caller module in_app events issues"),
    "new-issues": (
        new_issues,
        {"since": "2026-11-01"},
        "group_id project title first_seen last_seen first_release events users",
    ),
    "regressions": (
        regressions,
        {"old": "checkout-api@4.1.0", "new": "checkout-api@4.2.0"},
        "group_id project title change old_events new_events old_share new_share users",
    ),
    "tag-keys": (tag_keys, {}, "key events share values commonest common_share"),
    "tag-releases": (tag_releases, {"key": "browser.name"}, "value release events share issues"),
    "users-affected": (
        users_affected, {}, "group_id project title users share events events_per_user",
    ),
    "events-over-time": (events_over_time, {"by": "project"}, "time value events users"),
    "steady-issues": (steady_issues, {}, "group_id title days events per_day variation"),
    "similar-issues": (
        similar_issues, {}, "group_id other_group_id shared similarity functions",
    ),
    "handled": (
        handled,
        {},
        "project exception events handled unhandled unknown unhandled_share issues",
    ),
    "sdks": (sdks, {}, "sdk version events share projects first_seen last_seen"),
    "user": (
        user,
        {"user": "stelladriver@example.com"},
        "timestamp project level title transaction release group_id event_id",
    ),
    "trace": (
        trace,
        {"trace": "A2875F08-87226FDD75C182E58F8C3630"},
        "timestamp project span_id level title transaction release group_id event_id",
    ),
    "releases": (
        releases,
        {},
        "project release first_seen last_seen events unhandled issues new_issues users",
    ),
    "exception-types": (
        exception_types,
        {},
        "exception events issues users projects example first_seen last_seen",
    ),
    "top-issues": (top_issues, {}, "group_id project level title events share users"),
    "issue-tags": (
        issue_tags, {"issue": 6014421007}, "key value events share others_share difference",
    ),
    "busiest-hours": (
        busiest_hours,
        {},
        "hour events monday tuesday wednesday thursday friday saturday sunday",
    ),
    "spikes": (spikes, {"factor": 2, "events": 3}, "day group_id events usual times"),
}  # fmt: skip


@pytest.fixture(scope="module")
def events(sample: archive.Archive) -> list[Event]:
    return read_events(sample)


def test_every_report_has_a_case() -> None:
    assert set(CASES) == {report.name for report in list_reports()}


@pytest.mark.parametrize("name", CASES)
def test_report(sample: archive.Archive, events: list[Event], name: str) -> None:
    count, parameters, columns = CASES[name]
    expected = sorted(map(_show, count(events)))
    result = sample.report(name, limit=ALL, **parameters)
    reported = [tuple(row[column] for column in columns.split()) for row in result.dicts()]
    assert sorted(map(_show, reported)) == expected
    assert expected, "the case shows nothing"


@pytest.mark.parametrize("report", list_reports(), ids=lambda report: report.name)
def test_first_rows(
    sample: archive.Archive, run: Run, check_golden: CheckGolden, report: Report
) -> None:
    options = [f"--{name}={value}" for name, value in CASES[report.name][1].items()]
    ran = run("-a", sample.path, "report", report.name, *options, "--limit", "3", "--format", "csv")
    assert ran.code == 0
    check_golden(f"reports/{report.name}.csv", ran.out)


@pytest.mark.parametrize("report", list_reports(), ids=lambda report: report.name)
def test_report_gives_the_columns_that_it_describes(
    sample: archive.Archive, events: list[Event], report: Report
) -> None:
    result = sample.report(report.name, **CASES[report.name][1])
    assert result.columns == list(report.columns)
    assert len(list(result)) <= (
        1000 if report.name in ("events-over-time", "function-over-time") else 31
    )


NARROWED: dict[str, tuple[dict[str, Any], Callable[[Event], bool]]] = {
    "since": ({"since": "2026-11-01"}, lambda event: event.time >= SINCE),
    "until": ({"until": "2026-11-01"}, lambda event: event.time < SINCE),
    "since, within a day": (
        {"since": "2026-11-01T09:30:00Z"},
        lambda event: event.time >= SINCE + timedelta(hours=9, minutes=30),
    ),
    "project": ({"project": "storefront"}, lambda event: event.project == "storefront"),
    "release": (
        {"release": "checkout-api@4.2.0"}, lambda event: event.release == "checkout-api@4.2.0",
    ),
}  # fmt: skip


NARROWING = {parameter for parameters, _ in NARROWED.values() for parameter in parameters}


@pytest.mark.parametrize("narrowing", NARROWED)
@pytest.mark.parametrize(
    "name",
    [r.name for r in list_reports() if {p.name for p in r.parameters} > NARROWING],
)
def test_report_is_narrowed(
    sample: archive.Archive, events: list[Event], name: str, narrowing: str
) -> None:
    count, parameters, columns = CASES[name]
    narrow, keep = NARROWED[narrowing]
    result = sample.report(name, limit=ALL, **{**parameters, **narrow})
    reported = [tuple(row[column] for column in columns.split()) for row in result.dicts()]
    expected = count([event for event in events if keep(event)])
    assert sorted(map(_show, reported)) == sorted(map(_show, expected))


def _show(row: tuple[Any, ...]) -> list[str]:
    """A row as text, in which values that are equal look the same."""
    return [_show_value(value) for value in row]


def _show_value(value: Any) -> str:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    return repr(float(value)) if type(value) in (int, float) else repr(value)
