"""A visit (一次访问): a browser's request as the pages see it; the one way from a page to a desk."""

from __future__ import annotations

import base64
import binascii
import hmac
import re
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Annotated, Any
from urllib.parse import quote, urlsplit

import orjson
from fastapi import Depends, Request, Response
from fastapi.responses import RedirectResponse
from sqlalchemy import Connection
from starlette.datastructures import FormData, UploadFile
from starlette.formparsers import MultiPartException

from api.arrival import Arrival
from api.errors import TooLarge
from flows import access
from flows.access import Actor
from flows.desks import desk
from flows.record import Desk
from forms.errors import Invalid, NotAllowed, Problem, Unauthenticated
from forms.vocabulary import Role
from infra import clock
from infra.store import sessions
from infra.vault import hash_token, new_token

COOKIE = "lianban"
SAID = "lianban_said"
TYPING = "x-lianban-typing"
"""The header with which a page says that somebody is typing in it."""
MOST_FIELDS, MOST_FILES = 3000, 60
_TOKEN = re.compile(r"lb_[A-Za-z0-9_-]{20,100}")
_SEEN_EVERY = timedelta(minutes=1)
_CONTROL = re.compile(r"[\x00-\x1f\x7f\\]")


class Expired(NotAllowed):
    """页面已过期，或者请求不是从本站页面发出的。请返回上一页，刷新后重新提交。"""

    code = "csrf"


class PasswordDue(Problem):
    """请先修改临时密码。"""

    code = "password_due"


@dataclass(slots=True)
class Visit(Arrival):
    """One request of a browser; what the form holds is read, nothing of it is believed yet."""

    form: FormData | None = None
    sent: FormData | None = None
    """What was sent, whether or not it came with the browser's word: to be shown again, and for nothing else."""
    actor: Actor | None = field(default=None)
    token: str = ""
    fresh: bool = False
    """Whether the cookie has to be set: the browser came without one of ours."""
    adopted: bool = False
    """Whether the session was opened in this very request."""

    @property
    def host(self) -> str:
        """The address the visit comes from."""
        return self.request.client.host if self.request.client else "-"

    @property
    def query(self) -> str:
        """The query with its question mark, empty where there is none."""
        query = self.request.url.query
        return f"?{query}" if query else ""

    @property
    def path(self) -> str:
        """The path with its query, to come back to."""
        return self.request.url.path + self.query

    @property
    def csrf(self) -> str:
        """The word every form of this browser carries; it cannot be computed without the cookie."""
        return hmac.new(self.token.encode(), b"lianban/csrf", "sha256").hexdigest()[:40]

    def desk(self) -> AbstractContextManager[Desk]:
        """Sit the officer down: one transaction that knows the session, does the work and commits before the answer."""
        return desk(self._officer, terminal=self.terminal, engine=self.engine)

    def officer(self) -> Actor:
        """Return who is signed in, in a short transaction of its own; Unauthenticated where nobody is."""
        with self.engine.begin() as conn:
            return self._officer(conn)

    def who(self) -> Actor | None:
        """Return who is signed in, None where nobody is: for pages that are open to everybody."""
        try:
            return self.officer()
        except (Unauthenticated, PasswordDue):
            return None

    def _officer(self, conn: Connection, *, temporary: bool = False) -> Actor:
        if self.actor is not None:
            return self.actor
        if self.fresh and not self.adopted:
            raise Unauthenticated
        now, digest = clock.machine(), hash_token(self.token)
        found = sessions.officer(conn, digest, now, sessions.Idle(self.settings.session_idle_minutes))
        if found is None:
            raise Unauthenticated
        if now - found.seen_at > _SEEN_EVERY and self.by_hand:
            sessions.seen(conn, digest, now)
        if found.temporary and not temporary:
            raise PasswordDue
        one = found.officer
        self.actor = access.officer(one.id, one.name, one.members, username=one.username)
        return self.actor

    def even_with_temporary_password(self) -> Actor:
        """Return who is signed in, also where the password is still to be changed."""
        with self.engine.begin() as conn:
            return self._officer(conn, temporary=True)

    def application(self) -> tuple[int, str]:
        """Return the application (key, number) that the applicant opened with the code; Unauthenticated otherwise."""
        now, digest = clock.machine(), hash_token(self.token)
        with self.engine.begin() as conn:
            found = sessions.application(conn, digest, now, sessions.Idle(self.settings.applicant_minutes))
            if self.fresh or found is None:
                raise Unauthenticated
            if now - found[2] > _SEEN_EVERY and self.by_hand:
                sessions.seen(conn, digest, now)
        return found[0], found[1]

    def opened(self) -> str | None:
        """Return the number of the application that this browser has open, None where it has none."""
        try:
            return self.application()[1]
        except Unauthenticated:
            return None

    @property
    def by_hand(self) -> bool:
        """Whether a person is there: opened the page, or types in it; a script that refreshes it tells nothing."""
        typing = self.request.headers.get(TYPING) == "1"
        return typing or self.request.headers.get("sec-fetch-dest", "document") == "document"

    def text(self, name: str, default: str = "") -> str:
        """Return one field of the form as text, without the blanks around it."""
        value = self.form.get(name, default) if self.form else default
        return value.strip() if isinstance(value, str) else default

    def texts(self, name: str) -> list[str]:
        """Return all values of a field that may be chosen several times."""
        return [value.strip() for value in (self.form.getlist(name) if self.form else []) if isinstance(value, str)]

    def upload(self, name: str) -> UploadFile | None:
        """Return an uploaded file, None where none was chosen."""
        value = self.form.get(name) if self.form else None
        return value if isinstance(value, UploadFile) and value.filename else None

    def renew(self) -> None:
        """Give the browser a new cookie that means nothing yet (after signing out, before signing in)."""
        self.token, self.fresh = new_token(), True

    def adopt(self, token: str) -> None:
        """Let the browser carry `token` from now on: a session that was just opened."""
        self.token, self.fresh, self.adopted, self.actor = token, True, True, None


def roles_only(actor: Actor, *roles: str) -> None:
    """Raise NotAllowed unless the officer holds one of `roles` anywhere."""
    if not actor.has(*roles):
        named = "、".join(Role(role).label for role in dict.fromkeys(roles))
        raise NotAllowed(f"此页面由{named}使用。")


def local(path: str | None, default: str = "/") -> str:
    """Return a path of ours to go to, `default` where what is given leads elsewhere (open redirect, CWE-601)."""
    if not path or not path.startswith("/") or path.startswith("//") or _CONTROL.search(path):
        return default
    parts = urlsplit(path)
    return path if not parts.scheme and not parts.netloc else default


def done(visit: Visit, to: str, said: str = "", *, kind: str = "ok") -> RedirectResponse:
    """Return a redirect after an act (POST, then GET) that shows `said` once on the next page."""
    response = RedirectResponse(quote(local(to), safe="/?&=#%:,;@+*'()!$~.-_"), 303)
    if said:
        carry(visit, response, SAID, [kind, said[:600]], max_age=60)
    keep_cookie(visit, response)
    return response


def said(visit: Visit) -> tuple[str, str] | None:
    """Return what the page before wanted said (kind, words), None where nothing or not by us."""
    try:
        kind, words = carried(visit, SAID)
    except (ValueError, TypeError):
        return None
    return str(kind), str(words)


def carry(visit: Visit, response: Response, name: str, value: Any, *, max_age: int | None = None) -> None:
    """Have the browser bring `value` back under `name`, signed: only this session can have it read again."""
    body = base64.urlsafe_b64encode(orjson.dumps(value)).decode()
    response.set_cookie(
        name, f"{body}.{_seal(visit, name, body)}", max_age=max_age, path="/", httponly=True, samesite="lax",
        secure=visit.request.url.scheme == "https",
    )  # fmt: skip


def carried(visit: Visit, name: str) -> Any:
    """Return what the browser brings back under `name`, None where there is nothing or it was not signed by us."""
    body, _, seal = visit.request.cookies.get(name, "").rpartition(".")
    if not body or not hmac.compare_digest(seal.encode(), _seal(visit, name, body).encode()):
        return None
    try:
        return orjson.loads(base64.urlsafe_b64decode(body))
    except (ValueError, binascii.Error):
        return None


def _seal(visit: Visit, name: str, body: str) -> str:
    return hmac.new(visit.token.encode(), f"{name}/{body}".encode(), "sha256").hexdigest()[:32]


def told(wrong: Invalid | None) -> tuple[dict[str, list[str]], list[tuple[str, str]]]:
    """Return what is wrong beside the fields, and all of it for the top of the page."""
    errors: dict[str, list[str]] = {}
    summary = []
    for error in wrong.errors if wrong else ():
        name = error.field.lstrip("/")
        errors.setdefault(name, []).append(error.message)
        summary.append((name, error.message))
    return errors, summary


def keep_cookie(visit: Visit, response: Response) -> None:
    """Set the cookie where the browser has to get one."""
    if visit.fresh:
        response.set_cookie(
            COOKIE, visit.token, path="/", httponly=True, samesite="lax", secure=visit.request.url.scheme == "https"
        )


def _visit(request: Request) -> Visit:
    token, sent = request.cookies.get(COOKIE, ""), getattr(request.state, "sent", None)
    if _TOKEN.fullmatch(token):
        return Visit(request, sent=sent, token=token)
    return Visit(request, sent=sent, token=new_token(), fresh=True)


async def _sent(request: Request) -> AsyncIterator[Visit]:
    visit = _visit(request)
    _same_site(request)
    try:
        visit.form = await request.form(max_files=MOST_FILES, max_fields=MOST_FIELDS, max_part_size=1024 * 1024)
    except MultiPartException as error:
        raise TooLarge("提交的内容过大或不完整，请减少内容后重试。") from error
    request.state.sent = visit.form
    try:
        given = visit.form.get("csrf") or request.headers.get("x-csrf-token") or ""
        if visit.fresh or not isinstance(given, str) or not hmac.compare_digest(given.encode(), visit.csrf.encode()):
            raise Expired
        yield visit
    finally:
        await visit.form.close()  # what was uploaded waits on the disk; what nobody took is let go of


def _same_site(request: Request) -> None:
    """Refuse a form sent from another site: the browser says so itself (Fetch Metadata), or its Origin does."""
    site = request.headers.get("sec-fetch-site")
    if site is not None and site not in ("same-origin", "none"):
        raise Expired
    origin = request.headers.get("origin")
    if origin and origin != "null" and urlsplit(origin).netloc != request.headers.get("host", ""):
        raise Expired


def form_values(form: FormData | Mapping[str, Any] | None) -> dict[str, Any]:
    """Return what was typed, to fill the form again: one value, or a list where a name came several times."""
    if form is None:
        return {}
    values: dict[str, Any] = {}
    pairs: Sequence[tuple[str, Any]] = form.multi_items() if isinstance(form, FormData) else list(form.items())
    for name, value in pairs:
        if isinstance(value, str) and name not in ("csrf", "password"):
            values[name] = [*_as_list(values[name]), value] if name in values else value
    return values


def _as_list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


Seen = Annotated[Visit, Depends(_visit)]
"""A page that is looked at."""

Sent = Annotated[Visit, Depends(_sent)]
"""A form that was sent: from our own page, with the browser's word in it."""
