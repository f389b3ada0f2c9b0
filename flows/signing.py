"""Signing in (登录): local accounts with argon2, sessions on the server, a lock after repeated failures (登录锁定)."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import timedelta
from functools import cache

from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher
from sqlalchemy import Connection, Engine

from flows import access
from flows.record import Desk
from forms.errors import Conflict, FieldError, Invalid, NotAllowed, NotFound, Problem
from infra import clock
from infra.settings import Settings
from infra.store import administration, sessions, tokens
from infra.vault import hash_token, new_token

SHORTEST, LONGEST = 10, 128
HOST_FACTOR = 10
"""From one address that many times as many failures are borne as under one name: offices share an address."""
_WORDS = "账号或密码不正确。"
_TEMPORARY = "abcdefghjkmnpqrstuvwxyz23456789"


class SignInRefused(NotAllowed):
    """账号或密码不正确。"""

    code = "sign_in_refused"


class Locked(Problem):
    """登录失败次数过多，请稍后再试。"""

    code = "locked"


@dataclass(frozen=True, slots=True)
class Entered:
    """A fresh session: the token for the cookie, and whether the password must be changed first."""

    token: str
    officer_id: int
    temporary: bool


@cache
def hasher() -> PasswordHash:
    """Return the one hasher: argon2id with 19 MiB and two passes, as OWASP's cheat sheet has it."""
    return PasswordHash((Argon2Hasher(time_cost=2, memory_cost=19_456, parallelism=1),))


@cache
def _nobody() -> str:
    """Return a hash to compare with where there is no account, so that guessing names takes as long."""
    return hasher().hash(secrets.token_hex(16))


def sign_in(engine: Engine, settings: Settings, username: str, password: str, *, host: str, terminal: str) -> Entered:
    """Open a session for whoever knows the password.

    SignInRefused tells nothing of what was wrong; Locked after `lock_failures` failures under one name within
    `lock_minutes`, or ten times as many from one address. A failure is on record before the answer leaves.
    """
    now = clock.machine()
    username = username.strip().lower()[:64]
    window = timedelta(minutes=settings.lock_minutes)
    with engine.begin() as conn:
        named, from_here = sessions.failures(conn, username, host, now - window)
        account = sessions.password(conn, username)
    if named >= settings.lock_failures or from_here >= settings.lock_failures * HOST_FACTOR:
        raise Locked(f"登录失败次数过多，请 {settings.lock_minutes} 分钟后再试，或请系统管理员重置密码。")
    stored = account["password_hash"] if account is not None else None
    right, renewed = hasher().verify_and_update(password[:LONGEST], stored or _nobody())
    if account is None or stored is None or not right or not account["active"]:
        with engine.begin() as conn:
            sessions.fail(conn, username, host, now)
        raise SignInRefused(_WORDS)
    with engine.begin() as conn:
        if renewed is not None:
            sessions.set_password(conn, account["id"], renewed, temporary=False)
        sessions.forgive(conn, username)
        return enter(conn, settings, account["id"], terminal=terminal)


def enter(conn: Connection, settings: Settings, officer_id: int, *, terminal: str) -> Entered:
    """Open a session for an officer whose identity is certain (password, or the city's single sign-on)."""
    now, drawn = clock.machine(), new_token()
    expires = now + timedelta(hours=settings.session_hours)
    sessions.add(conn, hash_token(drawn), terminal, now, expires, officer_id=officer_id)
    found = sessions.officer(conn, hash_token(drawn), now, sessions.Idle(settings.session_idle_minutes))
    return Entered(drawn, officer_id, found is not None and found.temporary)


def weaknesses(password: str, username: str) -> list[str]:
    """Return what is wrong with a new password, all at once (GB/T 22239—2019 身份鉴别：口令有复杂度要求)."""
    found = []
    if not SHORTEST <= len(password) <= LONGEST:
        found.append(f"密码应为 {SHORTEST} 至 {LONGEST} 个字符")
    if len({_kind(letter) for letter in password}) < 2:
        found.append("密码应至少包含字母、数字、符号中的两类")
    if username and username.lower() in password.lower():
        found.append("密码不能包含账号")
    if password and len(set(password)) < 5:
        found.append("密码中的字符过于重复")
    return found


def _kind(letter: str) -> str:
    return "letter" if letter.isalpha() else "digit" if letter.isdigit() else "sign"


def change_password(
    conn: Connection, officer_id: int, username: str, old: str, new: str, again: str, *, keep: bytes
) -> None:
    """The officer's password is the new one; every other session and every token of his ends.

    Invalid names everything that is wrong at once.
    """
    account = sessions.password(conn, username)
    errors = []
    if account is None or not account["password_hash"] or not hasher().verify(old, account["password_hash"]):
        errors.append(FieldError("/old", "原密码不正确", "wrong_password"))
    errors += [FieldError("/new", words, "weak_password") for words in weaknesses(new, username)]
    if new == old:
        errors.append(FieldError("/new", "新密码不能与原密码相同", "same_password"))
    if new != again:
        errors.append(FieldError("/again", "两次输入的新密码不一致", "mismatch"))
    if errors:
        raise Invalid(errors)
    now = clock.machine()
    sessions.set_password(conn, officer_id, hasher().hash(new), temporary=False)
    sessions.end_all(conn, officer_id, now, but=keep)
    tokens.revoke_all(conn, officer_id, now)


def reset_password(desk: Desk, username: str, reason: str) -> str:
    """The officer gets a temporary password, shown once; whoever was signed in under the name no longer is.

    NotFound, NotAllowed; Conflict for one's own account, whose password is changed by knowing the old one.
    """
    access.may(desk.actor, "administer")
    account = sessions.password(desk.conn, username)
    if account is None:
        raise NotFound
    if account["id"] == desk.actor.id:
        raise Conflict("请在“我的账号”中修改自己的密码。", code="own_account")
    drawn = temporary_password(desk.conn, username)
    tokens.revoke_all(desk.conn, account["id"], clock.machine())
    assert desk.actor.id is not None
    value = {"password": "reset"}
    administration.note(desk.conn, f"officer/{username}", value, by=desk.actor.id, at=desk.now, reason=reason)
    return drawn


def end_sessions(desk: Desk, settings: Settings, username: str, reason: str, *, session: str | None = None) -> int:
    """An officer's sessions are over, or the one whose hash begins so; return how many. It is on record, with why.

    NotFound where there is no such officer or session (any more), NotAllowed.
    """
    access.may(desk.actor, "administer")
    account = sessions.password(desk.conn, username)
    if account is None:
        raise NotFound
    now, idle = clock.machine(), sessions.Idle(settings.session_idle_minutes)
    found = [row["hash"] for row in sessions.of_officer(desk.conn, account["id"], now, idle)]
    if session is not None:
        found = [digest for digest in found if bytes(digest).hex().startswith(session)]
    if not found:
        raise NotFound("该人员没有登录中的会话，或者会话已经结束。")
    for digest in found:
        sessions.end(desk.conn, digest, now)
    assert desk.actor.id is not None
    value = {"sessions": "ended", "count": len(found)}
    administration.note(desk.conn, f"officer/{username}", value, by=desk.actor.id, at=desk.now, reason=reason)
    return len(found)


def temporary_password(conn: Connection, username: str) -> str:
    """Draw a password that must be changed before anything else, in place of the officer's; return it. NotFound."""
    account = sessions.password(conn, username)
    if account is None:
        raise NotFound
    drawn = "-".join("".join(secrets.choice(_TEMPORARY) for _ in range(4)) for _ in range(3))
    _give_password(conn, account["id"], drawn)
    sessions.forgive(conn, username)
    return drawn


def _give_password(conn: Connection, officer_id: int, password: str) -> None:
    """Set a password without asking for the old one; all sessions of the officer end."""
    sessions.set_password(conn, officer_id, hasher().hash(password), temporary=True)
    sessions.end_all(conn, officer_id, clock.machine())
