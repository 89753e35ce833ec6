"""Interfaces without stack traces.

Source: Sentry 2024-09, `interfaces/{breadcrumbs,contexts,debug_meta,http,message,nel,sdk,security,
template,user}.py`.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from archive.events.api.frames import number_lines
from archive.events.api.generation import format_instant

CONTEXT_TYPES = frozenset(
    ["app", "device", "runtime", "browser", "os", "gpu", "monitor", "trace", "otel"]
)
LONGEST_NUMBER = 15

TEMPLATE_META = {"": "", "lineNo": "lineno", "filename": "filename"}
REQUEST_META = {
    "": "",
    "apiTarget": "api_target",
    "method": "method",
    "url": "url",
    "query": "query_string",
    "data": "data",
    "headers": "headers",
    "cookies": "cookies",
    "env": "env",
}


def pick(meta: dict[str, Any], names: Mapping[str, str]) -> dict[str, Any]:
    """Return the `_meta` of members under the names in the answer, each with its stored name."""
    return {shown: meta.get(key) for shown, key in names.items()}


def drop_nulls(body: Any) -> dict[str, Any]:
    """Copy an object without its null members (Sentry 2024-09, `prune_empty_keys`)."""
    return {key: member for key, member in body.items() if member is not None}


def message_to_api(logentry: dict[str, Any]) -> dict[str, Any]:
    keys = ("message", "formatted", "params")
    return {key: logentry[key] for key in keys if logentry.get(key) is not None}


def breadcrumbs_to_api(breadcrumbs: dict[str, Any]) -> dict[str, Any]:
    crumbs = breadcrumbs.get("values") or ()
    return {"values": [_crumb_to_api(crumb) for crumb in crumbs if crumb is not None]}


def _crumb_to_api(crumb: dict[str, Any]) -> dict[str, Any]:
    timestamp = crumb.get("timestamp")
    return {
        "type": crumb.get("type"),
        "timestamp": format_instant(timestamp) if timestamp else None,
        "level": crumb.get("level"),
        "message": crumb.get("message"),
        "category": crumb.get("category"),
        "data": crumb.get("data") or None,
        "event_id": crumb.get("event_id"),
    }


def request_to_api(request: dict[str, Any]) -> dict[str, Any]:
    get = request.get
    return {
        "apiTarget": get("api_target"),
        "method": get("method"),
        "url": get("url"),
        "query": get("query_string") or [],
        "fragment": get("fragment"),
        "data": get("data"),
        "headers": get("headers") or [],
        "cookies": get("cookies") or [],
        "env": get("env") or None,
        "inferredContentType": get("inferred_content_type"),
    }


def template_to_api(template: dict[str, Any]) -> dict[str, Any]:
    return {
        "lineNo": template.get("lineno"),
        "filename": template.get("filename"),
        "context": number_lines(template),
    }


def debug_meta_to_api(debug_meta: dict[str, Any]) -> dict[str, Any]:
    keys = ("images", "sdk_info", "is_debug_build")
    return {key: debug_meta[key] for key in keys if debug_meta.get(key) not in (None, [], {})}


def report_to_api(report: Any) -> dict[str, Any] | None:
    """Answer a browser report: csp, hpkp, expectct, expectstaple or nel."""
    return drop_nulls(report) if type(report) is dict else None


def user_to_api(user: dict[str, Any], members: Iterable[str]) -> dict[str, Any]:
    return {key: user.get(key) for key in members} | {"data": user.get("data") or None}


def sdk_to_api(sdk: dict[str, Any]) -> dict[str, Any]:
    """Answer the name and the version; packages and integrations are not shown."""
    return {"name": sdk.get("name"), "version": sdk.get("version")}


def contexts_to_api(contexts: dict[str, Any]) -> dict[str, Any]:
    """Answer each context by its alias; a type without a class in Sentry is shown as default."""
    return {
        alias: _context_to_api(alias, context)
        for alias, context in contexts.items()
        if context is not None
    }


def _context_to_api(alias: str, context: dict[str, Any]) -> dict[str, Any]:
    kind = context.get("type", alias)
    answer = {key: _spell_long_numbers(member) for key, member in drop_nulls(context).items()}
    answer["type"] = kind if type(kind) is str and kind in CONTEXT_TYPES else "default"
    return answer


def _spell_long_numbers(value: Any) -> Any:
    """Replace numbers that JavaScript cannot represent by text."""
    kind = type(value)
    if kind is int or kind is float:
        spelling = str(value)
        return spelling if len(spelling) > LONGEST_NUMBER else value
    if kind is list:
        return [_spell_long_numbers(item) for item in value]
    if kind is dict:
        return {key: _spell_long_numbers(member) for key, member in value.items()}
    return value
