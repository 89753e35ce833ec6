"""What the lists of issues show of an event: metadata, title, location and culprit."""

from typing import Any
from urllib.parse import urlsplit, urlunsplit

TITLE_LENGTH = 100
VALUE_LENGTH = 1024
TYPE_LENGTH = 128
CULPRIT_LENGTH = 200
NATIVE = ("objc", "cocoa", "native")
SCRIPT = ("javascript", "node")
SECURITY = ("csp", "hpkp", "expectct", "expectstaple")
UNTITLED = "<untitled>"
LOCAL = "'self'"


def summarize(event: dict[str, Any]) -> None:
    """Set metadata, title, location and culprit (Sentry, `materialize_metadata`)."""
    metadata = METADATA.get(event["type"], _describe_untitled)(event)
    event["culprit"] = cut(
        event.get("culprit") or event.get("transaction") or generate_culprit(event),
        CULPRIT_LENGTH,
    )
    event["title"] = _make_title(event["type"], metadata)
    event["location"] = _find_location(event["type"], metadata)
    event["metadata"] = metadata


def cut(value: str, length: int) -> str:
    """Cut a string to a length, `...` included (Sentry, `trim` in src/sentry/utils/safe.py)."""
    return value if len(value) <= length else value[: length - 3] + "..."


def find_main_exception(event: dict[str, Any]) -> dict[str, Any] | None:
    """Give the exception an event is named after: the newest (Sentry, `get_path(..., -1)`)."""
    exceptions = [item for item in (event.get("exception") or {}).get("values") or () if item]
    return exceptions[-1] if exceptions else None


def find_crash_frame(event: dict[str, Any]) -> dict[str, Any] | None:
    """Give the newest frame of the application with a name, or else of all.

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
    exceptions = [item for item in (event.get("exception") or {}).get("values") or () if item]
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
    exception = find_main_exception(event)
    if exception is None:
        return {}
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
    entry = event.get("logentry") or {}
    message = (entry.get("formatted") or entry.get("message") or "").strip()
    return {"title": cut(message.splitlines()[0], TITLE_LENGTH) if message else "<unlabeled event>"}


def _describe_csp(event: dict[str, Any]) -> dict[str, Any]:
    report = event["csp"]
    uri = report.get("blocked_uri")
    return {
        "directive": report.get("effective_directive"),
        "uri": _normalize_uri(LOCAL if uri is None else uri),
        "message": _plain_message(event),
    }


def _describe_host(event: dict[str, Any]) -> dict[str, Any]:
    return {
        "origin": event[event["type"]].get("hostname"),
        "message": _plain_message(event),
    }


def _plain_message(event: dict[str, Any]) -> str:
    entry = event.get("logentry") or {}
    return entry.get("formatted") or entry.get("message") or ""


def _describe_transaction(event: dict[str, Any]) -> dict[str, Any]:
    transaction = event.get("transaction")
    return {"title": transaction or "<unlabeled transaction>", "location": transaction}


def _describe_feedback(event: dict[str, Any]) -> dict[str, Any]:
    feedback = (event.get("contexts") or {}).get("feedback") or {}
    return {name: feedback.get(name) for name in ("contact_email", "message", "name", "source")}


def _describe_untitled(event: dict[str, Any]) -> dict[str, Any]:
    return {}


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


def _make_title(kind: str, metadata: dict[str, Any]) -> str:
    if kind == "error" and "type" in metadata:
        value = metadata["value"].strip()
        first = cut(value.splitlines()[0], TITLE_LENGTH) if value else ""
        return f"{metadata['type']}: {first}" if first else str(metadata["type"])
    if kind == "error":
        return metadata.get("function") or "<unknown>"
    named = metadata.get("message") if kind in SECURITY else None
    return named or metadata.get("title") or UNTITLED


def _find_location(kind: str, metadata: dict[str, Any]) -> str | None:
    names = {"error": "filename", "csp": "uri", "transaction": "location"}
    return metadata.get(names.get(kind, "origin"))


def _normalize_uri(value: str) -> str:
    if value in ("", LOCAL, LOCAL.strip("'")):
        return LOCAL
    try:
        scheme, host = urlsplit(value)[:2] if ":" in value else (value, "")
    except ValueError:
        return value
    return host if scheme in ("http", "https") else urlunsplit((scheme, host, "", None, None))
