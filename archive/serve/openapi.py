"""The OpenAPI document, generated from the routes."""

from __future__ import annotations

import re
from typing import Any

from archive.serve.pagination import MAX_PER_PAGE
from archive.serve.routes import ENDPOINTS, ROOT, Endpoint
from archive.version import VERSION

Json = dict[str, Any]

_TEXT: Json = {"type": ["string", "null"]}
_TIMESTAMP = {**_TEXT, "format": "date-time"}
_STRING: Json = {"type": "string"}
_INTEGER: Json = {"type": "integer"}
_OBJECT: Json = {"type": "object"}
_SLUG = {"type": "string", "pattern": "^[^/]+$", "minLength": 1}
PATH: dict[str, tuple[str, Json]] = {
    "organization": ("Slug or ID of the organization.", _SLUG),
    "project": ("Slug or ID of the project.", _SLUG),
    "key": ("Key of the tag.", _SLUG),
    "issue_id": (
        "Numeric ID of the issue; within an organization, also its short ID.",
        {
            "type": "string",
            "pattern": "^([0-9]{1,18}|[A-Za-z][A-Za-z0-9_-]*-[0-9A-TV-Za-tv-z]{1,7})$",
        },
    ),
    "short_id": (
        "Short ID of the issue, for example CHECKOUT-API-1A.",
        {"type": "string", "pattern": "^[A-Za-z][A-Za-z0-9_-]*-[0-9A-TV-Za-tv-z]{1,7}$"},
    ),
    "event_id": (
        "32 hex digits, upper or lower case, with up to four dashes.",
        {"type": "string", "pattern": "^([0-9A-Fa-f]{8}-?)([0-9A-Fa-f]{4}-?){3}[0-9A-Fa-f]{12}$"},
    ),
}
QUERY: dict[str, tuple[str, Json]] = {
    "per_page": (
        "Maximum number of items per page.",
        {"type": "integer", "minimum": 1, "maximum": MAX_PER_PAGE, "default": MAX_PER_PAGE},
    ),
    "cursor": (
        "Cursor from a Link header; empty for the first page.",
        {"type": "string", "pattern": "^([0-9]{1,18}:[0-9]{1,18}:[0-9]{1,18})?$"},
    ),
    "full": ("Return full events; any value except 0 and false.", {"type": "string"}),
    "query": (
        "Only events that match this search (see search.md); of a tag, only values that contain "
        "this text (case-insensitive).",
        {"type": "string"},
    ),
}
STATUSES = {
    200: "Success.",
    400: "Invalid ID, parameter or Host header.",
    401: "Missing or unknown token.",
    403: "The token may not read this organization.",
    404: "Not in the archive; with an empty or text body, unknown path.",
    405: "Method not allowed; use GET, HEAD or OPTIONS.",
    414: "URL too long.",
    500: "Internal error; see the server log.",
    503: "Overloaded or timed out; retry.",
}
_EVENT_TEXTS = ("groupID", "projectID", "message", "title", "location", "culprit", "platform")


def describe_server() -> Json:
    """Generate the OpenAPI 3.1 document of all endpoints."""
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Event Archive",
            "version": VERSION,
            "description": "An archive of Sentry events at the URLs of Sentry's API.",
        },
        "paths": {ROOT + endpoint.path: _describe_path(endpoint) for endpoint in ENDPOINTS},
        "components": {
            "schemas": _describe_schemas(),
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
        },
        "security": [{}, {"token": []}],
    }


def _describe_path(endpoint: Endpoint) -> Json:
    named = re.findall(r"{(\w+)}", endpoint.path)
    parameters = [_describe_parameter(name, "path", *PATH[name]) for name in named]
    parameters += [_describe_parameter(name, "query", *QUERY[name]) for name in endpoint.query]
    summary = (endpoint.answer.__doc__ or "").split("\n")[0]
    responses = _describe_responses(endpoint)
    name = f"{endpoint.answer.__module__.rsplit('.', 1)[1]}_{endpoint.answer.__name__}"
    within = "_of_organization" if "/{organization}/issues/" in endpoint.path else ""
    return {
        "parameters": parameters,
        "get": {"operationId": name + within, "summary": summary, "responses": responses},
        "head": {
            "operationId": f"{name}{within}_head",
            "summary": f"{summary} Only headers.",
            "responses": {
                status: {key: value for key, value in response.items() if key != "content"}
                for status, response in responses.items()
            },
        },
    }


def _describe_parameter(name: str, place: str, meaning: str, schema: Json) -> Json:
    required = {"required": True} if place == "path" else {}
    return {"name": name, "in": place, "description": meaning, "schema": schema, **required}


def _describe_responses(endpoint: Endpoint) -> Json:
    kind = endpoint.schema.strip("[]")
    schema: Json = {"$ref": f"#/components/schemas/{kind}"}
    if endpoint.is_list:
        schema = {"type": "array", "items": schema, "maxItems": MAX_PER_PAGE}
        if "per_page" not in endpoint.query:
            del schema["maxItems"]
    found: Json = {
        "description": STATUSES[200],
        "content": {"application/json": {"schema": schema}},
    }
    if "per_page" in endpoint.query:
        text = "Links to the previous and next page; `results` is false for an empty page."
        found["headers"] = {"Link": {"description": text, "schema": _STRING}}
    errors = {
        str(status): _describe_error(STATUSES[status]) for status in (400, 401, 403, 414, 503)
    }
    return {"200": found, "404": _describe_absence(), **errors}


def _describe_error(meaning: str) -> Json:
    schema = {"$ref": "#/components/schemas/Error"}
    return {"description": meaning, "content": {"application/json": {"schema": schema}}}


def _describe_absence() -> Json:
    described = _describe_error(STATUSES[404])
    for media_type in ("text/html; charset=utf-8", "text/plain"):
        described["content"][media_type] = {"schema": _STRING}
    return described


def _describe_schemas() -> Json:
    event: Json = {
        "type": "object",
        "required": ["eventID"],
        "properties": {
            "eventID": {"type": "string", "pattern": "^[0-9a-f]{32}$"},
            **dict.fromkeys(_EVENT_TEXTS, _TEXT),
        },
    }
    return {
        "Error": _object(detail=_STRING),
        "Event": event,
        "Answer": _object(
            organizationSlug=_TEXT,
            projectSlug=_TEXT,
            groupId=_TEXT,
            eventId=_STRING,
            event={"type": ["object", "null"]},
        ),
        "Detail": {
            **event,
            "required": ["eventID", "nextEventID", "previousEventID"],
            "properties": {
                **event["properties"],
                "nextEventID": _TEXT,
                "previousEventID": _TEXT,
                "release": {"type": ["object", "null"]},
            },
        },
        "Download": _OBJECT,
        "Attachment": _OBJECT,
        "Hash": _object(id=_STRING, latestEvent={"$ref": "#/components/schemas/Event"}),
        "ShortId": _object(
            organizationSlug=_STRING,
            projectSlug=_TEXT,
            groupId=_STRING,
            group=_object(id=_STRING, shortId=_STRING),
            shortId=_STRING,
        ),
        "Organization": _object(id=_STRING, slug=_STRING, name=_STRING),
        "Project": _object(
            id=_STRING, slug=_STRING, name=_STRING, platform=_TEXT, firstEvent=_TIMESTAMP
        ),
        "Tag": _object(key=_STRING, name=_STRING, uniqueValues=_INTEGER),
        "TagValue": _object(
            value=_STRING, count=_INTEGER, firstSeen=_TIMESTAMP, lastSeen=_TIMESTAMP
        ),
    }


def _object(**properties: Json) -> Json:
    return {"type": "object", "required": list(properties), "properties": properties}
