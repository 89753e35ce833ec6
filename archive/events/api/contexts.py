"""Contexts. Source: Sentry 2024-09, `interfaces/contexts.py`."""

from typing import Any

_TYPES = frozenset(("app", "device", "runtime", "browser", "os", "gpu", "monitor", "trace", "otel"))
_LONGEST_NUMBER = 15


def contexts_to_api(contexts: dict[str, Any]) -> dict[str, Any]:
    """Each context by its alias; a type without a class of its own is shown as default."""
    return {
        alias: _context_to_api(alias, context)
        for alias, context in contexts.items()
        if context is not None
    }


def _context_to_api(alias: str, context: dict[str, Any]) -> dict[str, Any]:
    kind = context.get("type", alias)
    answer = {
        key: _spell_long_numbers(member) for key, member in context.items() if member is not None
    }
    answer["type"] = kind if type(kind) is str and kind in _TYPES else "default"
    return answer


def _spell_long_numbers(value: Any) -> Any:
    """Text instead of numbers that JavaScript could not hold."""
    kind = type(value)
    if kind is int or kind is float:
        spelling = str(value)
        return spelling if len(spelling) > _LONGEST_NUMBER else value
    if kind is list:
        return [_spell_long_numbers(item) for item in value]
    if kind is dict:
        return {key: _spell_long_numbers(member) for key, member in value.items()}
    return value
