"""What a case waits for outside itself (跨事项等待): steps with nothing before them but another matter's end. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Protocol

from forms.vocabulary import TASK_OPEN, TaskStatus

_OPEN = frozenset(status.value for status in TASK_OPEN)


class Waiting(Protocol):
    """The facts of a task that are read here."""

    step: str
    status: str
    after: list[str]
    route: str | None


def awaited(
    edges: Sequence[Mapping[str, Any]], routes: Mapping[str, str], tasks: Iterable[Waiting]
) -> dict[str, list[str]]:
    """Return by step which matters' end it waits for, of the steps before which nothing else of the case is open.

    A fallback route that may still be taken is not waited for: it opens only when the other matter fails.
    """
    by_step = {task.step: task for task in tasks}
    found: dict[str, list[str]] = {}
    for edge in edges:
        task, fallback = by_step.get(edge["step"]), edge.get("fallback")
        decided = fallback is not None and routes.get(fallback) != "open"
        if task is None or task.status != TaskStatus.BLOCKED.value or decided:
            continue
        before = [by_step[code] for code in task.after if code in by_step]
        if not any(one.status in _OPEN and routes.get(one.route or "") != "open" for one in before):
            found.setdefault(task.step, []).append(str(edge["matter"]))
    return found
