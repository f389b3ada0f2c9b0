"""Signing in and out, one's own account (登录、退出、我的账号)."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import APIRouter, Query, Response
from fastapi.responses import RedirectResponse

from api import again, guidance
from api.frame import Entry, menu, page
from api.rows import label
from api.visits import Seen, Sent, Visit, done, local, told
from flows import registry, signing
from forms.errors import Conflict, Invalid, NotFound
from forms.vocabulary import Department, Role
from infra import clock
from infra.demo import organisation
from infra.store import people, sessions
from infra.vault import hash_token

ROUTER = APIRouter()
MENU: list[Entry] = []


@ROUTER.get("/")
def home(visit: Seen) -> Response:
    """An officer's own desk; for everybody else the three doors of the house."""
    actor = visit.who()
    if actor is None:
        known = registry.matters()
        matters = [guidance.card(known[code]) for code in guidance.in_order(known)]
        return page(visit, "home.html", matters=matters)
    entries = menu(visit)
    return RedirectResponse(entries[0].path if entries else "/account", 303)


@ROUTER.get("/sign-in")
def ask(
    visit: Seen,
    next: Annotated[str, Query(max_length=500)] = "/",
    given: Annotated[str, Query(alias="as", max_length=64)] = "",
) -> Response:
    """The form; whoever is signed in already goes on."""
    if visit.who() is not None:
        return RedirectResponse(local(next), 303)
    return _form(visit, next, given)


def door(visit: Visit, kept: again.Kept) -> Response:
    """The form for somebody whose session had ended meanwhile; what was sent waits beside it."""
    return _form(visit, "/", "", "登录已超时，请重新登录。", 401, kept)


def _form(
    visit: Visit, next: str, username: str, refused: str = "", status: int = 200, kept: again.Kept | None = None
) -> Response:
    return page(
        visit,
        "sign_in.html",
        status=status,
        next=local(next),
        username=username,
        refused=refused,
        single_sign_on=visit.settings.oidc_title if visit.settings.oidc_issuer else None,
        demo_people=list(_demo_people()) if visit.settings.demo else [],
        demo_password=organisation.PASSWORD,
        kept=kept or again.brought(visit),
    )


def _demo_people() -> Any:
    """Give the demo's officers by what they do, so that a visitor finds a desk to try."""
    shown = [
        {
            "username": one.username,
            "name": one.name,
            "roles": "、".join(dict.fromkeys(member.role.label for member in one.memberships)),
            "place": f"{one.memberships[0].department.label}（{_region(one.memberships[0].region)}）",
        }
        for one in organisation.officers()
    ]
    first = (Department.WINDOW.label, Department.SUPERVISION.label)
    shown.sort(key=lambda one: (not one["place"].startswith(first), one["place"]))
    for place, group in itertools.groupby(shown, key=lambda one: one["place"]):
        yield place, list(group)


def _region(code: str) -> str:
    return next((region.name for region in organisation.REGIONS if region.code == code), "全市")


@ROUTER.post("/sign-in")
def sign_in(visit: Sent) -> Response:
    """The browser is signed in under a new session, or is told no without a word of why."""
    username, to = visit.text("username"), local(visit.text("next"))
    password = visit.form.get("password") if visit.form else ""
    try:
        entered = signing.sign_in(
            visit.engine,
            visit.settings,
            username,
            password if isinstance(password, str) else "",
            host=visit.host,
            terminal=visit.terminal,
        )
    except (signing.SignInRefused, signing.Locked) as refused:
        status = 429 if isinstance(refused, signing.Locked) else 401
        return _form(visit, to, username, refused.detail, status)
    visit.adopt(entered.token)
    kept = again.brought(visit)
    if kept is None or entered.temporary:
        return done(visit, "/account/password" if entered.temporary else to)
    visit.officer()
    return again.ask(visit, kept)


@ROUTER.post("/sign-out")
def sign_out(visit: Sent) -> Response:
    """This browser's session is over."""
    with visit.engine.begin() as conn:
        sessions.end(conn, hash_token(visit.token), clock.machine())
    visit.renew()
    return done(visit, "/", "已退出登录。")


@ROUTER.get("/account")
def account(visit: Seen) -> Response:
    """Who I am, where I am signed in, my password."""
    visit.officer()
    return _account(visit)


@ROUTER.get("/account/password")
def password_due(visit: Seen) -> Response:
    """The page that a temporary password leads to."""
    visit.even_with_temporary_password()
    return _account(visit, due=_is_temporary(visit))


def _is_temporary(visit: Visit) -> bool:
    with visit.engine.connect() as conn:
        found = sessions.officer(conn, hash_token(visit.token), clock.machine(), _idle(visit))
    return found is not None and found.temporary


def _idle(visit: Visit) -> sessions.Idle:
    return sessions.Idle(visit.settings.session_idle_minutes)


def _account(visit: Visit, *, due: bool = False, wrong: Invalid | None = None) -> Response:
    actor = visit.actor
    assert actor is not None
    assert actor.id is not None
    errors, summary = told(wrong)
    with visit.engine.connect() as conn:
        names = people.region_names(conn)
        open_here = sessions.of_officer(conn, actor.id, clock.machine(), _idle(visit))
    mine = hash_token(visit.token)
    return page(
        visit,
        "account.html",
        status=422 if wrong else 200,
        due=due,
        errors=errors,
        summary=summary,
        members=[
            {
                "role": label(Role, member.role),
                "department": label(Department, member.department),
                "region": names.get(member.region, "全市"),
                "office": member.office,
            }
            for member in actor.members
        ],
        sessions=[
            {**row, "here": bytes(row["hash"]) == mine, "key": bytes(row["hash"]).hex()[:24]} for row in open_here
        ],
    )


@ROUTER.post("/account/password")
def change(visit: Sent) -> Response:
    """The password is the new one, and every other browser is signed out."""
    actor = visit.even_with_temporary_password()
    assert actor.id is not None
    form: Mapping[str, Any] = visit.form or {}
    raw = {name: str(form.get(name) or "") for name in ("old", "new", "again")}
    due = _is_temporary(visit)
    try:
        with visit.engine.begin() as conn:
            signing.change_password(
                conn, actor.id, actor.username, raw["old"], raw["new"], raw["again"], keep=hash_token(visit.token)
            )
    except Invalid as wrong:
        return _account(visit, due=due, wrong=wrong)
    return done(visit, "/" if due else "/account", "密码已修改，其他浏览器已全部退出。")


@ROUTER.post("/account/sessions/end")
def end_one(visit: Sent) -> Response:
    """One of my other browsers is signed out."""
    actor = visit.officer()
    assert actor.id is not None
    with visit.engine.begin() as conn:
        for row in sessions.of_officer(conn, actor.id, clock.machine(), _idle(visit)):
            if bytes(row["hash"]).hex()[:24] == visit.text("session"):
                if bytes(row["hash"]) == hash_token(visit.token):
                    raise Conflict("请用右上角的“退出”退出当前浏览器。")
                sessions.end(conn, row["hash"], clock.machine())
                break
        else:
            raise NotFound("该浏览器已经退出。")
    return done(visit, "/account", "已退出该浏览器。")


@ROUTER.post("/account/sessions/end-all")
def end_all(visit: Sent) -> Response:
    """Every browser of mine but this one is signed out."""
    actor = visit.officer()
    assert actor.id is not None
    with visit.engine.begin() as conn:
        ended = sessions.end_all(conn, actor.id, clock.machine(), but=hash_token(visit.token))
    return done(visit, "/account", f"已退出其他 {ended} 个浏览器。")
