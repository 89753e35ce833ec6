"""A template's error location. Source: Sentry 2024-09, `interfaces/template.py`."""

from typing import Any

from archive.events.api.frame import number_lines
from archive.events.api.generation import Generation


def template_to_api(
    template: dict[str, Any], platform: str | None, generation: Generation
) -> dict[str, Any]:
    """Where in the template the error was."""
    return {
        "lineNo": template.get("lineno"),
        "filename": template.get("filename"),
        "context": number_lines(template),
    }


def annotate_template(meta: dict[str, Any], template: dict[str, Any]) -> dict[str, Any]:
    """Its `_meta`; that of the source lines is not shown."""
    return {
        "": meta.get(""),
        "lineNo": meta.get("lineno"),
        "filename": meta.get("filename"),
        "context": [],
    }
