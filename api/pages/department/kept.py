"""The filter of the inbox that stays (常用筛选): in the address, and in a signed cookie of the session."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any, Self
from urllib.parse import urlencode

from fastapi import Response

from api.visits import Visit, carried, carry
from flows import access
from flows.access import Actor
from flows.registry import matters
from forms.vocabulary import Department
from infra.store.inbox import TaskFilter
from infra.store.lights import LIGHTS

COOKIE = "lianban_inbox"
VIEWS = {"": "在办", "mine": "我承办的", "new": "待签收", "done": "已办", "done_mine": "我办结的"}
_MOST = 100


@dataclass(frozen=True, slots=True)
class Kept:
    """What of the inbox somebody wants to see; anything unknown is as though it had not been asked."""

    view: str = ""
    light: str = ""
    matter: str = ""
    department: str = ""
    q: str = ""

    @classmethod
    def of(cls, given: Mapping[str, Any]) -> Self:
        """Read a filter from a query or a cookie, leniently."""
        known: dict[str, Any] = {
            "view": VIEWS, "light": LIGHTS, "matter": matters(), "department": [one.value for one in Department],
        }  # fmt: skip
        chosen = {name: str(given.get(name) or "") for name in known}
        q = "".join(ch for ch in str(given.get("q") or "").strip() if ch.isprintable())[:_MOST]
        return cls(**{name: value for name, value in chosen.items() if value in known[name]}, q=q)

    @property
    def query(self) -> str:
        """Return the filter as the query of an address, "" where nothing is filtered."""
        chosen = {name: value for name, value in asdict(self).items() if value}
        return f"?{urlencode(chosen)}" if chosen else ""

    def wanted(self, actor: Actor, day: Any) -> TaskFilter:
        """Return what the store is asked for."""
        return TaskFilter(
            department=self.department or None,
            matter=self.matter or None,
            held_by=actor.id if self.view.endswith("mine") else None,
            light=self.light or None,
            today=day,
            text=self.q or None,
            decided=self.view.startswith("done"),
            free=access.voices(actor) if self.view == "new" else None,
        )


def names_filter(query: Mapping[str, Any]) -> bool:
    """Whether an address says itself what is to be shown."""
    return any(one.name in query for one in fields(Kept))


def recalled(visit: Visit) -> Kept:
    """Return the filter used last in this session, the empty one where there is none or it is not ours."""
    given = carried(visit, COOKIE)
    return Kept.of(given) if isinstance(given, dict) else Kept()


def keep(visit: Visit, response: Response, kept: Kept) -> None:
    """Have the browser carry the filter to the next visit of the inbox."""
    carry(visit, response, COOKIE, asdict(kept))
