"""Spans, as they are stored. Source: Sentry 2024-09, `interfaces/spans.py`."""

from typing import Any

from archive.events.api.generation import Generation


def spans_to_api(spans: list[Any], platform: str | None, generation: Generation) -> list[Any]:
    """The spans."""
    return spans
