"""The window's desk (综合窗口): take in, check, accept, ask for what is missing, hand over; search and the counter."""

from __future__ import annotations

from fastapi import APIRouter

from api.frame import Entry
from api.pages.window import acts, bringing, correcting, counter, drafts, receipt, thumbnails
from api.pages.window.seat import ROLES

ROUTER = APIRouter()
for part in (counter, drafts, receipt, acts, correcting, bringing, thumbnails):
    ROUTER.include_router(part.ROUTER)

MENU: list[Entry] = [Entry("综合窗口", "/window", ROLES, 10)]
