"""The log entry: a message, its parameters and their combination (Relay, logentry.rs)."""

import re
from typing import Any

from archive.events.protocol.meta import Meta, add_error, withdraw
from archive.events.protocol.values import to_json

PERCENT = re.compile(r"%(?:\((\w+)\))?[#0\- +]*\d{0,3}(?:\.\d{1,3})?[hlL]?([diouxXeEfFgGcrsa%])")
CURLY = re.compile(r"\{(\w*)\}")
NUMERIC = "diouxXeEfFgG"


def process_log_entry(entry: dict[str, Any], meta: Meta) -> dict[str, Any] | None:
    """Combine message and parameters (Relay, `normalize_logentry`)."""
    if not entry:
        return None
    message, formatted = entry.get("message"), entry.get("formatted")
    if message is None and formatted is None:
        add_error(meta, "invalid_data", reason="no message present")
        original = {"formatted": None, "message": None, "params": entry.get("params")}
        return withdraw(meta, original)
    if formatted is None and message is not None and entry.get("params") is not None:
        formatted = format_message(message, entry["params"])
        if formatted is not None:
            entry["formatted"] = formatted
    if formatted is None or message == formatted:
        entry["formatted"] = entry.pop("message")
        if note := meta.pop("message", None):
            meta["formatted"] = note
        else:
            meta.pop("formatted", None)
    return entry


def format_message(message: str, params: Any) -> str | None:
    """Fill the parameters in: Python's notation if there is a `%`, else curly braces.

    None if there is nothing to fill or a parameter is missing (Relay, `format_message`).
    """
    try:
        if "%" in message:
            names = iter(range(len(message)))
            return PERCENT.sub(lambda match: _fill_percent(match, params, names), message)
        if "{" in message:
            names = iter(range(len(message)))
            return CURLY.sub(
                lambda match: _to_text(_pick(params, match[1] or next(names))), message
            )
    except (LookupError, ValueError, TypeError):
        return None
    return None


def _fill_percent(match: re.Match[str], params: Any, names: Any) -> str:
    name, kind = match.groups()
    if kind == "%":
        return "%"
    value = _pick(params, name or next(names))
    if kind in NUMERIC and (isinstance(value, bool) or not isinstance(value, (int, float))):
        raise TypeError(kind)
    template = match[0].replace(f"({name})", "", 1) if name else match[0]
    return template % (value if kind in NUMERIC else _to_text(value))


def _pick(params: Any, name: str | int) -> Any:
    if isinstance(params, list):
        value = params[int(name)]
    else:
        value = params[str(name)] if isinstance(name, str) else params[name]
    if value is None:
        raise LookupError(name)
    return value


def _to_text(value: Any) -> str:
    return value if isinstance(value, str) else to_json(value)
