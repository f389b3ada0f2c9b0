"""Errors on the wire (错误应答): one table from the kinds of errors to status codes, RFC 9457 for all of them."""

from __future__ import annotations

import logging
import traceback
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any, Final

import orjson
import psycopg
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from sqlalchemy.exc import DataError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from starlette.exceptions import HTTPException

from forms.errors import (
    Conflict,
    FieldError,
    Invalid,
    NotAllowed,
    NotFound,
    Problem,
    Stale,
    TooManyTries,
    Unauthenticated,
    Unavailable,
)
from forms.faults import token

log = logging.getLogger(__name__)

PROBLEM = "application/problem+json"
RETRY_SECONDS = 2


class Malformed(Problem):
    """请求内容不是有效的 JSON，请检查后重新提交。"""

    code = "malformed"


class BadHeader(Problem):
    """请求头有误。"""

    code = "bad_header"


class WrongType(Problem):
    """请求内容的类型应为 application/json。"""

    code = "unsupported_media_type"


class TooLarge(Problem):
    """提交的内容过大。"""

    code = "too_large"


STATUS: Final[Mapping[type[Problem], HTTPStatus]] = {
    Malformed: HTTPStatus.BAD_REQUEST,
    BadHeader: HTTPStatus.BAD_REQUEST,
    Unauthenticated: HTTPStatus.UNAUTHORIZED,
    NotAllowed: HTTPStatus.FORBIDDEN,
    NotFound: HTTPStatus.NOT_FOUND,
    Conflict: HTTPStatus.CONFLICT,
    Stale: HTTPStatus.PRECONDITION_FAILED,
    TooLarge: HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    WrongType: HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
    Invalid: HTTPStatus.UNPROCESSABLE_ENTITY,
    TooManyTries: HTTPStatus.TOO_MANY_REQUESTS,
    Unavailable: HTTPStatus.SERVICE_UNAVAILABLE,
    Problem: HTTPStatus.INTERNAL_SERVER_ERROR,
}
"""Kind → status; a kind that is not here answers as the nearest one it derives from."""

_TITLES: Final[Mapping[int, str]] = {
    400: "请求有误",
    401: "未登录",
    403: "无权办理",
    404: "没有找到",
    405: "不支持的操作",
    409: "有冲突",
    412: "内容已变",
    413: "内容过大",
    415: "类型不符",
    422: "填写有误",
    429: "尝试过多",
    500: "系统故障",
    503: "暂时不可用",
}
_BUSY = (
    psycopg.errors.LockNotAvailable,
    psycopg.errors.QueryCanceled,
    psycopg.errors.DeadlockDetected,
    psycopg.errors.SerializationFailure,
)


def is_page(path: str) -> bool:
    """Whether a path is one of the pages that people see, not of the interface that programs call."""
    return not path.startswith(("/api/", "/static/", "/healthz", "/readyz", "/metrics", "/openapi", "/docs"))


def status_of(problem: Problem) -> HTTPStatus:
    """Return the status code of an error."""
    return next(STATUS[kind] for kind in type(problem).__mro__ if kind in STATUS)


def problem_body(status: int, code: str, detail: str, **members: Any) -> bytes:
    """Return an error as RFC 9457 wants it: a Chinese `detail` for people, a stable `code` for programs."""
    body = {"type": "about:blank", "title": _TITLES.get(status, "错误"), "status": status, "detail": detail}
    return orjson.dumps({**body, "code": code, **members}, default=str)


def members_of(problem: Problem) -> dict[str, Any]:
    """Return what an error says besides its words: who did what meanwhile, every field that is wrong."""
    members: dict[str, Any] = dict(problem.facts)
    if isinstance(problem, Invalid):
        members["errors"] = [{"field": e.field, "message": e.message, "code": e.code} for e in problem.errors]
    return members


def answer(problem: Problem) -> Response:
    """Return the response for an error of the house."""
    members = members_of(problem)
    status = status_of(problem)
    headers = {}
    if status == HTTPStatus.SERVICE_UNAVAILABLE:
        headers["Retry-After"] = str(RETRY_SECONDS)
    if isinstance(problem, TooManyTries):
        headers["Retry-After"] = str(problem.facts["retry_after"])
    if status == HTTPStatus.UNAUTHORIZED:
        headers["WWW-Authenticate"] = "Bearer"
    for reserved in ("type", "title", "status", "detail", "code"):
        if reserved in members:
            members[f"current_{reserved}"] = members.pop(reserved)
    body = problem_body(status, problem.code, problem.detail, **members)
    return Response(body, status, headers, media_type=PROBLEM)


def unexpected(error: BaseException, reference: str) -> bytes:
    """Log a defect of ours under a reference, without a word of anybody's data, and return what the caller is told."""
    kinds: list[str] = []
    cause: BaseException | None = error
    while cause is not None and len(kinds) < 5:
        kinds.append(type(cause).__name__)
        cause = cause.__cause__ or cause.__context__
    frames = [f"{f.filename}:{f.lineno} {f.name}" for f in traceback.extract_tb(error.__traceback__)[-12:]]
    log.error("unexpected %s, reference %s\n  %s", " < ".join(kinds), reference, "\n  ".join(frames))
    return problem_body(500, "internal", f"系统出现故障，请记下编号 {reference} 并联系管理员。", reference=reference)


def _said(request: Request, problem: Problem) -> Response:
    """Return the response for an error: data for a program, a page for a person."""
    if is_page(request.url.path):
        from api import frame  # the frame needs the kinds of errors that are named here

        return frame.problem(request, problem, status_of(problem))
    return answer(problem)


def _problem(request: Request, error: Exception) -> Response:
    assert isinstance(error, Problem)
    return _said(request, error)


def _validation(request: Request, error: Exception) -> Response:
    """Say what is wrong with path, query and headers; a path that cannot be a number is simply not found."""
    assert isinstance(error, RequestValidationError)
    found = error.errors()
    if any(fault["loc"][0] == "path" for fault in found):
        return _said(request, NotFound())
    return _said(request, Invalid([_parameter_fault(fault) for fault in found]))


def _parameter_fault(fault: Mapping[str, Any]) -> FieldError:
    where, *name = fault["loc"]
    known = {"extra_forbidden": ("unknown_parameter", "没有这个查询参数"), "missing": ("required", "请提供此参数")}
    code, words = known.get(fault["type"], ("format", "参数格式不正确"))
    field = token(".".join(str(part) for part in name))
    return FieldError(f"?{field}" if where == "query" else field, f"{field}：{words}", code)


def _http(request: Request, error: Exception) -> Response:
    """Answer what the framework refuses (no such path, no such method) in the same form."""
    assert isinstance(error, HTTPException)
    if is_page(request.url.path) and error.status_code == HTTPStatus.NOT_FOUND:
        return _said(request, NotFound("没有这个页面。"))
    codes = {404: ("not_found", "没有这个地址。"), 405: ("method_not_allowed", "这个地址不支持此操作。")}
    code, words = codes.get(error.status_code, ("malformed", "请求有误。"))
    return Response(problem_body(error.status_code, code, words), error.status_code, error.headers, media_type=PROBLEM)


def _database(request: Request, error: Exception) -> Response:
    """Tell a crowd from a failure: whoever waited too long may try again, 503 with Retry-After."""
    cause = getattr(error, "orig", None)
    if isinstance(error, PoolTimeout) or isinstance(cause, _BUSY):
        return _said(request, Unavailable("正在办理的人较多，请稍后再试。", code="busy"))
    log.warning("the database does not answer: %s", type(cause or error).__name__)
    return _said(request, Unavailable("数据库暂时不可用，请稍后再试。", code="database_unavailable"))


def _data(request: Request, error: Exception) -> Response:
    """Answer what the database could not store: characters or numbers that no field takes."""
    log.warning("the database refused a value: %s", type(getattr(error, "orig", error)).__name__)
    return _said(request, Invalid.one("", "提交的内容含有不能保存的字符或数值", "unstorable"))


def install(app: FastAPI) -> None:
    """Have every error of the application answered as a problem."""
    app.add_exception_handler(Problem, _problem)
    app.add_exception_handler(RequestValidationError, _validation)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(OperationalError, _database)
    app.add_exception_handler(PoolTimeout, _database)
    app.add_exception_handler(DataError, _data)
