"""What is new (新到): notices that nobody has read, tasks that nobody has taken; counted to a hundred at most."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection

from flows import access
from flows.access import Actor
from flows.telling import EVERYWHERE, addressees
from infra.store import awaiting, notices, people

MOST = 100


@dataclass(frozen=True, slots=True)
class News:
    """How much is new at an entry of the menu; beyond 99 it is said to be more."""

    key: str
    count: int
    words: str

    @property
    def figure(self) -> str:
        """The number as it is shown."""
        return "99+" if self.count >= MOST else str(self.count)

    @property
    def said(self) -> str:
        """The number in words, for whoever hears the page."""
        return self.words.format("99 以上" if self.count >= MOST else self.count)


def of(conn: Connection, actor: Actor) -> dict[str, News]:
    """Return what is new for an officer by the path of the entry; both counts are bounded and have an index."""
    scope = access.scope(actor)
    unread = notices.count_unread(conn, scope, addressed(conn, actor), MOST)
    found = {"/notices": News("notices", unread, "{} 条未读")}
    voices = access.voices(actor)
    if voices or scope.leads:
        waiting = awaiting.count(conn, voices, scope.leads, MOST)
        found["/inbox"] = News("inbox", waiting, "{} 项待签收")
    return found


def addressed(conn: Connection, actor: Actor) -> set[str]:
    """Return how an officer is addressed; the regions are asked for where a seat reaches into all of them."""
    everywhere = any(member.region == EVERYWHERE for member in actor.members)
    return addressees(actor, people.region_codes(conn) if everywhere else ())
