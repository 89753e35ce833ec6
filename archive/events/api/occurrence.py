"""An issue platform's occurrence. Source: Sentry 2024-09, `issues/issue_occurrence.py`."""

from typing import Any

from archive.events.protocol.values import sort_keys


def occurrence_to_api(occurrence: dict[str, Any] | None) -> dict[str, Any] | None:
    """The occurrence in camel case; its evidence was stored with sorted keys."""
    if occurrence is None:
        return None
    evidence = sort_keys(occurrence.get("evidence_data"))
    camelized: dict[str, Any] = _camelize({**occurrence, "evidence_data": evidence})
    return camelized


def _camelize(value: Any) -> Any:
    if type(value) is dict:
        return {_to_camel_case(key): _camelize(member) for key, member in value.items()}
    if type(value) is list:
        return [_camelize(item) for item in value]
    return value


def _to_camel_case(key: str) -> str:
    first, *rest = key.split("_")
    return first.lower() + "".join(part.title() for part in rest)
