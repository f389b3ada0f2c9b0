"""`lianban run`: the whole platform from one command."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from infra.settings import Settings


def run(demo: Annotated[bool, typer.Option("--demo", help="演示模式：演示机构与人员，可调时钟")] = False) -> None:
    """启动整个平台：数据库、办理引擎、接口与网页；Ctrl-C 停止。"""
    if demo:
        os.environ["LIANBAN_DEMO"] = "true"
    from api import supervise
    from infra.logs import write_logs
    from infra.settings import settings

    write_logs(settings().log_level)
    supervise.run(settings(), _seed, typer.echo)


def _seed(settings: Settings) -> None:
    """Have the demo organisation in the database in demo mode, and say who is who; else nobody is added."""
    if not settings.demo:
        return
    from flows.signing import hasher
    from infra.database import engine
    from infra.demo.organisation import PASSWORD, officers
    from infra.demo.seed import seed

    with engine().begin() as conn:
        seed(conn, hasher().hash(PASSWORD))
    engine().dispose()
    typer.echo(f"演示人员（网页登录密码均为 {PASSWORD}；程序用 lianban token <用户名> 取令牌）：")
    for officer in officers():
        typer.echo(f"  {officer.username:<24} {officer.name}")


COMMANDS = [run]
