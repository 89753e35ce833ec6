"""Units of measurements (Relay, `normalize_units`)."""

from typing import Any

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


def complete_units(measurements: dict[str, Any]) -> None:
    """Set the unit of each measurement sent without one (Relay, `normalize_units`)."""
    for name, measurement in measurements.items():
        if measurement and measurement.get("unit") is None:
            measurement["unit"] = UNITS.get(name, "none")
