"""What the service tells of itself, for Prometheus."""

from __future__ import annotations

from collections.abc import Callable

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector
from prometheus_client import generate_latest as _latest

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
PATHS = frozenset(
    {"/", "/predict", "/compare", "/transcript", "/issues", "/health", "/metrics", "/openapi.json", "/favicon.ico"}
)
"""Paths that are counted by their names; all others together, as anybody may ask for anything."""

_METHODS = frozenset({"GET", "POST", "HEAD", "OPTIONS", "PUT", "PATCH", "DELETE"})
_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60)
_STATEMENTS = (1, 2, 4, 8, 16, 32, 64, 256, 1024, 4096)


class Metrics:
    """Counters of one service, in a registry of their own."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        ProcessCollector(registry=self.registry)
        self._requests = Counter(
            "stancecraft_requests", "Requests that were answered.", ("method", "path", "status"), registry=self.registry
        )
        self._seconds = Histogram(
            "stancecraft_request_seconds", "From a request's head to the end of its answer.", ("path",),
            buckets=_SECONDS, registry=self.registry,
        )  # fmt: skip
        self._statements = Counter("stancecraft_statements", "Statements that were scored.", registry=self.registry)
        self._batch_requests = Histogram(
            "stancecraft_batch_requests", "Requests in a batch.", buckets=_STATEMENTS, registry=self.registry
        )
        self._batch_statements = Histogram(
            "stancecraft_batch_statements", "Statements in a batch.", buckets=_STATEMENTS, registry=self.registry
        )

    def gauge(self, name: str, told: str, read: Callable[[], float]) -> None:
        """Add a figure that is read whenever somebody asks."""
        Gauge(f"stancecraft_{name}", told, registry=self.registry).set_function(read)

    def batch(self, requests: int, statements: int) -> None:
        """Count a batch."""
        self._statements.inc(statements)
        self._batch_requests.observe(requests)
        self._batch_statements.observe(statements)

    def answered(self, method: str, path: str, status: int, seconds: float) -> None:
        """Count an answer; status 499 is a client that left before there was one."""
        named = path if path in PATHS else "other"
        self._requests.labels(method if method in _METHODS else "other", named, str(status)).inc()
        self._seconds.labels(named).observe(seconds)

    def text(self) -> bytes:
        """Everything in Prometheus' text format."""
        return _latest(self.registry)
