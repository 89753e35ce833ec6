"""Which frames belong to the application (Sentry, `normalize_stacktraces_for_grouping`)."""

from collections.abc import Iterator
from typing import Any

from archive.events.ingest.functions import trim_frame_function

MIXES = {
    (True, False): "in-app-only",
    (False, True): "system-only",
    (True, True): "mixed",
}


def settle_frames(event: dict[str, Any]) -> str | None:
    """Shorten function names and make `in_app` true or false; return the mix of frames found."""
    found: set[bool] = set()
    for frames in _stacktraces(event):
        for frame in frames:
            trim_frame_function(frame, event.get("platform"))
            if frame.get("in_app") is None:
                frame["in_app"] = False
                frame["data"] = {**(frame.get("data") or {}), "orig_in_app": -1}
            found.add(frame["in_app"])
    return MIXES.get((True in found, False in found))


def _stacktraces(event: dict[str, Any]) -> Iterator[list[dict[str, Any]]]:
    holders = [event]
    for name in ("exception", "threads"):
        holders.extend(item for item in (event.get(name) or {}).get("values") or () if item)
    for holder in holders:
        for name in ("stacktrace", "raw_stacktrace"):
            frames = (holder.get(name) or {}).get("frames")
            if frames:
                yield [frame for frame in frames if frame]
