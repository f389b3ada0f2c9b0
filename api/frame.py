"""The frame of every page (页面框架): templates, menu, headers, errors; nothing is inline, nothing from elsewhere."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote, urlsplit

from fastapi import FastAPI, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse
from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape
from starlette.staticfiles import StaticFiles
from starlette.types import Scope as AsgiScope

from api import news, visits
from api.news import News
from api.rows import SHANGHAI, span
from api.visits import Visit
from flows.access import Actor
from flows.sla import Runs
from forms.errors import Invalid, NotAllowed, Problem, Unauthenticated
from infra import clock

if TYPE_CHECKING:
    from api.again import Kept

STATIC = Path(__file__).parent / "static"
CSP: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; frame-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
)
HEADERS: Final = {"Content-Security-Policy": CSP, "Cache-Control": "no-store", "Referrer-Policy": "same-origin"}
WEEKDAYS = "一二三四五六日"


@dataclass(frozen=True, slots=True)
class Entry:
    """An entry of the menu (菜单): who sees it by role; `()` means everybody who is signed in."""

    title: str
    path: str
    roles: tuple[str, ...] = ()
    order: int = 50


def page(
    visit: Visit, template: str, *, status: int = 200, headers: Mapping[str, str] | None = None, **facts: Any
) -> Response:
    """Return a page; `facts` are what its template shows."""
    heard = visits.said(visit)
    body = _environment().get_template(template).render(
        visit=visit,
        me=visit.actor,
        csrf=visit.csrf,
        here=visit.request.url.path,
        menu=menu(visit),
        demo=visit.settings.demo,
        moved=_moved_clock(visit),
        said=heard,
        news=_news(visit),
        **facts,
    )  # fmt: skip
    response = HTMLResponse(body, status, {**HEADERS, **(headers or {})})
    visits.keep_cookie(visit, response)
    if heard is not None:
        response.delete_cookie(visits.SAID, path="/")
    return response


def menu(visit: Visit) -> list[Entry]:
    """Return the entries that the officer signed in may use, the own desk first; none for anybody else."""
    actor: Actor | None = visit.actor
    if actor is None:
        return []
    entries: list[Entry] = visit.request.app.state.menu
    return [entry for entry in entries if not entry.roles or actor.has(*entry.roles)]


def _news(visit: Visit) -> dict[str, News]:
    """Return what is new for the officer signed in, by the path of the entry."""
    if visit.actor is None:
        return {}
    with visit.engine.connect() as conn:
        return news.of(conn, visit.actor)


def _moved_clock(visit: Visit) -> datetime | None:
    """Return the demo's time where its clock can be moved, so that nobody takes it for today's."""
    if not visit.settings.movable_clock:
        return None
    with visit.engine.connect() as conn:
        return clock.now(conn).astimezone(SHANGHAI)


@cache
def _environment() -> Environment:
    made = Environment(
        loader=PackageLoader("api"), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    made.filters.update(day=day, moment=moment, amount=amount, browser=browser, lines=lines, weekday=weekday)
    made.globals.update(static=static)
    return made


def day(value: Any) -> str:
    """Write a day as offices do: 2026-09-18; what is no day is left out."""
    found = _as_moment(value)
    return found.strftime("%Y-%m-%d") if found else ""


def weekday(value: Any) -> str:
    """Write the day of the week: 周五."""
    found = _as_moment(value)
    return f"周{WEEKDAYS[found.weekday()]}" if found else ""


def moment(value: Any) -> str:
    """Write a moment in China: 2026-09-18 09:05."""
    found = _as_moment(value)
    return found.strftime("%Y-%m-%d %H:%M") if found else ""


def _as_moment(value: Any) -> datetime | date | None:
    if isinstance(value, str):
        value = datetime.fromisoformat(value) if "T" in value else date.fromisoformat(value) if value else None
    if isinstance(value, datetime):
        return value.astimezone(SHANGHAI)
    return value if isinstance(value, date) else None


def amount(value: int, unit: str) -> str:
    """Write so many days, or minutes of office time as hours and minutes: 3 小时 15 分钟."""
    return (span(value, Runs.HOURS) or "0 分钟") if unit == "分钟" else f"{value} {unit}"


_BROWSERS = (("Edg", "Edge"), ("OPR", "Opera"), ("Firefox", "Firefox"), ("Chrome", "Chrome"), ("Version", "Safari"))
_SYSTEMS = (
    ("Android", "Android"), ("iPhone", "iPhone"), ("iPad", "iPad"), ("Windows", "Windows"), ("Mac OS", "macOS"),
    ("Linux", "Linux"),
)  # fmt: skip


def browser(terminal: str) -> str:
    """Write from where somebody came as people say it: Chrome 126（Windows） 10.0.0.7; a program's name as it is."""
    host, _, agent = terminal.partition(" ")
    found = next(
        (f"{name} {match[1]}" for sign, name in _BROWSERS if (match := re.search(rf"{sign}\w*/(\d+)", agent))), None
    )
    if found is None:
        return terminal
    system = next((name for sign, name in _SYSTEMS if sign in agent), "")
    return f"{found}{f'（{system}）' if system else ''} {host}"


def lines(value: str) -> Markup:
    """Write a text with its line breaks."""
    return Markup("<br>").join(escape(value).splitlines())


@cache
def static(name: str) -> str:
    """Return the address of a file of ours; it changes with the content, so that browsers may keep it for good."""
    return f"/static/{name}?v={hashlib.sha256((STATIC / name).read_bytes()).hexdigest()[:12]}"


class _Kept(StaticFiles):
    """Files that browsers keep for a year: their address names their content."""

    async def get_response(self, path: str, scope: AsgiScope) -> Response:
        response = await super().get_response(path, scope)
        if response.status_code == 200 and scope.get("query_string"):
            response.headers["Cache-Control"] = "public, max-age=31536000, immutable"
        return response


def install(app: FastAPI, entries: Iterable[Entry]) -> None:
    """Serve our own files; every page finds the menu that these entries make."""
    app.state.menu = sorted(entries, key=lambda entry: entry.order)
    app.mount("/static", _Kept(directory=STATIC), name="static")


_SORRY: Final = {
    400: "请求有误",
    403: "无权办理",
    404: "没有找到",
    405: "不支持的操作",
    409: "没有办成：情况已变",
    412: "没有办成：内容已变",
    413: "内容过大",
    422: "填写有误",
    429: "请稍后再试",
    503: "暂时不可用",
}


def problem(request: Request, error: Problem, status: int) -> Response:
    """Return an error as a page that says what happened and where to go on; who is not signed in is asked to."""
    visit = visits._visit(request)
    if isinstance(error, visits.PasswordDue):
        return RedirectResponse("/account/password", 303)
    if isinstance(error, Unauthenticated):
        return _to_door(visit, kept) if (kept := _refused(visit)) else _to_sign_in(visit)
    visit.actor = visit.who()
    if isinstance(error, visits.Expired) and (kept := _refused(visit)):
        return _sent_again(visit, kept)
    if visit.actor is None and isinstance(error, NotAllowed) and error.code == NotAllowed.code:
        return _to_sign_in(visit)
    back = visits.local(_referring_path(request), "/")
    headers = {"Retry-After": "60"} if status in (429, 503) else {}
    return page(
        visit,
        "problem.html",
        status=status,
        headers=headers,
        title=_SORRY.get(status, "出现问题"),
        detail=error.detail,
        errors=error.errors if isinstance(error, Invalid) else (),
        back=back,
    )


def _refused(visit: Visit) -> Kept | None:
    """Return what a page of ours sent and nobody listened to; None where nothing was."""
    from api import again  # what is kept is shown in this frame

    return again.refused(visit)


def _to_door(visit: Visit, kept: Kept) -> Response:
    """Return the door with what was sent kept beside it."""
    from api.pages import account
    from api.pages.applicant import progress

    door = progress.door if _of_applicant(visit) else account.door
    return door(visit, kept)


def _sent_again(visit: Visit, kept: Kept) -> Response:
    """Return the question whether what an older page of ours sent is to be sent now."""
    from api import again

    inside = visit.opened() if _of_applicant(visit) else visit.actor
    return again.ask(visit, kept, 403) if inside is not None else _to_door(visit, kept)


def _of_applicant(visit: Visit) -> bool:
    return visit.request.url.path.startswith("/progress")


def _to_sign_in(visit: Visit) -> Response:
    applicant = _of_applicant(visit)
    to = visit.path if visit.request.method == "GET" else _referring_path(visit.request) or "/"
    if applicant:
        return visits.done(visit, "/progress", "查询已超时，请重新输入申请编号和查询码。", kind="warn")
    response = visits.done(visit, "/sign-in" + (f"?next={quote(to, safe='')}" if to != "/" else ""))
    return response


def _referring_path(request: Request) -> str | None:
    parts = urlsplit(request.headers.get("referer", ""))
    if parts.netloc != request.headers.get("host", ""):
        return None
    return parts.path + (f"?{parts.query}" if parts.query else "")
