"""Whole events against the answers of Sentry's own serializer."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from archive.events.api import serialize
from archive.events.api.download import make_download
from archive.events.api.generation import GENERATION_2024_09
from archive.events.protocol import renormalize
from archive.events.restore import restore_body

_NO_HASHES = "the stored body has no hashes, and to compute them takes Sentry's grouping"

KNOWN_DIFFERENCES = {
    "default:mut/bug-sentry_native1-xou~m_notype+m_nullexc+m_nohash": _NO_HASHES,
    "default:mut/grp-frame-sanitizes-block-functions~m_nohash": _NO_HASHES,
    "error:mut/bug-sentry_native1-xjx~m_meta2+m_notitle+m_nohash": _NO_HASHES,
    "error:mut/grp-fallback-prefix-level-1~m_nohash+m_devclass+m_noculprit": _NO_HASHES,
    "error:mut/s23-cordova~m_nohash": _NO_HASHES,
    "error:mut/s23-exceptions-and-no-threads~m_nohash+m_scrubnull": _NO_HASHES,
    "error:mut/syn-exc4~m_notitle+m_tagsuser+m_nohash": _NO_HASHES,
    "error:mut/syn-req9~m_nohash": _NO_HASHES,
}

NOT_IN_DOWNLOAD: dict[str, tuple[str, Callable[[dict[str, Any]], bool]]] = {
    "size": ("it counts what only the stored body has", lambda _: True),
    "culprit": ("the group's stands for null", lambda pair: pair["api"]["culprit"] is None),
    "tags": ("nulls are gone, tags of one key swapped", lambda pair: _has_odd_tags(pair)),
    "_meta": ("tags lost their places", lambda pair: bool(pair["stored"].get("_meta"))),
    "fingerprints": (_NO_HASHES, lambda pair: not pair["stored"].get("hashes")),
    "dist": ("taken for the tag `sentry:dist`", lambda pair: _has_own_dist(pair)),
}
"""What a download does not carry: why, and when."""


def test_stored_body_is_answered_as_sentry_does(
    pair: dict[str, Any], request: pytest.FixtureRequest
) -> None:
    expected = pair.get("api")
    if expected is None:
        assert pair.get("stored") is None or _answer(pair, "stored")["entries"] is not None
        return
    answer = _answer(pair, "stored")
    name = request.node.callspec.id
    if name in KNOWN_DIFFERENCES:
        assert _compact(answer) != _compact(expected), KNOWN_DIFFERENCES[name]
        assert set(_differing_keys(answer, expected)) <= {"fingerprints"}
    else:
        assert _compact(answer) == _compact(expected)


def test_stored_body_is_read_as_sentry_reads_it(pair: dict[str, Any]) -> None:
    if pair.get("renormalized") is None:
        pytest.skip("loading changes nothing")
    assert _compact(renormalize(pair["stored"])) == _compact(pair["renormalized"])


def test_download_is_answered_as_far_as_it_goes(pair: dict[str, Any]) -> None:
    expected, download = pair.get("api"), pair.get("json_view")
    if expected is None or not isinstance(download, dict) or "event_id" not in download:
        pytest.skip("there is no such download")
    answer = _answer(pair, "json_view")
    assert list(answer) == list(expected)
    assert answer["_meta"]["entries"] == expected["_meta"]["entries"]
    for key in _differing_keys(answer, expected):
        reason, applies = NOT_IN_DOWNLOAD[key]
        assert applies(pair), reason


def test_stored_body_is_downloaded_as_from_sentry(pair: dict[str, Any]) -> None:
    stored, expected = pair.get("stored"), pair.get("json_view")
    if stored is None or not isinstance(expected, dict) or "event_id" not in expected:
        pytest.skip("there is no such download")
    context = pair["context"]
    download = make_download(
        stored, event_id=context["event_id"], project_id=str(context["project_id"])
    )
    if "culprit" not in download:  # the group's replaces it
        assert expected.pop("culprit", None) in (None, "group.culprit")
    if context.get("occurrence_stored"):  # of which the issue platform has a more exact date
        download["datetime"] = expected["datetime"]
    assert _compact(download) == _compact(expected)


def _answer(pair: dict[str, Any], form: str) -> dict[str, Any]:
    context = pair["context"]
    before = _compact(pair[form])
    body = restore_body(pair[form]) if form == "json_view" else pair[form]
    answer = serialize(
        body,
        group_id=None if context.get("group_id") is None else str(context["group_id"]),
        project_id=str(context["project_id"]),
        event_id=context["event_id"],
        occurrence=context.get("occurrence_stored"),
        generation=GENERATION_2024_09,
    )
    assert _compact(pair[form]) == before
    return answer


def _has_odd_tags(pair: dict[str, Any]) -> bool:
    keys = [tag["key"] for tag in pair["api"]["tags"]]
    return len(keys) != len(pair["json_view"]["tags"]) or len(keys) != len(set(keys))


def _has_own_dist(pair: dict[str, Any]) -> bool:
    return any(tag and tag[0] == "dist" for tag in pair["stored"]["tags"])


def _differing_keys(answer: dict[str, Any], expected: dict[str, Any]) -> list[str]:
    return [
        key
        for key in {**answer, **expected}
        if _compact(answer.get(key)) != _compact(expected.get(key))
    ]


def _compact(value: Any) -> str:
    return json.dumps(value, separators=(",", ":"))
