"""The API document's event as its SDK sent it, against the answer that the document shows."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import archive
from tests.builders import write_json

_LATER = "Sentry did not have it in 2020"
_NEWER = "Sentry has it since 2025 or 2026"
_INGESTED = "what the event was given at ingestion, or made by grouping, it does not contain"
DIFFERENCES = {
    "groupID": _INGESTED,
    "size": _INGESTED,
    "dateReceived": _INGESTED,
    "fingerprints": _INGESTED,
    "groupingConfig.enhancements": "the default of 2024",
    "groupingConfig.id": "the default of 2024",
    "occurrence": _LATER,
    "metadata.in_app_frame_mix": _LATER,
    "entries.1.data.frames.lock": _LATER,
    "entries.1.data.frames.sourceLink": _LATER,
    "entries.1.data.frames.parentIndex": _NEWER,
    "entries.1.data.frames.sampleCount": _NEWER,
    "user.geo": _NEWER,
    "entries.2.data.apiTarget": _LATER,
    "tags._meta": "Sentry wrote null here until 2020",
}


def test_seed_as_sent_is_answered_as_documented(corpus: Path, empty: archive.Archive) -> None:
    folder = corpus / "pairs" / "seed_2020"
    document = json.loads((folder / "api_eventids_response.json").read_text())
    projects = [{"id": document["event"]["projectID"], "slug": document["projectSlug"]}]
    sent = json.loads((folder / "sdk_style_input.json").read_text())
    source = write_json(
        empty.path.with_name("sent.json"), {**sent, "project": int(projects[0]["id"])}
    )
    empty.load(
        source,
        organization=document["organizationSlug"],
        project_map=write_json(empty.path.with_name("projects.json"), projects),
    )
    answer = empty.resolve(document["eventId"]).json()
    outer = ("organizationSlug", "projectSlug", "eventId")
    assert {key: answer[key] for key in outer} == {key: document[key] for key in outer}
    assert set(_list_differences(answer["event"], document["event"], "")) == set(DIFFERENCES)


def _list_differences(mine: Any, theirs: Any, path: str) -> Iterator[str]:
    """Where two values differ; of lists of objects, apart from entries, indexes are left out."""
    if isinstance(mine, dict) and isinstance(theirs, dict):
        for key in {**mine, **theirs}:
            inner = f"{path}.{key}" if path else key
            if key not in mine or key not in theirs:
                yield inner
            else:
                yield from _list_differences(mine[key], theirs[key], inner)
    elif isinstance(mine, list) and isinstance(theirs, list) and len(mine) == len(theirs):
        for index, pair in enumerate(zip(mine, theirs, strict=True)):
            inner = f"{path}.{index}" if path == "entries" else path
            yield from _list_differences(*pair, inner)
    elif mine != theirs:
        yield path
