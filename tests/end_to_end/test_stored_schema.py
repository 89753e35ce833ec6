"""Every converted answer of the corpus against the API's response schema of August 2026."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

import pytest

import archive
from archive.errors import EventNotFound
from tests.corpus import Pair
from tests.end_to_end.forms import FORMS, ORGANIZATION, load_form
from tests.end_to_end.test_stored_answers import DIFFERENCES, read_differences

jsonschema = pytest.importorskip("jsonschema")

CONVERTED = ("stored, a message of the queue", "downloaded, a webhook", "sent, an envelope")


@pytest.mark.slow
def test_answers_keep_to_the_schema(corpus: Path, pairs: dict[str, Pair], tmp_path: Path) -> None:
    """Every place at which an answer deviates is in differences/schema.txt, with the events."""
    schema = (corpus / "schemas" / "event-id-lookup-2026-08.json").read_text()
    validator = jsonschema.Draft202012Validator(_translate(json.loads(schema)))
    unknown, expected = read_differences(DIFFERENCES / "schema.txt")
    deviating = defaultdict(set)
    answered = 0
    for name, answer in _list_answers(corpus, pairs, tmp_path):
        answered += 1
        for error in validator.iter_errors(answer):
            deviating[_name_place(error)].add(name)
    assert answered > 1600
    for place, names in deviating.items():
        names -= {name for name in names if any(fnmatchcase(name, p) for p in unknown[place])}
    assert {place: names for place, names in deviating.items() if names} == expected
    assert deviating.keys() == unknown.keys() | expected.keys()


def _list_answers(
    corpus: Path, pairs: dict[str, Pair], folder: Path
) -> Iterator[tuple[str, dict[str, Any]]]:
    """The answers in each form and those of the samples, by the events' names."""
    for form in CONVERTED:
        events = archive.open(folder / form / "archive")
        for name, pair in load_form(events, FORMS[form], pairs, folder / form).items():
            try:
                yield name, events.resolve(pair["context"]["event_id"]).json()
            except EventNotFound:  # it was rejected, as the form's file of differences says
                continue
    events = archive.open(folder / "samples")
    events.load(
        corpus / "store",
        corpus / "envelopes",
        organization=ORGANIZATION,
        project="samples",
        force=True,
    )
    for (event_id,) in events.sql("SELECT event_id FROM events"):
        yield f"sample:{event_id}", events.resolve(event_id).json()


def _translate(schema: Any) -> Any:
    """JSON Schema from OpenAPI's."""
    if isinstance(schema, list):
        return [_translate(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    translated = {key: _translate(value) for key, value in schema.items()}
    if translated.pop("nullable", None) is True and "type" in translated:
        translated["type"] = [translated["type"], "null"]
    return translated


def _name_place(error: Any) -> str:
    path = ".".join(str(step) if isinstance(step, str) else "0" for step in error.absolute_path)
    return f"{path} {error.validator}"
