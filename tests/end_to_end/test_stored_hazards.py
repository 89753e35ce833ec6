"""Stored events with what breaks parsers: answered in valid JSON, their exact bytes kept."""

from __future__ import annotations

import json
from typing import Any

import pytest

import archive
from tests.builders import Run

FRAME = '"exception":[{"type":"E","stacktrace":{"frames":[{"function":"f",%s}]}}]'
HAZARDS = {
    "null frames": '"exception":{"values":[null,{"type":"E","stacktrace":{"frames":[null,{"lineno":'
    '3},null]}}]},"stacktrace":{"frames":null},"threads":{"values":[null]}',
    "null tags": '"tags":[null,[null,"x"],["k",null],["a","b"],[],{}]',
    "NaN and Infinity": '"extra":{"a":NaN,"b":-Infinity},'
    + FRAME % '"lineno":NaN,"vars":{"x":NaN}',
    "U+0000": r'"message":"a\u0000b","tags":{"k\u0000":"v\u0000"},' + FRAME % r'"module":"\u0000"',
    "lone surrogates": r'"message":"\ud83d","tags":{"k":"\udc00x"},"extra":{"\ud83d":1}',
    "list-shaped vars": FRAME % '"vars":[1,"a",{"b":[]}]',
    "23 digits": '"extra":{"n":12345678901234567890123},' + FRAME % f'"lineno":{"9" * 23}',
    "5,000 digits": f'"extra":{{"n":{"9" * 5000}}}',
    "1e400": '"timestamp":1e400,"extra":{"n":-1e400},' + FRAME % '"colno":1e400',
    "duplicate keys": '"message":"a","message":"b","user":{"id":1},"user":{"id":2}',
    "lists 900 deep": f'"extra":{{"d":{"[" * 900}{"]" * 900}}}',
    "objects 900 deep": '"extra":' + '{"a":' * 900 + "1" + "}" * 900,
    "interface 900 deep": f'"exception":{"[" * 900}{"]" * 900}',
    "ANSI escapes": r'"message":"\u001b[2J\u001b]0;x\u0007","tags":{"k":"\u009b31m"}',
}
SHAPES = {
    "sdk": "",
    "store": ',"received":1700000001.5,"title":"t","location":null',
    "download": ',"project":1,"datetime":"2023-11-14T22:13:20+00:00","title":"t","location":null',
}
OUTER = ["organizationSlug", "projectSlug", "groupId", "eventId", "event"]
CASES = [(shape, hazard) for shape in SHAPES for hazard in HAZARDS]


@pytest.fixture(scope="module")
def events(tmp_path_factory: pytest.TempPathFactory) -> archive.Archive:
    """All cases in one archive, which must reject none."""
    folder = tmp_path_factory.mktemp("hazards")
    source = folder / "exports.jsonl"
    source.write_bytes(b"\n".join(_write(case) for case in CASES))
    events = archive.open(folder / "archive")
    report = events.load(source)
    assert (report.stored, report.rejected) == (len(CASES), 0), report.reject_samples
    return events


@pytest.mark.parametrize("case", CASES, ids=", ".join)
def test_hazard_is_answered(case: tuple[str, str], events: archive.Archive, run: Run) -> None:
    event_id = _name(case)
    answer = events.resolve(event_id)
    assert (answer.shape, answer.raw) == (case[0], _write(case))
    body = json.loads(answer.body.decode(), parse_constant=_refuse)
    assert list(body) == OUTER
    assert body["event"]["eventID"] == event_id
    archived: tuple[Any, ...] = "-a", events.path
    assert run(*archived, "show", event_id, "--raw").out == answer.raw
    assert run(*archived, "resolve", event_id).out.strip() == answer.body
    shown = run(*archived, "show", event_id)
    assert (shown.code, shown.err) == (0, "")
    assert not {0, 7, 27} & set(shown.out)


def _name(case: tuple[str, str]) -> str:
    return f"{CASES.index(case):032x}"


def _write(case: tuple[str, str]) -> bytes:
    shape, hazard = case
    members = f'"event_id":"{_name(case)}","platform":"python","timestamp":1700000000.5'
    return f"{{{members},{HAZARDS[hazard]}{SHAPES[shape]}}}".encode()


def _refuse(constant: str) -> None:
    raise AssertionError(f"{constant} is no JSON")
