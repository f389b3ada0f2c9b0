"""Who calls (身份认证): a bearer token, looked up in the transaction that does the work."""

from __future__ import annotations

import re

from fastapi import Request
from sqlalchemy import Connection

from flows import access
from flows.access import Actor
from forms.errors import Unauthenticated
from infra import clock
from infra.store import people
from infra.vault import hash_token

_TOKEN = re.compile(r"[!-~]{1,200}")
_UNSEEN = re.compile(r"[^\x20-\x7e\u4e00-\u9fff]")
_TERMINAL_LENGTH = 160


def who(conn: Connection, authorization: str | None) -> Actor:
    """Return the officer of a token that is valid now (by the machine's clock), or Unauthenticated."""
    scheme, _, token = (authorization or "").partition(" ")
    if scheme.lower() != "bearer" or _TOKEN.fullmatch(token.strip()) is None:
        raise Unauthenticated
    found = people.officer_by_token(conn, hash_token(token.strip()), clock.machine())
    if found is None:
        raise Unauthenticated
    return access.officer(found.id, found.name, found.members, username=found.username)


def terminal_of(request: Request) -> str:
    """Return from where a call comes: the address and a short, harmless form of the program's name."""
    host = request.client.host if request.client else "-"
    agent = _UNSEEN.sub("", request.headers.get("user-agent", ""))
    return f"{host} {agent}"[:_TERMINAL_LENGTH].strip()
