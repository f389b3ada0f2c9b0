"""How verdicts count together (汇合规则): join policies and the fate of open siblings, as data on a task and a case."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any


class JoinKind(StrEnum):
    """How the verdicts before a step count together."""

    ALL = "all"
    ANY = "any"
    K_OF_N = "k_of_n"
    VETO = "veto"


@dataclass(frozen=True, slots=True)
class Join:
    """How many of its predecessors a step needs (汇合规则); stored as data on the task.

    ALL: every one approves. ANY: one is enough. K_OF_N: `k` are. VETO: all have spoken and none of `who` refused.
    `besides` are opinions asked for meanwhile (征求意见): they are waited for, whatever they say.
    """

    kind: JoinKind = JoinKind.ALL
    k: int = 0
    who: tuple[str, ...] = ()
    besides: tuple[str, ...] = ()

    def data(self) -> dict[str, Any]:
        """Return the join as it is pinned on a task: only what differs from ALL."""
        pinned: dict[str, Any] = {"kind": self.kind.value}
        if self.k:
            pinned["k"] = self.k
        if self.who:
            pinned["who"] = list(self.who)
        if self.besides:
            pinned["besides"] = list(self.besides)
        return pinned

    @classmethod
    def of(cls, data: Mapping[str, Any]) -> Join:
        """Read a pinned join back."""
        if len(data) == 1 and data.get("kind") == "all":  # nearly every step
            return ALL
        return cls(
            JoinKind(data.get("kind", "all")),
            data.get("k", 0),
            tuple(data.get("who", ())),
            tuple(data.get("besides", ())),
        )


ALL = Join()
ANY = Join(JoinKind.ANY)


def k_of_n(k: int) -> Join:
    """`k` approvals among the predecessors are enough."""
    return Join(JoinKind.K_OF_N, k=k)


def veto(*who: str) -> Join:
    """All predecessors have spoken and none of `who` refused."""
    return Join(JoinKind.VETO, who=who)


class Fate(StrEnum):
    """What becomes of open siblings once a refusal has settled the case (在办任务的去向)."""

    CANCEL = "cancel"
    FINISH = "finish"
