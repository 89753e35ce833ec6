"""An event in the shape in which Sentry stores it, shown in the shape of its API."""

from __future__ import annotations

from typing import Any

from details import Json

_FRAME = {
    "filename": "filename", "absPath": "abs_path", "module": "module", "package": "package",
    "platform": "platform", "instructionAddr": "instruction_addr", "symbolAddr": "symbol_addr",
    "function": "function", "rawFunction": "raw_function", "symbol": "symbol", "context": "",
    "lineNo": "lineno", "colNo": "colno", "inApp": "in_app", "trust": "trust",
    "errors": "errors", "lock": "lock", "sourceLink": "source_link", "vars": "vars",
}  # fmt: skip
_ENTRIES = {"logentry": "message", "exception": "exception", "breadcrumbs": "breadcrumbs",
            "request": "request"}  # fmt: skip


def show_event(event: Json) -> Json:
    """The answer of the API."""
    found = [name for name in _ENTRIES if name in event]
    entries = [{"data": _SHOW[name](event[name]), "type": _ENTRIES[name]} for name in found]
    meta = event.get("_meta", {})
    noted = {str(at): {"data": meta[name]} for at, name in enumerate(found) if name in meta}
    tags: list[Json] = [{"key": key, "value": value} for key, value in sorted(event["tags"])]
    for tag in tags:
        if tag["key"] == "user":
            tag["query"] = 'user.id:"«user_id»"'
    return {
        "id": "«id»",
        "groupID": "«group»",
        "eventID": "«id»",
        "projectID": str(event["project"]),
        "size": "«json:size»",
        "entries": entries,
        "dist": event.get("dist"),
        "message": event.get("logentry", {}).get("formatted", ""),
        "title": event["title"],
        "location": event["location"],
        "user": event.get("user"),
        "contexts": event.get("contexts", {}),
        "sdk": event["sdk"],
        "context": event.get("extra", {}),
        "packages": event.get("modules", {}),
        "type": event["type"],
        "metadata": event["metadata"],
        "tags": tags,
        "platform": event["platform"],
        "dateReceived": "«received»",
        "errors": [],
        "occurrence": None,
        "_meta": {"entries": noted, "message": None, "user": None, "contexts": None, "sdk": None,
                  "context": None, "packages": None, "tags": {}},
        "crashFile": None,
        "culprit": event["culprit"],
        "dateCreated": "«created»",
        "fingerprints": event["hashes"],
        "groupingConfig": event["grouping_config"],
    }  # fmt: skip


def show_crumb(crumb: Json) -> Json:
    return {"type": crumb["type"], "timestamp": "«when»", "level": crumb["level"],
            "message": crumb.get("message"), "category": crumb["category"],
            "data": crumb.get("data"), "event_id": None}  # fmt: skip


def show_user(user: Json) -> Json:
    return {**user, "name": None, "data": None}


def _show_message(entry: Json) -> Json:
    return {"message": entry["message"], "formatted": entry["formatted"],
            "params": entry.get("params")}  # fmt: skip


def _show_exceptions(entry: Json) -> Json:
    values = [_show_exception(value) for value in entry["values"]]
    return {"values": values, "hasSystemFrames": True, "excOmitted": None}


def _show_exception(value: Json) -> Json:
    return {
        "type": value["type"], "value": value["value"], "mechanism": value.get("mechanism"),
        "threadId": None, "module": value.get("module"),
        "stacktrace": _show_stack(value.get("stacktrace")),
        "rawStacktrace": _show_stack(value.get("raw_stacktrace")),
    }  # fmt: skip


def _show_stack(stack: Json | None) -> Json | None:
    if stack is None:
        return None
    return {"frames": [_show_frame(frame) for frame in stack["frames"]], "framesOmitted": None,
            "registers": None, "hasSystemFrames": True}  # fmt: skip


def _show_frame(frame: Json) -> Json:
    shown = {name: frame.get(stored) for name, stored in _FRAME.items()}
    lines: list[str] = []
    if "context_line" in frame:
        lines = [*frame["pre_context"], frame["context_line"], *frame["post_context"]]
    first = frame["lineno"] - len(frame.get("pre_context", ()))
    shown["context"] = [[number, text] for number, text in enumerate(lines, first)]
    return shown


def _show_request(request: Json) -> Json:
    return {
        "apiTarget": None, "method": request["method"], "url": request["url"],
        "query": request.get("query_string"), "fragment": None, "data": request.get("data"),
        "headers": request["headers"], "cookies": request.get("cookies", []),
        "env": request.get("env"), "inferredContentType": request.get("inferred_content_type"),
    }  # fmt: skip


_SHOW: dict[str, Any] = {
    "logentry": _show_message,
    "exception": _show_exceptions,
    "breadcrumbs": lambda entry: entry,  # each is shown by itself
    "request": _show_request,
}
