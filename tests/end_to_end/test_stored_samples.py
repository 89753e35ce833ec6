"""Every sample event and SDK envelope of the corpus, loaded at once and answered."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import archive
from archive.load import LoadReport
from tests.corpus import Pair

jsonschema = pytest.importorskip("jsonschema")

OUTER = ["organizationSlug", "projectSlug", "groupId", "eventId", "event"]
NO_EVENTS = {
    "KNOWN-BROKEN": "a list of file names",
    "README": "a text",
    "envelope_empty.txt": "an envelope's empty header, without items",
}
SKIPPED = {"envelope session": 1, "envelope span": 1}
NOT_IN_SCHEMA = {
    "contexts.organization.id type": "a context of the user's own; the schema has an example's",
    "exception.data.values.stacktrace.registers type": "an object, for the schema a text",
    "dateCreated type": "null: an event as sent without its time lacks its reception",
}
"""What is not as the schema of 2023 has it, and is not so in Sentry's own answers either."""


@pytest.fixture(scope="module")
def samples(
    corpus: Path, tmp_path_factory: pytest.TempPathFactory
) -> tuple[archive.Archive, LoadReport]:
    events = archive.open(tmp_path_factory.mktemp("samples") / "archive")
    return events, events.load(corpus / "store", corpus / "envelopes")


def test_nothing_is_lost(samples: tuple[archive.Archive, LoadReport]) -> None:
    events, report = samples
    assert report.read == report.accounted
    assert {
        Path(fault.place.partition(", line")[0]).name for fault in report.reject_samples
    } == set(NO_EVENTS)
    assert report.rejected == len(NO_EVENTS)
    assert report.skipped == SKIPPED
    assert report.learned == {"attachment": 6}
    assert events.info().events == report.stored


@pytest.mark.slow
def test_each_sample_is_answered(
    samples: tuple[archive.Archive, LoadReport], corpus: Path, pairs: dict[str, Pair]
) -> None:
    """Nowhere else than Sentry's own answers do ours leave the formal schema."""
    events, report = samples
    schema = Schema(corpus / "schemas")
    answered = [pair["api"] for pair in pairs.values() if pair.get("api")]
    tolerated = {place for event in answered for place in schema.list_violations(event)}
    event_ids = [event_id for (event_id,) in events.sql("SELECT DISTINCT event_id FROM events")]
    assert len(event_ids) == report.stored
    found = set()
    for event_id in event_ids:
        answer = events.resolve(event_id).json()
        assert list(answer) == OUTER
        assert answer["eventId"] == answer["event"]["eventID"] == event_id
        found |= set(schema.list_violations(answer["event"]))
    assert found - tolerated == set(NOT_IN_SCHEMA)


class Schema:
    """The API's schemas of an event and, by their types, of its entries."""

    def __init__(self, folder: Path) -> None:
        self._files = {
            name: json.loads((folder / name).read_text()) for name in ("event.json", "entries.json")
        }
        event = self._translate(self._files["event.json"]["OrganizationEvent"])
        event["properties"]["entries"] = {"type": "array"}
        self._event = jsonschema.Draft202012Validator(event)
        self._entries = {
            kind.lower(): jsonschema.Draft202012Validator(self._translate(schema))
            for kind, schema in self._files["entries.json"].items()
        }

    def list_violations(self, event: dict[str, Any]) -> Iterator[str]:
        """Places where an event is not as the schema has it, with what was expected there."""
        for error in self._event.iter_errors(event):
            yield _name_violation("", error)
        for entry in event["entries"]:
            if validator := self._entries.get(entry["type"]):
                for error in validator.iter_errors(entry):
                    yield _name_violation(f"{entry['type']}.", error)

    def _translate(self, schema: Any) -> Any:
        """JSON Schema from OpenAPI's; a file that is not in the corpus allows anything."""
        if isinstance(schema, list):
            return [self._translate(item) for item in schema]
        if not isinstance(schema, dict):
            return schema
        if isinstance(schema.get("$ref"), str):
            file, _, name = schema["$ref"].partition("#/")
            target = self._files.get(file or "event.json")
            return self._translate(target[name]) if target else {}
        translated = {key: self._translate(value) for key, value in schema.items()}
        if translated.pop("nullable", None) is True and "type" in translated:
            translated["type"] = [translated["type"], "null"]
        return translated


def _name_violation(prefix: str, error: Any) -> str:
    path = ".".join(str(step) for step in error.absolute_path if isinstance(step, str))
    missing = re.findall(r"^'(\w+)' is a required", error.message)
    return f"{prefix}{path} {error.validator} {' '.join(missing)}".strip()
