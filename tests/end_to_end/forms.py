"""The forms in which users hold the events of the corpus's `pairs/api`, as files to load."""

from __future__ import annotations

import base64
import json
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import archive
from tests.builders import write_json
from tests.corpus import Pair

ORGANIZATION = "oracle-org"
PROJECTS = {"1": "oracle-project", "2": "oracle-second"}


class Form(NamedTuple):
    """A form: which member of a pair it holds, how one is written, and what else is known.

    known: members of the answer that are known from the form's surroundings; `projectID` is in
    most bodies too.
    """

    member: str
    write: Callable[[Pair], bytes]
    known: frozenset[str] = frozenset()
    header: bytes = b""


def write_form(form: Form, pairs: dict[str, Pair], folder: Path) -> dict[str, Pair]:
    """Write the pairs that a form has, each to a file; return these pairs.

    Scrubbed events are another pair's event as sent, and the rules are not in it.
    """
    folder.mkdir(parents=True)
    held = {
        name: pair
        for name, pair in pairs.items()
        if is_event(pair.get(form.member)) and (form.member != "raw" or pair["mode"] == "normalize")
    }
    for number, pair in enumerate(held.values()):
        (folder / f"{number:03}").write_bytes(form.header + form.write(pair))
    return held


def load_form(
    events: archive.Archive, form: Form, pairs: dict[str, Pair], folder: Path
) -> dict[str, Pair]:
    """Load what there is of a form, slugs given where it has the project; return these pairs."""
    held = write_form(form, pairs, folder / "exports")
    given: dict[str, Any] = {}
    if "projectID" in form.known:
        projects = [{"id": number, "slug": slug} for number, slug in PROJECTS.items()]
        given["project_map"] = write_json(folder / "projects.json", projects)
        given["organization"] = ORGANIZATION
    report = events.load(folder / "exports", **given)
    assert report.read == report.accounted
    assert report.stored + report.rejected == len(held)
    return held


def is_event(body: Any) -> bool:
    """Whether Sentry gave an event, and not an error."""
    return isinstance(body, dict) and ("event_id" in body or "eventID" in body)


def dump(value: Any) -> str:
    """Compact JSON, all of it ASCII; Python's order of members stays."""
    return json.dumps(value, separators=(",", ":"))


def _write_member(member: str) -> Callable[[Pair], bytes]:
    return lambda pair: dump(pair[member]).encode()


def _write_message(pair: Pair) -> bytes:
    """A message of the Kafka topic `events`."""
    ids = {key: pair["context"][key] for key in ("group_id", "event_id", "project_id")}
    return dump([2, "insert", {**ids, "data": pair["stored"]}, {"skip_consume": False}]).encode()


def _write_row(pair: Pair) -> bytes:
    """A row of the table `nodestore_node`."""
    data = base64.b64encode(zlib.compress(dump(pair["stored"]).encode())).decode()
    return f"{pair['context']['event_id']},{data},2024-09-17 12:34:56+00\n".encode()


def _write_webhook(pair: Pair) -> bytes:
    context = pair["context"]
    project = f"{context['organization_slug']}/{context['project_slug']}"
    event = {
        **pair["json_view"],
        "url": f"https://sentry.io/api/0/projects/{project}/events/{context['event_id']}/",
        "issue_id": context["group_id"] and str(context["group_id"]),
    }
    return dump({"action": "triggered", "data": {"event": event}}).encode()


def _write_envelope(pair: Pair) -> bytes:
    context = pair["context"]
    dsn = f"https://key@sentry.io/{context['project_id']}"
    header = {"event_id": context["event_id"], "dsn": dsn}
    kind = "transaction" if pair["raw"].get("type") == "transaction" else "event"
    return "\n".join(map(dump, (header, {"type": kind}, pair["raw"]))).encode()


def _write_answer(pair: Pair) -> bytes:
    """The answer of the endpoint `eventids`, in which only errors are to be had."""
    context = pair["context"]
    outer = {
        "organizationSlug": context["organization_slug"],
        "projectSlug": context["project_slug"],
        "groupId": str(context["group_id"]),
        "eventId": context["event_id"],
    }
    return dump({**outer, "event": pair["api"]}).encode()


_ALL = frozenset({"groupID", "projectID"})

FORMS = {
    "stored, a message of the queue": Form("stored", _write_message, _ALL),
    "stored, a row of nodestore": Form("stored", _write_row, header=b"id,data,timestamp\n"),
    "stored, a file": Form("stored", _write_member("stored")),
    "downloaded, a webhook": Form("json_view", _write_webhook, _ALL),
    "downloaded, a file": Form("json_view", _write_member("json_view")),
    "sent, an envelope": Form("raw", _write_envelope, frozenset({"projectID"})),
    "sent, a file": Form("raw", _write_member("raw")),
    "answered": Form("api", _write_answer, _ALL),
    "detail, a file": Form("detail", _write_member("detail"), _ALL),
    "simple, a file": Form("simple", _write_member("simple"), _ALL),
}
