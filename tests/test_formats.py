"""Archives of every format ever released open for ever."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

import archive
from tests.conftest import PROJECT, SEED, SEED_ID, make_event, write_json

FIXTURES = PROJECT / "tests" / "fixtures"
CONTENTS = {
    "archive-format-1": "b79e550f3980c5647cef75ac5d64f51abc65a6ef5dd0cb9a127344bd2f6a2f2b",
}


def test_each_fixture_is_listed() -> None:
    assert {path.name for path in FIXTURES.glob("archive-format-*")} == CONTENTS.keys()


@pytest.mark.parametrize("name", CONTENTS)
def test_an_archive_of_a_format_opens(name: str, tmp_path: Path) -> None:
    """It is whole, answers, takes a load and a compact."""
    events = archive.open(shutil.copytree(FIXTURES / name, tmp_path / name))
    verified = events.verify()
    assert (verified.problems, verified.content) == ([], CONTENTS[name])
    assert events.resolve(SEED_ID).body == SEED
    assert events.resolve(f"{1:032x}").json()["event"]["title"] == "new"
    (frames,) = events.sql("SELECT count(*) FROM frames JOIN events USING (event_id)")
    assert frames[0] > 4
    assert events.load(write_json(tmp_path / "n.json", make_event(50))).stored == 1
    events.compact()
    assert events.verify().problems == []
