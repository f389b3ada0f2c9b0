"""Signing in through the city's single sign-on (统一身份认证登录)."""

from __future__ import annotations

import base64
import binascii
from typing import Annotated

from fastapi import APIRouter, Query, Response
from fastapi.responses import RedirectResponse

from api.frame import Entry
from api.visits import Seen, Visit, done, local
from flows import signing
from flows.casework.secrets import vault
from forms.errors import NotAllowed, NotFound
from infra import single_sign_on
from infra.single_sign_on import Asked
from infra.store import people
from infra.vault import Tampered, WrongKey

ROUTER = APIRouter()
MENU: list[Entry] = []
COOKIE = "lianban_city"
LASTS_SECONDS = 600
_CONTEXT = b"single-sign-on"
Word = Annotated[str, Query(max_length=2000)]


def _back(visit: Visit) -> str:
    base = visit.settings.public_url or str(visit.request.base_url)
    return f"{base.rstrip('/')}/sign-in/city/back"


@ROUTER.get("/sign-in/city")
def leave(visit: Seen, next: Word = "/") -> Response:
    """The browser goes to the city's sign-on and comes back to `next`."""
    if visit.settings.oidc_issuer is None:
        raise NotFound("本系统没有接入统一身份认证。")
    address, asked = single_sign_on.ask(visit.settings, _back(visit), local(next))
    response = RedirectResponse(address, 303)
    sealed = base64.urlsafe_b64encode(vault().seal(asked.as_bytes(), _CONTEXT)).decode()
    response.set_cookie(
        COOKIE, sealed, max_age=LASTS_SECONDS, path="/sign-in/city", httponly=True, samesite="lax",
        secure=visit.request.url.scheme == "https",
    )  # fmt: skip
    return response


@ROUTER.get("/sign-in/city/back")
def come_back(visit: Seen, code: Word = "", state: Word = "") -> Response:
    """Whom the city vouches for and who has an account here is signed in."""
    if visit.settings.oidc_issuer is None:
        raise NotFound("本系统没有接入统一身份认证。")
    asked = _asked(visit)
    username = single_sign_on.answered(visit.settings, _back(visit), asked, state, code)
    with visit.engine.begin() as conn:
        found = people.officer_by_username(conn, username)
        if found is None:
            raise signing.SignInRefused("统一身份认证成功，但您在本系统没有账号，请联系系统管理员。", code="no_account")
        entered = signing.enter(conn, visit.settings, found.id, terminal=visit.terminal)
    visit.adopt(entered.token)
    response = done(visit, asked.to)
    response.delete_cookie(COOKIE, path="/sign-in/city")
    return response


def _asked(visit: Visit) -> Asked:
    try:
        sealed = base64.urlsafe_b64decode(visit.request.cookies.get(COOKIE, ""))
        return Asked.read(vault().open(sealed, _CONTEXT))
    except (Tampered, WrongKey, binascii.Error, ValueError, TypeError) as error:
        raise NotAllowed("登录已超时，请重新登录。", code="sso_state") from error
