"""What ends a command in one sentence (拒绝执行): errors that an operator can mend, told without a traceback."""

from __future__ import annotations

import errno

from pydantic import ValidationError
from sqlalchemy.exc import OperationalError

from forms.errors import Problem
from infra.account import AccountError
from infra.backup import BackupError
from infra.home import HomeError
from infra.migrations import SchemaError
from infra.postgres import ClusterError
from infra.settings import Settings, variable

KNOWN = {errno.EADDRINUSE: "端口已被占用", errno.EACCES: "没有权限", errno.EADDRNOTAVAIL: "本机没有这个地址"}


class Refusal(Exception):
    """无法执行。"""


def sentence(error: Exception) -> str | None:
    """Answer what to tell the operator of `error`; None where it is a defect of ours and deserves its traceback."""
    match error:
        case Refusal() | Problem() | HomeError() | ClusterError() | AccountError() | SchemaError() | BackupError():
            return str(error)
        case OperationalError():
            return f"数据库连接不上：{str(error.orig).splitlines()[0]}"
        case ValidationError(title=Settings.__name__):
            return "设置有误：" + "；".join(
                f"{variable(str(wrong['loc'][0]) if wrong['loc'] else '')}（{wrong['msg']}）"
                for wrong in error.errors()
            )
    return None


def why(error: OSError) -> str:
    """Answer the system's reason in the operator's words where we have them."""
    return KNOWN.get(error.errno or 0, error.strerror or str(error))
