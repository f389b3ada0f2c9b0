"""Numbers for Prometheus (运行指标): requests as they pass, cases and events as they stand when somebody asks."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any, Final

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector
from sqlalchemy import Connection, Engine

from api.kept import Kept
from flows.measures import RATES, measure
from flows.projection import local_day
from forms.scope import EVERYTHING
from forms.supervision import OrderState
from infra import clock
from infra.engine.nudge import nudger
from infra.store import board, breaches, notices, supervision

BUCKETS = (0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10)
ELSEWHERE = "elsewhere"
MEASURED = timedelta(days=30)
"""The days before today that the measures are of."""
_kept: Final[Kept[list[dict[str, Any]]]] = Kept(
    300.0, lambda rows: sum(row["received"] + row["closed"] for row in rows)
)


class Metrics:
    """What one application counts."""

    def __init__(self, engine: Engine) -> None:
        """Begin at nothing."""
        self._registry = CollectorRegistry()
        self._requests = Counter(
            "lianban_requests", "Requests answered", ("method", "route", "status"), registry=self._registry
        )
        self._seconds = Histogram(
            "lianban_request_seconds", "Time to answer", ("route",), buckets=BUCKETS, registry=self._registry
        )
        self._registry.register(_Standing(engine))

    def answered(self, method: str, route: str, status: int, seconds: float) -> None:
        """Count an answer; `route` is the pattern, never an address with a number in it."""
        self._requests.labels(method, route, status).inc()
        self._seconds.labels(route).observe(seconds)

    def text(self) -> bytes:
        """Return everything in Prometheus's text format."""
        return generate_latest(self._registry)


class _Standing(Collector):
    """Counts in the database at the moment somebody asks."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def collect(self) -> Iterator[Metric]:
        with self._engine.connect() as conn:
            standing, events = board.standing(conn), board.newest_event(conn)
            passed, orders = breaches.passed(conn, clock.now(conn)), supervision.standing(conn)
            undelivered = notices.undelivered(conn)
        cases = GaugeMetricFamily("lianban_cases", "Cases by status", labels=("status",))
        for status, count in standing:
            cases.add_metric((status,), count)
        yield cases
        yield GaugeMetricFamily("lianban_events", "Key of the newest event", events)
        yield GaugeMetricFamily("lianban_limits_passed", "Running limits of offices that are passed", passed)
        sent = GaugeMetricFamily("lianban_orders", "Orders of supervision by state", labels=("state",))
        for order_state in OrderState:
            sent.add_metric((order_state.value,), orders.get(order_state.value, 0))
        yield sent
        yield from self._measured()
        letters = GaugeMetricFamily("lianban_notices_undelivered", "Notices not delivered", labels=("channel", "state"))
        for channel, letter_state, count in undelivered:
            letters.add_metric((channel, letter_state), count)
        yield letters
        state = {None: -1, False: 0, True: 1}[nudger().state.reachable]
        yield GaugeMetricFamily("lianban_engine_reachable", "1 yes, 0 no, -1 not asked yet", state)

    def _measured(self) -> Iterator[Metric]:
        """Yield the measures of thirty days by matter, and the lights of what is open; kept where there are many."""
        measures = GaugeMetricFamily(
            "lianban_measure", "Measures of the offices over thirty days, as the report has them",
            labels=("measure", "matter"),
        )  # fmt: skip
        lights = GaugeMetricFamily("lianban_open_cases", "Open cases by light", labels=("light", "matter"))
        with self._engine.connect() as conn:
            told = _kept.get(self._engine, conn, MEASURED, _measured)
        for row in told.value:
            for light, count in row["open_by_light"].items():
                lights.add_metric((light, row["cut"]), count)
            for name in RATES:
                if row[name] is not None:
                    measures.add_metric((name, row["cut"]), row[name])
        yield measures
        yield lights

    def describe(self) -> list[Metric]:
        return []


def _measured(conn: Connection) -> list[dict[str, Any]]:
    now = clock.now(conn)
    today = local_day(now)
    found: list[dict[str, Any]] = measure(conn, EVERYTHING, today - MEASURED, today, now, by="matter")["items"]
    return found
