"""Slugs of organizations and projects: which counts, and what becomes of old ones."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from itertools import permutations
from pathlib import Path
from typing import Any, NamedTuple

import pytest

import archive
from archive.errors import EventNotFound, InvalidParameter, SeveralProjects
from archive.exports.project_map import FormerSlug, Project
from archive.query.listing import Scope
from archive.serve.app import App, Settings
from archive.serve.handle import ArchiveHandle
from archive.storage.state import read_newest
from archive.tables.projects import Ownership, Projects, merge_projects
from tests.builders import PROJECT, Run, make_event, write_json
from tests.serve.conftest import ask

JANUARY, MARCH = "2026-01-02T03:04:05Z", "2026-03-02T03:04:05Z"
FIRST, SECOND = f"{1:032x}", f"{2:032x}"


def wrap(event: dict[str, Any], slug: str = "web", organization: str = "acme") -> dict[str, Any]:
    """The answer of the endpoint `eventids`."""
    return {
        "organizationSlug": organization,
        "projectSlug": slug,
        "groupId": "7",
        "eventId": event["eventID"],
        "event": event,
    }


def make_sdk_event(number: int = 1, **members: Any) -> dict[str, Any]:
    """An event as an SDK sends it, without a project."""
    frames = [{"function": "main"}]
    exception = {"values": [{"type": "E", "value": "no", "stacktrace": {"frames": frames}}]}
    event_id = f"{number:032x}"
    return {"event_id": event_id, "timestamp": 1767323045, "exception": exception, **members}


def read_slugs(events: archive.Archive, number: int = 1) -> tuple[str | None, str | None]:
    """The slugs of an event, which all ways to ask must agree on."""
    event_id = f"{number:032x}"
    owner = events.resolve(event_id).owner
    query = "SELECT organization_slug, project_slug FROM events WHERE event_id = ?"
    assert list(events.sql(query, [event_id])) == [owner[:2]]
    return owner.organization_slug, owner.project_slug


class Case(NamedTuple):
    """A project after claims in this order, the last of which is the newest load's."""

    claims: list[Project]
    expected: list[Project]


def claim(slug: str | None, organization: str | None = "acme", **members: Any) -> Project:
    return Project("42", slug, organization, **members)


CLAIMS = {
    "one": Case([claim("web", as_of=5)], [claim("web", as_of=5)]),
    "the organization comes later": Case(
        [claim("web", None, as_of=5), claim(None)], [claim("web", as_of=5)]
    ),
    "the slug comes later": Case([claim(None), claim("web", as_of=5)], [claim("web", as_of=5)]),
    "two organizations": Case(
        [claim("web"), claim("api", "beta")], [claim("web"), claim("api", "beta")]
    ),
    "renamed": Case(
        [claim("web", as_of=5), claim("shop", as_of=7)],
        [claim("shop", as_of=7, former=(FormerSlug("web", 5),))],
    ),
    "an older export comes later": Case(
        [claim("shop", as_of=7), claim("web", as_of=5)],
        [claim("shop", as_of=7, former=(FormerSlug("web", 5),))],
    ),
    "renamed and back": Case(
        [claim("web", as_of=5), claim("shop", as_of=7), claim("web", as_of=9)],
        [claim("web", as_of=9, former=(FormerSlug("shop", 7),))],
    ),
    "of the same time, the later load": Case(
        [claim("web", as_of=5), claim("shop", as_of=5)],
        [claim("shop", as_of=5, former=(FormerSlug("web", 5),))],
    ),
    "--project yields": Case(
        [claim("web", as_of=5), claim("x", project_given=True)], [claim("web", as_of=5)]
    ),
    "--project yielded": Case(
        [claim("x", project_given=True), claim("web", as_of=5)], [claim("web", as_of=5)]
    ),
    "--project is corrected": Case(
        [claim("x", project_given=True), claim("y", project_given=True)],
        [claim("y", project_given=True)],
    ),
    "--org yields to a list": Case(
        [claim("web", is_listed=True), claim(None, "x", organization_given=True)],
        [claim("web", is_listed=True)],
    ),
    "--org yielded to a list": Case(
        [claim(None, "x", organization_given=True), claim("web", is_listed=True)],
        [claim("web", is_listed=True)],
    ),
    "--org beside events of another": Case(
        [claim("web"), claim("x", "mine", organization_given=True)],
        [claim("web"), claim("x", "mine", organization_given=True)],
    ),
}


@pytest.mark.parametrize("case", CLAIMS.values(), ids=CLAIMS)
def test_claims_are_merged(case: Case) -> None:
    known: tuple[Project, ...] = ()
    for each in case.claims:
        known = merge_projects(known, [each])
    assert list(known) == sorted(case.expected, key=lambda p: p.organization_slug or "")


@pytest.mark.parametrize(
    ("owner", "expected"),
    [
        (Ownership(None, None, "42"), ("acme", "shop")),
        (Ownership("acme", "web", "42"), ("acme", "shop")),
        (Ownership("beta", "web", "42"), ("beta", "web")),
        (Ownership("x", "y", "42", True, True), ("acme", "shop")),
        (Ownership(None, "web", None), ("acme", "shop")),
        (Ownership("beta", "web", None), ("beta", "web")),
        (Ownership(None, "api", "9"), (None, "api")),
        (Ownership(None, None, None), (None, None)),
    ],
    ids=str,
)
def test_owners_are_named(owner: Ownership, expected: tuple[str | None, str | None]) -> None:
    former = (FormerSlug("web", 5),)
    projects = Projects([claim("shop", is_listed=True, as_of=7, former=former)])
    assert projects.name(owner) == expected


def test_a_slug_that_another_project_took_is_no_alias() -> None:
    one = claim("shop", as_of=7, former=(FormerSlug("web", 5),))
    other = Project("43", "web", "acme")
    assert list(Projects([one, other]).list_aliases()) == []
    assert not Projects([one, other]).is_in("web", "shop", "42")


EXPORTS = {
    "january": wrap(make_event(1, dateCreated=JANUARY), "web"),
    "march": wrap(make_event(2, dateCreated=MARCH), "shop"),
    "bare": make_event(3, dateCreated=JANUARY),
}


ASKED: dict[str, Callable[[archive.Archive, str], int]] = {
    "resolve": lambda events, slug: sum(
        not hasattr(found, "error")
        for found in events.resolve_many([f"{n:032x}" for n in range(1, 4)], project=slug)
    ),
    "list": lambda events, slug: len(events.list_events(Scope(project=slug))),
    "report": lambda events, slug: sum(
        row["events"] for row in events.report("top-issues", project=slug).dicts()
    ),
    "frames_of": lambda events, slug: next(
        iter(events.sql("SELECT count(DISTINCT event_id) FROM frames_of($1)", [slug]))
    )[0],
    "frame_counts_of": lambda events, slug: next(
        iter(events.sql("SELECT max(events) FROM frame_counts_of($1, NULL, NULL)", [slug]))
    )[0],
}


@pytest.mark.parametrize("order", list(permutations(EXPORTS)), ids=" ".join)
def test_a_renamed_project_is_one(
    order: tuple[str, ...], empty: archive.Archive, tmp_path: Path
) -> None:
    for name in order:
        empty.load(write_json(tmp_path / f"{name}.json", EXPORTS[name]))
    for number in (1, 2, 3):
        assert read_slugs(empty, number) == ("acme", "shop")
    counts = {
        name: [ask(empty, slug) for slug in ("web", "shop", "42", "other")]
        for name, ask in ASKED.items()
    }
    for name, (old, new, by_id, other) in counts.items():
        assert (old, new, by_id, other or 0) == (3, 3, 3, 0), name
    (project,) = empty.list_projects()
    assert (project.project_slug, list(project.former_slugs), project.events) == (
        "shop",
        ["web"],
        3,
    )
    assert empty.resolve(FIRST).json()["projectSlug"] == "web", "as it was exported"
    assert empty.resolve(f"{3:032x}").json()["projectSlug"] == "shop"
    assert [*empty.sql("SELECT project_slug, former_slugs FROM projects")] == [("shop", ["web"])]


def test_an_event_without_a_project_id_is_of_the_renamed_project(
    empty: archive.Archive, tmp_path: Path
) -> None:
    hook = {"id": "7", "project": "web", "project_slug": "web", "event": make_sdk_event(4)}
    sources = [*EXPORTS.values(), {**hook, "project_name": "Web", "culprit": ""}]
    empty.load(write_json(tmp_path / "1.json", sources))
    assert read_slugs(empty, 4) == ("acme", "shop")
    assert {len(empty.list_events(Scope(project=slug))) for slug in ("web", "shop")} == {4}
    assert empty.resolve(f"{4:032x}", project="web")


@pytest.mark.parametrize("slug", ["web", "shop", "42"])
def test_the_server_finds_a_renamed_project(
    slug: str, empty: archive.Archive, tmp_path: Path
) -> None:
    empty.load(write_json(tmp_path / "1.json", list(EXPORTS.values())))
    app = App(ArchiveHandle(empty.path), Settings())
    project = f"/api/0/projects/acme/{slug}/"
    try:
        found = {path: json.loads(ask(app, path).body) for path in (project, f"{project}events/")}
        tag = json.loads(ask(app, f"{project}tags/level/values/").body)
        event = json.loads(ask(app, f"{project}events/{FIRST}/").body)
    finally:
        app.close()
    assert found[project]["slug"] == "shop"
    assert len(found[f"{project}events/"]) == tag[0]["count"] == 3
    assert event["eventID"] == FIRST


def test_a_list_brings_a_new_slug(empty: archive.Archive, tmp_path: Path) -> None:
    empty.load(write_json(tmp_path / "1.json", wrap(make_event(1))))
    renamed = [{"id": "42", "slug": "shop", "organization": {"id": "1", "slug": "acme"}}]
    empty.load(project_map=write_json(tmp_path / "projects.json", renamed))
    assert read_slugs(empty) == ("acme", "shop")
    number = empty.number
    empty.load(project_map=tmp_path / "projects.json")
    assert empty.number == number
    empty.load(write_json(tmp_path / "2.json", wrap(make_event(2))))
    assert read_slugs(empty, 2) == ("acme", "shop")


def test_a_list_outranks_options(empty: archive.Archive, tmp_path: Path) -> None:
    source = write_json(tmp_path / "1.json", [make_event(1), make_event(2, projectID="9")])
    empty.load(source, organization="x", project="y", force=True)
    assert (read_slugs(empty), read_slugs(empty, 2)) == (("x", "y"), ("x", "y"))
    listed = [{"id": "42", "slug": "web", "organization": {"id": "1", "slug": "acme"}}]
    empty.load(project_map=write_json(tmp_path / "projects.json", listed))
    assert (read_slugs(empty), read_slugs(empty, 2)) == (("acme", "web"), ("x", "y"))
    assert empty.resolve(FIRST, project="web").event_id == FIRST
    with pytest.raises(EventNotFound):
        empty.resolve(FIRST, project="y")
    assert {project.project_slug for project in empty.info().projects} == {"web", "y"}


EVENTS = {
    "with a project ID": make_event(1),
    "without one": make_sdk_event(),
}


@pytest.mark.parametrize("event", EVENTS.values(), ids=EVENTS)
def test_corrected_options_take_effect(
    event: dict[str, Any], empty: archive.Archive, tmp_path: Path
) -> None:
    source = write_json(tmp_path / "1.json", event)
    empty.load(source, organization="wrong", project="bad")
    report = empty.load(source, organization="right", project="good")
    assert (report.known_sources, report.updated, report.stored) == (0, 1, 0)
    assert read_slugs(empty) == ("right", "good")
    assert [(p.organization_slug, p.project_slug) for p in empty.list_projects()] == [
        ("right", "good")
    ]
    again = empty.load(source, organization="right", project="good")
    assert (again.known_sources, again.load_id) == (1, None)
    assert empty.load(source).known_sources == 1, "without options, nothing is known better"
    empty.load(source, organization="wrong", project="bad")
    assert read_slugs(empty) == ("wrong", "bad"), "and back"
    assert empty.versions(FIRST)[1:] == [], "the bytes are the same"
    assert empty.verify().ok


def test_a_corrected_option_in_an_older_archive(tmp_path: Path) -> None:
    """Older archives do not say where a slug comes from: it can be from an option."""
    fixture = PROJECT / "tests" / "fixtures" / "archive-format-1"
    events = archive.open(shutil.copytree(fixture, tmp_path / "archive"))
    events.upgrade()
    before = events.resolve(SECOND)
    (tmp_path / "2.json").write_bytes(before.raw)
    report = events.load(tmp_path / "2.json", organization="right", project="good")
    assert (report.updated, report.duplicate) == (1, 0)
    assert read_slugs(events, 2) == ("right", "good")
    assert events.verify().ok


def test_options_do_not_correct_what_the_data_say(empty: archive.Archive, tmp_path: Path) -> None:
    source = write_json(tmp_path / "1.json", wrap(make_event(1)))
    empty.load(source)
    report = empty.load(source, organization="x", project="y")
    assert (report.duplicate, report.updated) == (1, 0)
    assert read_slugs(empty) == ("acme", "web")
    assert empty.load(source, organization="x", project="y").known_sources == 1


def test_project_over_several_projects_is_refused(
    empty: archive.Archive, tmp_path: Path, run: Run
) -> None:
    events = [make_event(1), make_event(2, projectID="43"), make_event(3)]
    source = write_json(tmp_path / "1.json", events)
    with pytest.raises(SeveralProjects, match="42, 43"):
        empty.load(source, project="web")
    ran = run("-a", empty.path, "load", source, "--project", "web")
    assert ran.code == 2
    assert "--project-map FILE" in ran.err
    assert "--force" in ran.err
    assert read_newest(empty.path).number == 0
    assert not list(empty.path.rglob("*.tmp"))
    listed = [{"id": "43", "slug": "api"}]
    assert (
        empty.load(
            source, project="web", project_map=write_json(tmp_path / "projects.json", listed)
        ).stored
        == 3
    )
    assert (read_slugs(empty, 2)[1], read_slugs(empty, 3)[1]) == ("api", "web")


def test_a_project_of_the_export_answers_before_one_of_an_option(
    empty: archive.Archive, tmp_path: Path
) -> None:
    answer = write_json(tmp_path / "answer.json", wrap(make_event(1, projectID=...)))
    later = write_json(tmp_path / "sdk.json", make_sdk_event(timestamp=1893456000))
    empty.load(answer)
    empty.load(later, organization="acme", project="another")
    assert empty.resolve(FIRST).owner.project_slug == "web"
    assert empty.resolve(FIRST, project="another").owner.project_slug == "another"


def test_force_gives_one_slug_to_several_projects(empty: archive.Archive, tmp_path: Path) -> None:
    events = [make_event(1), make_event(2, projectID="43")]
    empty.load(write_json(tmp_path / "1.json", events), project="web", force=True)
    assert [read_slugs(empty, number)[1] for number in (1, 2)] == ["web", "web"]


def test_a_load_says_what_is_not_named(empty: archive.Archive, tmp_path: Path, run: Run) -> None:
    events = [make_event(1), make_event(2, projectID="43"), wrap(make_event(3, projectID="44"))]
    source = write_json(tmp_path / "1.json", events)
    ran = run("-a", empty.path, "load", source)
    assert "2 without an organization slug" in ran.err
    assert "use --org" in ran.err
    assert "2 without a project slug" in ran.err
    assert "use --project-map FILE" in ran.err
    listed = [{"id": "42", "slug": "web"}]
    projects = write_json(tmp_path / "projects.json", listed)
    ran = run("-a", empty.path, "load", "--force", "--json", "--project-map", projects, source)
    exactness = json.loads(ran.out)["exactness"]
    assert (exactness["without_organization"], exactness["without_project"]) == (2, 1)
    ran = run("-a", empty.path, "load", "--force", "--org", "acme", source)
    assert "use --org" not in ran.err
    assert "1 without a project slug" in ran.err


@pytest.mark.parametrize("slug", ["", "\udcff", "a\nb"], ids=repr)
@pytest.mark.parametrize("option", ["organization", "project"])
def test_an_option_that_is_not_a_slug(
    option: str, slug: Any, empty: archive.Archive, tmp_path: Path
) -> None:
    source = write_json(tmp_path / "1.json", make_event(1))
    with pytest.raises(InvalidParameter, match="is not a slug"):
        empty.load(source, **{option: slug})


def test_surrogates_in_a_list_of_projects(empty: archive.Archive, tmp_path: Path) -> None:
    listed = [{"id": "42", "slug": "\ud800"}, {"id": "43", "slug": "web"}]
    source = write_json(tmp_path / "1.json", make_event(1, projectID="43"))
    projects = write_json(tmp_path / "projects.json", listed)
    empty.load(source, project_map=projects)
    assert empty.resolve(FIRST).owner.project_slug == "web"
    assert empty.verify().ok
