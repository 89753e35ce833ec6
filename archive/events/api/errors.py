"""Processing errors with their texts. Source: Sentry 2024-09, `models/eventerror.py`."""

from typing import Any

MESSAGES = {
    "invalid_data": "Discarded invalid value",
    "invalid_attribute": "Discarded unknown attribute",
    "missing_attribute": "Missing value for required attribute",
    "value_too_long": "Discarded value due to exceeding maximum length",
    "future_timestamp": "Invalid timestamp (in future)",
    "past_timestamp": "Invalid timestamp (too old)",
    "clock_drift": "Clock drift detected in SDK",
    "invalid_environment": 'Environment cannot contain "/" or newlines',
    "security_violation": "Cannot fetch resource due to security violation",
    "restricted_ip": "Cannot fetch resource due to restricted IP address",
    "fetch_generic_error": "Unable to fetch HTTP resource",
    "fetch_invalid_http_code": "HTTP returned error response",
    "fetch_invalid_source_encoding": "Source file was not encoded properly",
    "fetch_too_large": "Remote file too large for downloading",
    "fetch_timeout": "Remote file took too long to load",
    "too_large_for_cache": "Remote file too large for caching",
    "js_generic_fetch_error": "Unable to fetch resource",
    "js_invalid_http_code": "HTTP returned error response",
    "js_invalid_content": "Source file was not JavaScript",
    "js_no_column": "Cannot expand sourcemap due to missing column information",
    "js_no_source": "Source code was not found",
    "js_invalid_source": "Sourcemap was invalid or not parseable",
    "js_too_many_sources": "The maximum number of remote source requests was made",
    "js_invalid_source_encoding": "Source file was not encoded properly",
    "js_invalid_sourcemap_location": "Invalid location in sourcemap",
    "js_too_large": "Remote file too large",
    "js_fetch_timeout": "Remote file took too long to load",
    "native_no_crashed_thread": "No crashed thread found in crash report",
    "native_internal_failure": "Internal failure when attempting to symbolicate",
    "native_bad_dsym": "The debug information file used was broken.",
    "native_missing_optionally_bundled_dsym": "An optional debug information file was missing.",
    "native_missing_dsym": "A required debug information file was missing.",
    "native_missing_system_dsym": "A system debug information file was missing.",
    "native_missing_symbol": "Could not resolve one or more frames in debug information file.",
    "native_simulator_frame": "Encountered an unprocessable simulator frame.",
    "native_unknown_image": "A binary image is referenced that is unknown.",
    "native_symbolicator_failed": "Failed to process native stacktraces.",
    "proguard_missing_mapping": "A proguard mapping file was missing.",
    "proguard_missing_lineno": "A proguard mapping file does not contain line info.",
}
HIDDEN = ("breadcrumbs.", "extra.", "tags.")


def errors_to_api(errors: list[Any] | None) -> list[dict[str, Any]]:
    """Answer the errors that are shown: those about collections of an SDK's data are not."""
    return [
        {
            "type": error.get("type"),
            "message": MESSAGES.get(error.get("type"), "Unknown error"),
            "data": {key: member for key, member in error.items() if key != "type"},
        }
        for error in errors or ()
        if error is not None and _is_shown(error.get("name") or "")
    ]


def _is_shown(name: str) -> bool:
    return not name.startswith(HIDDEN) and ".frames." not in name
