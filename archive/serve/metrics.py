"""Metrics of the server, for Prometheus."""

from __future__ import annotations

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    ProcessCollector,
    generate_latest,
)
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4

from archive.serve.http import ApiResponse

_SECONDS = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10)
_METHODS = ("GET", "HEAD", "OPTIONS")


class Metrics:
    """The metrics of one server. The label `route` is a path template, never a requested path."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        ProcessCollector(registry=self._registry)
        self._requests = Counter(
            "event_archive_requests",
            "Requests answered.",
            ["route", "method", "status"],
            registry=self._registry,
        )
        self._seconds = Histogram(
            "event_archive_request_seconds",
            "Time to answer.",
            ["route"],
            buckets=_SECONDS,
            registry=self._registry,
        )
        self._active = Gauge(
            "event_archive_active_requests", "Requests under way.", registry=self._registry
        )
        self._commit = Gauge(
            "event_archive_commit",
            "Number of the current commit.",
            registry=self._registry,
        )

    def count(self, route: str, method: str, status: int, seconds: float) -> None:
        """Count an answered request."""
        known = method if method in _METHODS else "other"
        self._requests.labels(route, known, str(status)).inc()
        self._seconds.labels(route).observe(seconds)

    def render(self, commit: int, active: int) -> ApiResponse:
        """Return all metrics in Prometheus' text format."""
        self._commit.set(commit)
        self._active.set(active)
        return ApiResponse(generate_latest(self._registry), media_type=CONTENT_TYPE_PLAIN_0_0_4)
