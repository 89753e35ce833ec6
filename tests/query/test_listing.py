"""Lists out of an archive, by the Python API."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import archive
from archive.events.identity import Key
from archive.query.listing import Neighbors, Scope
from tests.builders import make_event, write_json


def _at(number: int, day: int, **members: object) -> dict[str, object]:
    return make_event(number, dateCreated=f"2026-01-{day:02}T00:00:00Z", **members)


@pytest.fixture(scope="module")
def listed(tmp_path_factory: pytest.TempPathFactory) -> archive.Archive:
    """Two organizations with a project of one slug, and an export without an organization."""
    place = tmp_path_factory.mktemp("listed")
    events = archive.open(place / "archive")
    loads = {
        "acme": [_at(1, 1), _at(2, 3, tags=[{"key": "level", "value": "fatal"}]), _at(3, 2)],
        "other": [_at(4, 4, projectID="77", groupID="8"), _at(1, 5, projectID="77", groupID=None)],
        None: [_at(5, 6, projectID="99", groupID="9")],
    }
    for organization, listed in loads.items():
        path = write_json(place / f"{organization}.json", listed)
        events.load(path, organization=organization, project="web" if organization else None)
    return events


ACME = frozenset(["acme"])


@pytest.mark.parametrize(
    ("scope", "numbers"),
    [
        pytest.param(Scope(), [5, 1, 4, 2, 3, 1], id="everything"),
        pytest.param(Scope(ACME), [5, 2, 3, 1], id="an organization, or an unknown one"),
        pytest.param(Scope(ACME, strict=True), [2, 3, 1], id="an organization, strictly"),
        pytest.param(Scope(frozenset(), strict=True), [], id="no organization"),
        pytest.param(
            Scope(ACME, strict=True, query="level:fatal OR !level:fatal"), [2, 3, 1], id="a search"
        ),
        pytest.param(Scope(project="web"), [1, 4, 2, 3, 1], id="project by slug"),
        pytest.param(Scope(project="42"), [2, 3, 1], id="project by ID"),
        pytest.param(Scope(project="77", organizations=ACME), [], id="project of another"),
        pytest.param(Scope(group_id=7), [2, 3, 1], id="issue"),
        pytest.param(Scope(project="x' OR true --"), [], id="SQL"),
    ],
)
def test_events_newest_first(listed: archive.Archive, scope: Scope, numbers: list[int]) -> None:
    found = [int(answer.event_id, 16) for answer in listed.list_events(scope)]
    assert found == numbers
    oldest = listed.list_events(scope, limit=2, oldest=True)
    assert [int(answer.event_id, 16) for answer in oldest] == numbers[::-1][:2]
    pages = [listed.list_events(scope, limit=2, offset=offset) for offset in range(0, 6, 2)]
    assert [int(answer.event_id, 16) for page in pages for answer in page] == numbers


def test_same_id_in_two_projects_gives_each_its_own(listed: archive.Archive) -> None:
    first = [a for a in listed.list_events(Scope()) if a.event_id == f"{1:032x}"]
    assert [json.loads(answer.event)["projectID"] for answer in first] == ["77", "42"]


@pytest.mark.parametrize(
    ("number", "project", "expected"),
    [
        (1, "42", Neighbors(None, f"{3:032x}")),
        (3, "42", Neighbors(f"{1:032x}", f"{2:032x}")),
        (2, "42", Neighbors(f"{3:032x}", None)),
        (4, "77", Neighbors(None, None)),
        (1, "77", Neighbors(None, None)),
    ],
)
def test_neighbors_are_of_the_issue(
    listed: archive.Archive, number: int, project: str, expected: Neighbors
) -> None:
    answer = listed.resolve(f"{number:032x}", project=project)
    assert listed.find_neighbors(answer) == expected


def test_projects(listed: archive.Archive) -> None:
    known = [(p.organization_slug, p.name, p.project_id, p.events) for p in listed.list_projects()]
    assert known == [("acme", "web", "42", 3), ("other", "web", "77", 2), (None, "99", "99", 1)]


def test_a_project_without_events_is_known(empty: archive.Archive, tmp_path: Path) -> None:
    projects = [{"id": "5", "slug": "new", "organization": {"id": "1", "slug": "acme"}}]
    empty.load(project_map=write_json(tmp_path / "projects.json", projects))
    (project,) = empty.list_projects()
    assert (project.name, project.organization_id, project.events) == ("new", "1", 0)


def test_tags(listed: archive.Archive) -> None:
    scope = Scope(ACME, "web", strict=True)
    assert [(t.key, t.values) for t in listed.list_tag_keys(scope)] == [
        ("level", 2),
        ("release", 1),
    ]
    values = listed.list_tag_values(scope, "level")
    assert [(v.value, v.events) for v in values] == [("fatal", 1), ("error", 2)]
    assert [v.value for v in listed.list_tag_values(scope, "level", like="RR")] == ["error"]
    assert [v.value for v in listed.list_tag_values(scope, "level", offset=1)] == ["error"]
    assert listed.list_tag_values(scope, "level", like="%") == []


def test_hashes(empty: archive.Archive, tmp_path: Path) -> None:
    listed = [_at(n, n, fingerprints=[h * 32]) for n, h in ((1, "a"), (2, "b"), (3, "a"))]
    empty.load(write_json(tmp_path / "events.json", listed), organization="acme", project="web")
    found = empty.list_hashes(Scope(group_id=7))
    newest = [(hash_.value, hash_.latest, answer.event_id) for hash_, answer in found]
    key_a, key_b = (Key(f"{number:032x}", "acme", "42") for number in (3, 2))
    assert newest == [("a" * 32, key_a, key_a.event_id), ("b" * 32, key_b, key_b.event_id)]
