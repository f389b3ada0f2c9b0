"""The applicant's pages (申请人页面): the item guide for everybody, progress for who has the code; large and plain."""

from __future__ import annotations

from fastapi import APIRouter

from api.frame import Entry
from api.pages.applicant import acts, guide, progress, supplement

ROUTER = APIRouter()
ROUTER.include_router(guide.ROUTER)
ROUTER.include_router(progress.ROUTER)
ROUTER.include_router(supplement.ROUTER)
ROUTER.include_router(acts.ROUTER)
MENU: list[Entry] = []
