"""The members that lists of issues show: metadata, title, location and culprit."""

from typing import Any
from urllib.parse import urlsplit, urlunsplit

from archive.events.api.titles import LONGEST_TITLE, cut, find_message, locate_event, title_event
from archive.events.protocol.values import list_items

VALUE_LENGTH = 1024
TYPE_LENGTH = 128
CULPRIT_LENGTH = 200
NATIVE = ("objc", "cocoa", "native")
SCRIPT = ("javascript", "node")
LOCAL = "'self'"


def summarize(event: dict[str, Any]) -> None:
    """Set metadata, title, location and culprit (Sentry, `materialize_metadata`)."""
    kind = event["type"]
    metadata = METADATA[kind](event) if kind in METADATA else {}
    event["culprit"] = cut(
        event.get("culprit") or event.get("transaction") or generate_culprit(event),
        CULPRIT_LENGTH,
    )
    event["title"] = title_event(event, kind, metadata)
    event["location"] = locate_event(kind, metadata)
    event["metadata"] = metadata


def find_crash_frame(event: dict[str, Any]) -> dict[str, Any] | None:
    """Return the newest frame of the application with a name, or else of all.

    Sentry, `get_crash_frame_from_event_data` in src/sentry/stacktraces/processing.py.
    """
    exceptions = (event.get("exception") or {}).get("values") or [None]
    frames = ((exceptions[-1] or {}).get("stacktrace") or {}).get("frames")
    frames = frames or (event.get("stacktrace") or {}).get("frames")
    if not frames:
        threads = (event.get("threads") or {}).get("values") or []
        if len(threads) == 1:
            frames = ((threads[0] or {}).get("stacktrace") or {}).get("frames")
    named = [
        frame
        for frame in reversed(frames or ())
        if frame and frame.get("function") not in (None, "<redacted>", "<unknown>")
    ]
    return next((frame for frame in named if frame.get("in_app")), named[0] if named else None)


def generate_culprit(event: dict[str, Any]) -> str:
    """Name the code at fault (Sentry, src/sentry/culprit.py)."""
    platform = event.get("platform")
    exceptions = list_items(event.get("exception"), "values")
    if exceptions:
        if (exceptions[-1].get("mechanism") or {}).get("synthetic"):
            return ""
        traces = [item.get("stacktrace") for item in exceptions]
    else:
        traces = [event.get("stacktrace")]
    framed = [trace for trace in traces if trace and trace.get("frames")]
    culprit = _name_frame(framed[-1]["frames"], platform) if framed else ""
    return culprit or (event.get("request") or {}).get("url") or ""


def _name_frame(frames: list[dict[str, Any] | None], platform: str | None) -> str:
    fallback: str | None = None
    for frame in reversed(frames):
        if not frame:
            continue
        if frame.get("in_app"):
            if name := _join_names(frame, platform):
                return name
        elif fallback is None:
            fallback = _join_names(frame, platform)
    return fallback or ""


def _join_names(frame: dict[str, Any], platform: str | None) -> str:
    platform = frame.get("platform") or platform
    function = frame.get("function") or "?"
    if platform in NATIVE:
        return function
    place = frame.get("module") or frame.get("filename")
    if not place:
        return ""
    return f"{function}({place})" if platform in SCRIPT else f"{place} in {function}"


def _describe_error(event: dict[str, Any]) -> dict[str, Any]:
    exceptions = list_items(event.get("exception"), "values")
    if not exceptions:
        return {}
    exception = exceptions[-1]  # the newest (Sentry, `get_path(..., -1)`)
    metadata: dict[str, Any] = {"value": cut(exception.get("value") or "", VALUE_LENGTH)}
    if not (exception.get("mechanism") or {}).get("synthetic"):
        metadata["type"] = cut(exception.get("type") or "Error", TYPE_LENGTH)
    frame = find_crash_frame(event)
    if frame is not None:
        filename = frame.get("filename") or frame.get("abs_path")
        if filename:
            metadata["filename"] = filename
        metadata["function"] = frame["function"]
    return metadata


def _describe_message(event: dict[str, Any]) -> dict[str, Any]:
    message = find_message(event)[0].strip()
    return {
        "title": cut(message.splitlines()[0], LONGEST_TITLE) if message else "<unlabeled event>"
    }


def _describe_csp(event: dict[str, Any]) -> dict[str, Any]:
    report = event["csp"]
    uri = report.get("blocked_uri")
    return {
        "directive": report.get("effective_directive"),
        "uri": _normalize_uri(LOCAL if uri is None else uri),
        "message": find_message(event)[0],
    }


def _describe_host(event: dict[str, Any]) -> dict[str, Any]:
    return {"origin": event[event["type"]].get("hostname"), "message": find_message(event)[0]}


def _describe_transaction(event: dict[str, Any]) -> dict[str, Any]:
    transaction = event.get("transaction")
    return {"title": transaction or "<unlabeled transaction>", "location": transaction}


def _describe_feedback(event: dict[str, Any]) -> dict[str, Any]:
    feedback = (event.get("contexts") or {}).get("feedback") or {}
    return {name: feedback.get(name) for name in ("contact_email", "message", "name", "source")}


METADATA = {
    "error": _describe_error,
    "default": _describe_message,
    "csp": _describe_csp,
    "hpkp": _describe_host,
    "expectct": _describe_host,
    "expectstaple": _describe_host,
    "transaction": _describe_transaction,
    "feedback": _describe_feedback,
}


def _normalize_uri(value: str) -> str:
    if value in ("", LOCAL, LOCAL.strip("'")):
        return LOCAL
    try:
        scheme, host = urlsplit(value)[:2] if ":" in value else (value, "")
    except ValueError:
        return value
    return host if scheme in ("http", "https") else urlunsplit((scheme, host, "", None, None))
