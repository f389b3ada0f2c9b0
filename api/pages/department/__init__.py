"""The department's desk (部门): the inbox, a task on one screen, whole cases, and looking for them."""

from __future__ import annotations

from fastapi import APIRouter

from api.frame import Entry
from api.pages.department import case, inbox, papers, search, standins, task

ROUTER = APIRouter()
for part in (inbox, task, search, case, papers, standins):
    ROUTER.include_router(part.ROUTER)
MENU = [
    Entry("收件箱", "/inbox", tuple(inbox.DESKS), 20),
    Entry("办件查询", "/cases", tuple(search.STAFF), 60),
    Entry("代理", "/standins", tuple(standins.STAFF), 80),
]
