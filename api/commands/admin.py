"""`lianban admin`: the first administrator, without whom nobody is there."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated

import typer


def admin(
    username: Annotated[str, typer.Argument(help="管理员账号")] = "admin",
    name: Annotated[str, typer.Option("--name", help="姓名")] = "系统管理员",
    reset: Annotated[bool, typer.Option("--reset", help="重新启用，作废原有令牌、密码和登录")] = False,
) -> None:
    """建立第一个系统管理员，签发令牌和临时密码；已有的用 --reset 重新启用并换发。"""
    from api.refusal import Refusal
    from flows.administration import first_administrator
    from flows.signing import temporary_password
    from forms.errors import Problem
    from infra.database import engine
    from infra.home import at_hand
    from infra.settings import settings

    try:
        with at_hand(settings()), engine().begin() as conn:
            token = first_administrator(
                conn, username, name, reset=reset, lasts=timedelta(hours=settings().token_hours)
            )
            password = temporary_password(conn, username)
    except Problem as error:
        raise Refusal(error.detail) from None
    finally:
        engine().dispose()
    typer.echo(token)
    typer.echo(f"网页登录：账号 {username}，临时密码 {password}（只显示这一次，登录后须先修改）。", err=True)


COMMANDS = [admin]
