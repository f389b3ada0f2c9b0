"""The administrator's desk (系统管理): people, offices, regions, settings of matters, calendar, sessions, records."""

from __future__ import annotations

from fastapi import APIRouter

from api.frame import Entry
from api.pages.admin import calendar, home, matters, officers, places, records
from forms.vocabulary import Role

ROUTER = APIRouter()
for part in (home, officers, places, matters, calendar, records):
    ROUTER.include_router(part.ROUTER)

MENU = [
    Entry("系统管理", "/admin", (Role.ADMINISTRATOR.value,), 20),
    Entry("查阅留痕", "/admin/traces", (Role.AUDITOR.value,), 70),
    Entry("变更记录", "/admin/changes", (Role.AUDITOR.value,), 71),
]
