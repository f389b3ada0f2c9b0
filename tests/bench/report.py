"""What came of it (测量结果): ratios within one run, and a table for people."""

from __future__ import annotations

import json
import statistics
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

KEPT = Path(__file__).resolve().parents[2] / "bench.json"

TITLES = {
    "sql": "hand-written SQL",
    "casework": "casework",
    "bare": "bare HTTP handler",
    "http": "HTTP API",
}
MARKS = (("casework / SQL", "casework", "sql", 0.25), ("HTTP / bare handler", "http", "bare", 0.25))
PARTS = ("client", "api", "bare", "postgres", "prefect", "worker")


def verdict(runs: Mapping[str, Sequence[Mapping[str, Any]]], count: int) -> list[dict[str, Any]]:
    """Answer each mark's ratio: the median over the repeats, each taken between runs that followed one another.

    A shared machine is twice as fast in one minute as in the next; only neighbours can be compared.
    """
    answers = []
    for what, ours, theirs, mark in MARKS:
        if runs.get(ours) and runs.get(theirs):
            pairs = zip(runs[ours], runs[theirs], strict=True)
            all_of_them = [mine["cases_per_second"] / other["cases_per_second"] for mine, other in pairs]
            ratio = statistics.median(all_of_them)
            answers.append({"what": what, "n": count, "ratio": ratio, "all": all_of_them, "mark": mark})
    return answers


def keep(answer: Mapping[str, Any]) -> None:
    """Have the parts of an answer in bench.json at the top; parts measured by another run stay as they are."""
    before = json.loads(KEPT.read_text()) if KEPT.exists() else {}
    KEPT.write_text(json.dumps({**before, **answer}, ensure_ascii=False, indent=1) + "\n")


def table(answer: dict[str, Any]) -> str:
    """Answer everything as text."""
    drivers = answer["drivers"]
    lines = [
        "",
        "Joint approval: intake of 20 facts, 4 departments in parallel, join, close. "
        f"{answer['machine']['cpus']} CPUs, "
        f"{drivers['processes']} driver processes x {drivers['threads_each']} threads for every way;",
        f"full record, walls, and a pass every {answer['a_pass_every_seconds']:.0f} s beside casework and HTTP API.",
        "",
        f"{'way':<20}{'N':>6}{'cases/s':>9}{'submit p50':>12}{'p99':>7}{'decide p50':>12}{'p99':>7}"
        f"   CPU ms per case: {'  '.join(f'{part:>8}' for part in PARTS)}",
    ]
    for result in [*answer["results"], *answer["alone"]]:
        lines += ["one caller alone:"] if result is next(iter(answer["alone"]), None) else []
        submit, decide, cpu = result["submit_ms"], result["decide_ms"], result["cpu_ms_per_case"]
        spent = "  ".join(f"{cpu[part]:8.2f}" if part in cpu else f"{'-':>8}" for part in PARTS)
        lines.append(
            f"{TITLES[result['way']]:<20}{result['n']:>6}{result['cases_per_second']:>9.1f}"
            f"{submit['p50']:>9.2f} ms{submit['p99']:>7.1f}{decide['p50']:>9.2f} ms{decide['p99']:>7.1f}"
            f"                    {spent}"
        )
    lines.append("")
    for ratio in answer["ratios"]:
        said = "reached" if ratio["ratio"] >= ratio["mark"] else "missed"
        lines.append(
            f"{ratio['what']:<22} N={ratio['n']:<6} {ratio['ratio']:.2f}  (mark {ratio['mark']:.2f} {said};"
            f" {', '.join(f'{one:.2f}' for one in ratio['all'])})"
        )
    return "\n".join([*lines, ""])
