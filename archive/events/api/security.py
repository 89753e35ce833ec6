"""Browser reports: csp, hpkp, expectct, expectstaple and nel, as they are stored.

Source: Sentry 2024-09, `interfaces/security.py` and `interfaces/nel.py`.
"""

from typing import Any

from archive.events.api.generation import Generation
from archive.events.api.objects import drop_nulls


def report_to_api(
    report: Any, platform: str | None, generation: Generation
) -> dict[str, Any] | None:
    """The report's members that are not null."""
    return drop_nulls(report) if type(report) is dict else None
