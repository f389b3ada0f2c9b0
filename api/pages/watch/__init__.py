"""The manager's desk (督办): the board, the lists behind it, orders, cards, ratings, many acts at once, the report."""

from __future__ import annotations

from fastapi import APIRouter

from api.frame import Entry
from api.pages.watch import board, cards, lists, orders, ratings, report, together
from api.pages.watch.common import WATCHERS
from forms.vocabulary import Role

ROUTER = APIRouter()
for part in (lists, together, orders, cards, ratings, report, board):
    ROUTER.include_router(part.ROUTER)

OFFICES = tuple(role.value for role in (Role.HANDLER, Role.REVIEWER, Role.APPROVER, Role.CHIEF, Role.WINDOW))
MENU = [
    Entry("督办看板", "/watch", WATCHERS, 10),
    Entry("督办单", "/watch/orders", OFFICES, 60),
]
