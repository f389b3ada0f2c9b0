"""Proving a database (核验): every chain computed anew, every invariant looked for, in one snapshot, streamed."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from operator import itemgetter
from typing import Any, Final

from sqlalchemy import Connection

from flows.casework.secrets import context, vault
from flows.lifecycle import derive
from flows.record import GENESIS, digest, document_hash
from forms.errors import Problem
from infra.numbers import is_valid
from infra.store import proof


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that is not as it must be: on what (a number), and what."""

    subject: str
    words: str


def chains(conn: Connection) -> Iterator[Finding]:
    """The events of a case are contiguous, unchanged, and end where the case and its tasks stand."""
    for cases, events, tasks in proof.cases(conn):
        by_case = {key: list(found) for key, found in groupby(events, key=itemgetter("case_id"))}
        statuses: dict[int, dict[str, str]] = {}
        for task in tasks:
            statuses.setdefault(task["case_id"], {})[task["no"]] = task["status"]
        for case in cases:
            yield from _chain(case, by_case.get(case["id"], []))
            stands = {case["no"]: case["status"], **statuses.get(case["id"], {})}
            yield from _ends(case["no"], by_case.get(case["id"], []), stands)


def _chain(case: Mapping[Any, Any], events: Sequence[Mapping[Any, Any]]) -> Iterator[Finding]:
    previous = GENESIS
    for place, event in enumerate(events, start=1):
        if event["seq"] != place:
            yield Finding(case["no"], f"过程记录不连续：第 {place} 条缺失")
            return
        previous = digest(previous, event)
        if previous != bytes(event["hash"]):
            yield Finding(case["no"], f"过程记录第 {place} 条被改动，或者链条断裂")
            return
    if len(events) != case["chain_seq"]:
        yield Finding(case["no"], f"过程记录应有 {case['chain_seq']} 条，实有 {len(events)} 条")
    elif previous != (bytes(case["chain_hash"]) or GENESIS):
        yield Finding(case["no"], "链条末端与办件所记不符")


def _ends(no: str, events: Sequence[Mapping[Any, Any]], stands: Mapping[str, str]) -> Iterator[Finding]:
    """Each act begins where the one before it ended, and the last one's end is where the row stands."""
    last: dict[str, str] = {}
    for event in events:
        subject = event["subject"]
        if last.get(subject, event["before"]) != event["before"]:
            yield Finding(subject, f"第 {event['seq']} 条过程的起始状态与上一条的结果不符")
        last[subject] = event["after"]
    for subject, status in stands.items():
        if last.get(subject, status) != status:
            yield Finding(subject, f"状态“{status}”与最后一条过程“{last[subject]}”不符")
        elif subject == no and subject not in last:
            yield Finding(no, "办件没有过程记录")


def documents(conn: Connection) -> Iterator[Finding]:
    """Every document still has the hash it was issued with."""
    for row in proof.documents(conn):
        if document_hash(row["no"], row["kind"], row["at"], row["content"]) != bytes(row["hash"]):
            yield Finding(row["subject"], f"文书 {row['no']} 的内容被改动")


def applications(conn: Connection) -> Iterator[Finding]:
    """The status and outcome of an application follow from its cases; every number carries its check character."""
    for row in proof.applications(conn):
        if row["statuses"] == [None]:
            yield Finding(row["no"], "申请没有办件")
            continue
        try:
            status, outcome = derive(zip(row["statuses"], row["outcomes"], strict=True))
        except ValueError:
            yield Finding(row["no"], "办件的状态与结果不相配，推不出申请状态")
            continue
        if (row["status"], row["outcome"]) != (status, outcome):
            yield Finding(row["no"], f"申请状态“{row['status']}”与各办件推出的“{status.value}”不符")
        if not is_valid(row["no"]):
            yield Finding(row["no"], "申请编号的校验位不符")


def sealed_values(conn: Connection) -> Iterator[Finding]:
    """Every sealed value opens with this installation's key, where it stands."""
    for row in proof.secrets(conn):
        try:
            vault().open(bytes(row.sealed), context(row.id))
        except Problem as problem:
            yield Finding(row.no, f"加密信息 {row.pointer} 无法打开：{problem.detail}")


def append_only(conn: Connection) -> Iterator[Finding]:
    """The database itself refuses to change what is only ever added."""
    for table in proof.missing_triggers(conn):
        yield Finding(table, "数据表的防改动触发器缺失或被停用")


_NEVER: Final[Mapping[str, tuple[str, str]]] = {
    "orphan_task": ("部门任务都有办件", "部门任务没有办件"),
    "task_of_another_case": ("任务编号以其办件编号开头", "任务编号不属于其办件"),
    "orphan_case": ("办件都有申请", "办件没有申请"),
    "open_task_of_closed_case": ("已终结的办件没有必办的在办任务", "办件已终结，仍有必办任务在办"),
    "two_open_supplements": ("至多一份未完成的补正告知", "有两份未完成的补正告知"),
    "one_signer": ("承诺件的决定至少两人签署", "承诺件的决定只有一人签署"),
    "same_signer_twice": ("同一任务各级由不同的人签署", "同一人在同一任务的两级签署"),
    "ending_without_reason": ("终结的办件都有理由代码和时间", "办件已终结，没有理由代码或时间"),
    "ending_without_document": ("终结的办件都有文书", "办件已终结，没有文书"),
    "decided_without_verdict": ("有结论的任务都有意见和时间", "任务有结论，没有意见或时间"),
    "blocked_task_decided": ("待前置的任务没有人签署过", "待前置的任务已有人签署"),
}
"""Name of a contradiction → what must hold, and what is said of each that does not."""


def _never(name: str, words: str) -> Callable[[Connection], Iterator[Finding]]:
    return lambda conn: (Finding(subject, words) for subject in proof.contradictions(conn, name))


CHECKS: Final[Mapping[str, Callable[[Connection], Iterator[Finding]]]] = {
    "过程记录连续、未改动、与状态一致": chains,
    "文书未改动": documents,
    "申请状态由办件推出": applications,
    "加密信息可以打开": sealed_values,
    "只增数据表受数据库保护": append_only,
    **{holds: _never(name, wrong) for name, (holds, wrong) in _NEVER.items()},
}
"""What must hold → the search for what does not."""


def verify(conn: Connection) -> Iterator[tuple[str, Finding | None]]:
    """Yield every finding under what it violates; after each check (what must hold, None). Read in one snapshot."""
    for holds, search in CHECKS.items():
        for finding in search(conn):
            yield holds, finding
        yield holds, None
