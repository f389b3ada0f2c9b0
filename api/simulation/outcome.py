"""What came of the day (结果核对): every end state against the file, the board against their sum, in one table."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

from rich.console import Console
from rich.table import Table

from api.simulation.play import Play
from api.simulation.script import Playing
from api.simulation.window import counts
from forms.vocabulary import CaseStatus, Outcome
from infra.demo.day import Ending


@dataclass(slots=True)
class Report:
    """What was found: endings by matter, and everything that is otherwise than the file says."""

    endings: Counter[tuple[str, Ending]] = field(default_factory=Counter)
    differences: list[str] = field(default_factory=list)


def compare(play: Play) -> Report:
    """Read every application through the API and say what differs from the file."""
    report = Report()
    report.differences += play.left
    for one in play.board.playing:
        report.differences += [f"{one.key}：{said}" for said in [*one.wrong, *_unlike(one, report)]]
    for desk in play.desks:
        rows = [row["no"] for row in desk.caller.every("/api/v1/tasks") if play.board.of(row["case"])]
        if rows:
            report.differences.append(f"{desk.caller.officer.username} 的收件箱里还有 {len(rows)} 项：{rows[0]} 等")
    report.differences += _board(play, report)
    return report


def _unlike(one: Playing, report: Report) -> Iterator[str]:
    """Say how an application ended otherwise than its story says."""
    story = one.filing.turn.story
    if not one.no:
        return
    if one.rest:
        beat = one.rest[0]
        yield f"剧情没有演完，停在 {beat.by} {beat.act} {beat.at}"
    reply = one.window.get(f"/api/v1/applications/{one.no}")
    if reply.status != HTTPStatus.OK:
        yield f"读不到申请：{reply.words}"
        return
    ends = {"application": _ending(reply.data)}
    for row in reply.data["cases"]:
        again = sum(name.partition("#")[0] == row["matter"] for name in ends)
        ends[f"{row['matter']}#{again + 1}" if again else row["matter"]] = _ending(row)
    for name in [*ends, *(story.ends.keys() - ends.keys())]:
        found, wanted = ends.get(name), story.ends.get(name)
        if found != wanted:
            yield f"{name} 为“{found or '没有'}”，应为“{wanted or '没有'}”（{one.no}）"
        if found is not None and name != "application":
            report.endings[name.partition("#")[0], Ending(status=found.status, outcome=found.outcome)] += 1
    for place in story.machine:
        if not _by_the_machine(one, place):
            yield f"{place} 不是系统秒批的（{one.no}）"


def _ending(row: dict[str, Any]) -> Ending:
    outcome = row["outcome"]
    return Ending(
        status=CaseStatus(row["status"]), outcome=Outcome(outcome) if outcome else None, reason=row.get("reason_code")
    )


def _by_the_machine(one: Playing, place: str) -> bool:
    case, _, step = place.partition(".")
    events = one.window.every(f"/api/v1/cases/{one.cases[case]}/events")
    return any(e["act"] == "approve" and e["step"] == step and e["actor_kind"] == "system" for e in events)


def _board(play: Play, report: Report) -> Iterator[str]:
    """Compare the manager's board with what the applications say."""
    wanted = Counter(play.before)
    for (matter, ending), count in report.endings.items():
        wanted[matter, ending.status.value] += count
    found = counts(play.troupe.one("manager"))
    for place in sorted(wanted.keys() | found.keys()):
        if wanted[place] != found[place]:
            yield f"看板上 {place[0]} {place[1]} 为 {found[place]} 件，应为 {wanted[place]} 件"


def show(console: Console, play: Play, report: Report, seconds: float) -> None:
    """Print the summary: endings by matter, how long it took, what differs."""
    matters = sorted({matter for matter, _ in report.endings})
    table = Table("结果", *matters, "合计", title=f"模拟工作日：{len(play.turns)} 件申请")
    for ending in sorted({ending for _, ending in report.endings}, key=str):
        counts = [report.endings[matter, ending] for matter in matters]
        words = f"{ending.status.label}（{ending.outcome.label}）" if ending.outcome else ending.status.label
        table.add_row(words, *(str(count or "") for count in counts), str(sum(counts)))
    table.add_row("合计", *(str(sum(n for (m, _), n in report.endings.items() if m == matter)) for matter in matters),
                  str(report.endings.total()), style="bold")  # fmt: skip
    console.print(table)
    took = "，".join(f"{words} {_percentiles(play.line.took[kind])}" for kind, words in
                     (("submit", "收件"), ("decide", "作出意见")))  # fmt: skip
    console.print(f"用时 {seconds:.1f} 秒，{play.board.done} 项办理，{play.line.calls} 次调用；{took}")
    for said in report.differences:
        console.print(f"[red]不符[/red] {said}", highlight=False)
    console.print("全部与剧本一致。" if not report.differences else f"{len(report.differences)} 处不符。")


def _percentiles(took: list[float]) -> str:
    if not took:
        return "—"
    ranked = sorted(took)
    half, most = (ranked[min(len(ranked) - 1, int(len(ranked) * share))] * 1000 for share in (0.5, 0.99))
    return f"p50 {half:.0f} ms、p99 {most:.0f} ms"
