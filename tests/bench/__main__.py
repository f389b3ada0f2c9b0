"""Measure the joint approval four ways in one run, print it and write bench.json at the top.

With the word `clock` the legal clock is measured instead, with `lists` every page over a million cases.
"""

from __future__ import annotations

import argparse
import os
import platform
import random
import statistics
import sys
from typing import Any

from tests.bench import clock, lists
from tests.bench.drive import PROCESSES, THREADS, Drivers, drivers
from tests.bench.ground import PASS_SECONDS, Ground, ground
from tests.bench.report import keep, table, verdict

REPEATS = {200: 5, 2000: 2}
ALONE = 200
"""How many cases a caller takes who is alone: what one window waits for when nobody competes with it."""
WARM_UP = 40


def main() -> None:
    """Measure and tell."""
    if sys.argv[1:2] == ["clock"]:
        clock.main(sys.argv[2:])
        return
    if sys.argv[1:2] == ["lists"]:
        lists.main(sys.argv[2:])
        return
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="N = 200 only, one repeat")
    parser.add_argument("--ways", default="sql,casework,bare,http", help="which ways, by comma")
    parser.add_argument("--count", type=int, help="another N, one repeat")
    parser.add_argument("--no-engine", action="store_true", help="without Prefect's server and worker")
    told = parser.parse_args()
    repeats = {told.count: 1} if told.count else {200: 1} if told.quick else REPEATS
    ways = told.ways.split(",")
    results: list[dict[str, Any]] = []
    ratios: list[dict[str, Any]] = []
    with (
        ground(engine=not told.no_engine, api="http" in ways) as made,
        drivers(made.told, made.environment) as driving,
    ):
        numbers = Numbers()
        for way in ways:
            _measure(made, driving, way, WARM_UP, numbers)
        for count, times in repeats.items():
            runs: dict[str, list[dict[str, Any]]] = {way: [] for way in ways}
            for _ in range(times):
                for way in ways:
                    runs[way].append(_measure(made, driving, way, count, numbers))
                    sys.stderr.write(f"{way} N={count}: {runs[way][-1]['cases_per_second']:.1f} cases/s\n")
            results += [_median(runs[way]) for way in ways]
            ratios += verdict(runs, count)
        alone = [_measure(made, driving, way, ALONE, numbers, alone=True) for way in ways]
    answer = {
        "machine": {"cpus": os.cpu_count(), "python": platform.python_version(), "system": platform.system()},
        "drivers": {"processes": PROCESSES, "threads_each": THREADS},
        "a_pass_every_seconds": PASS_SECONDS,
        "results": results,
        "alone": alone,
        "ratios": ratios,
    }
    keep(answer)
    sys.stdout.write(table(answer))


class Numbers:
    """Gives out intakes, no person twice."""

    def __init__(self) -> None:
        """Begin with the first."""
        self._next = 0

    def take(self, count: int) -> int:
        """Answer the first of `count` that nobody had."""
        self._next += count
        return self._next - count


def _measure(
    made: Ground, driving: Drivers, way: str, count: int, numbers: Numbers, *, alone: bool = False
) -> dict[str, Any]:
    """One run of one way: all intakes, then all verdicts in random order; the database must agree that all closed."""
    made.tidy()
    driving.ready(way)
    closed = made.closed(way)
    if way in ("casework", "http"):
        made.passes.set()
    before, passed = made.cpu(), made.passed
    submitted = driving.submit(way, numbers.take(count), count, alone=alone)
    todos = submitted.todos
    random.Random(count).shuffle(todos)
    decided = driving.decide(way, todos, alone=alone)
    after = made.cpu()
    made.passes.clear()
    if made.closed(way) - closed != count:
        raise RuntimeError(f"{way}: {made.closed(way) - closed} of {count} cases are closed")
    wall = submitted.wall + decided.wall
    cpu = {name: after[name] - before[name] for name in after}
    cpu["client"] = submitted.cpu + decided.cpu
    return {
        "way": way,
        "n": count,
        "cases_per_second": count / wall,
        "seconds": {"submit": submitted.wall, "decide": decided.wall},
        "passes": made.passed - passed,
        "cpu_ms_per_case": {name: spent / count * 1000 for name, spent in cpu.items()},
        "submit_ms": _percentiles(submitted.seconds),
        "decide_ms": _percentiles(decided.seconds),
    }


def _percentiles(seconds: list[float]) -> dict[str, float]:
    cuts = statistics.quantiles(seconds, n=100, method="inclusive")
    return {"p50": cuts[49] * 1000, "p99": cuts[98] * 1000}


def _median(runs: list[dict[str, Any]]) -> dict[str, Any]:
    """Answer the run whose throughput is the median one, with all throughputs beside it."""
    ordered = sorted(runs, key=lambda run: float(run["cases_per_second"]))
    return {**ordered[len(ordered) // 2], "all": [run["cases_per_second"] for run in runs]}


if __name__ == "__main__":
    main()
