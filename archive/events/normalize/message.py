"""The log entry: a message, its parameters and their combination (Relay, logentry.rs)."""

import re
from typing import Any

from archive.events.normalize.clean import to_json
from archive.events.normalize.meta import Meta, add_error, reject, withdraw
from archive.events.normalize.scalars import MESSAGE, json_lenient
from archive.events.normalize.shapes import Field, Struct, fields
from archive.events.normalize.trim import MEDIUM, bag

PERCENT = re.compile(r"%(?:\((\w+)\))?[#0\- +]*\d{0,3}(?:\.\d{1,3})?[hlL]?([diouxXeEfFgGcrsa%])")
CURLY = re.compile(r"\{(\w*)\}")
NUMERIC = "diouxXeEfFgG"

read_plain_message = json_lenient(MESSAGE)
read_params_bag = bag(MEDIUM)


def read_params(value: Any, meta: Meta) -> Any:
    """Read the parameters: a list or an object."""
    if isinstance(value, (dict, list)):
        return read_params_bag(value, meta)
    return reject(meta, "message parameters", value)


read_fields = Struct(
    "logentry", [*fields(MESSAGE, "message", "formatted"), Field("params", read_params)]
)


def read_message(value: Any, meta: Meta) -> dict[str, Any] | None:
    """Read a log entry; the old top-level message may be any value but false."""
    if not isinstance(value, dict):
        return None if value is False else _read_plain(value, meta)
    entry = read_fields(value, meta)
    if not entry:
        return None
    return _combine(entry, meta)


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


def _read_plain(value: Any, meta: Meta) -> dict[str, Any]:
    child = dict(meta)
    meta.clear()
    formatted = read_plain_message(value, child)
    if child:
        meta["formatted"] = child
    return {"formatted": formatted}


def _combine(entry: dict[str, Any], meta: Meta) -> dict[str, Any] | None:
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
