"""The kinds of errors this house knows, without a word of HTTP: a message for the officer, a code for programs."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

_MINUTE = 60


@dataclass(frozen=True, slots=True)
class FieldError:
    """One thing that is wrong with what was handed in.

    `field` is a JSON Pointer (RFC 6901) into the body, "" for the body as a whole.
    """

    field: str
    message: str
    code: str


class Problem(Exception):
    """办理时出现问题。"""

    code = "problem"

    def __init__(self, detail: str | None = None, *, code: str | None = None, **facts: object) -> None:
        """Say `detail` (Chinese; the docstring by default); `facts` go to the caller as further members."""
        self.detail = detail or (type(self).__doc__ or "").strip().splitlines()[0]
        self.code = code or type(self).code
        self.facts = facts
        super().__init__(self.detail)


class NotFound(Problem):
    """没有找到，或者您无权查看。"""

    code = "not_found"


class Unauthenticated(Problem):
    """请先登录：没有令牌，或者令牌已失效。"""

    code = "unauthenticated"


class NotAllowed(Problem):
    """您没有办理此项的权限。"""

    code = "not_allowed"


class Conflict(Problem):
    """当前状态下不能这样办理，请刷新后再试。"""

    code = "conflict"


class Stale(Problem):
    """内容已被他人修改，请刷新后再试。"""

    code = "stale"


class TooManyTries(Problem):
    """尝试次数过多，请稍后再试。"""

    code = "too_many_tries"

    def __init__(self, seconds: int) -> None:
        """Say for how many seconds no further try is listened to."""
        wait = f"{seconds}秒" if seconds < _MINUTE else f"{-(-seconds // _MINUTE)}分钟"
        super().__init__(f"查询码多次不符，请{wait}后再试；忘记查询码的，请到窗口核验身份后办理。", retry_after=seconds)


class Unavailable(Problem):
    """服务暂时不可用，请稍后再试。"""

    code = "unavailable"


class Invalid(Problem):
    """填写的内容有误，请按提示逐项更正。"""

    code = "invalid"

    def __init__(self, errors: Iterable[FieldError], detail: str | None = None, *, code: str | None = None) -> None:
        """Carry everything that is wrong, all at once."""
        self.errors = tuple(errors)
        super().__init__(detail, code=code)

    @classmethod
    def one(cls, field: str, message: str, code: str) -> Invalid:
        """Make the error for a single wrong field."""
        return cls([FieldError(field, message, code)], message)
