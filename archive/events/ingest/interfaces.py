"""Log entries, breadcrumbs, users and measurements (Relay, normalize/*.rs)."""

import re
from typing import Any

from archive.events.protocol.interfaces import BREADCRUMB, USER
from archive.events.protocol.meta import Meta, add_error, withdraw
from archive.events.protocol.values import to_json

PERCENT = re.compile(r"%(?:\((\w+)\))?[#0\- +]*\d{0,3}(?:\.\d{1,3})?[hlL]?([diouxXeEfFgGcrsa%])")
CURLY = re.compile(r"\{(\w*)\}")
NUMERIC = "diouxXeEfFgG"
USER_NAMES = (("id", "id"), ("username", "username"), ("email", "email"), ("ip_address", "ip"))
MILLISECONDS = """
app_start_cold app_start_warm fcp fid fp inp lcp stall_longest_time stall_total_time
time_to_full_display time_to_initial_display ttfb ttfb.requesttime
"""
RATIOS = "frames_frozen_rate frames_slow_rate stall_percentage"
UNITS = {
    **dict.fromkeys(MILLISECONDS.split(), "millisecond"),
    **dict.fromkeys(RATIOS.split(), "ratio"),
}
"""The units of well-known measurements; others have none."""


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


def process_breadcrumb(crumb: dict[str, Any], meta: Meta) -> dict[str, Any]:
    """Set the default type and level of a breadcrumb; its unknown members become errors."""
    unknown = BREADCRUMB.list_unknown(crumb)
    for key in unknown:
        del crumb[key]
    if not crumb.get("type"):
        crumb["type"] = "default"
    if crumb.get("level") is None:
        crumb["level"] = "info"
    for key in unknown:
        crumb[key] = None
        meta[key] = {"": {"err": ["invalid_attribute"]}}
    return crumb


def process_user(user: dict[str, Any], meta: Meta) -> dict[str, Any]:
    """Move the unknown members of a user to `data`."""
    unknown = USER.list_unknown(user)
    if unknown:
        data = dict(user.get("data") or {})
        for key in unknown:
            data[key] = user.pop(key)
            if note := meta.pop(key, None):
                meta.setdefault("data", {})[key] = note
        user["data"] = {key: data[key] for key in sorted(data)}
    return user


def identify_user(user: dict[str, Any]) -> dict[str, str]:
    """Give the member that becomes the tag `sentry:user` (Sentry, `EventUser.tag_value`)."""
    for name, label in USER_NAMES:
        if user.get(name):
            return {"sentry_user": f"{label}:{user[name]}"}
    return {}


def complete_units(measurements: dict[str, Any]) -> None:
    """Set the unit of each measurement sent without one (Relay, `normalize_units`)."""
    for name, measurement in measurements.items():
        if measurement and measurement.get("unit") is None:
            measurement["unit"] = UNITS.get(name, "none")
