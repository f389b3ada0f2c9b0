"""`lianban backup` and `lianban restore`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

Where = Annotated[Path, typer.Argument(help="备份文件", show_default=False)]


def backup(file: Where) -> None:
    """备份数据库和上传文件到一个文件（不含密钥目录 secrets，请另行妥善保存）。"""
    from infra import backup as room
    from infra.home import at_hand
    from infra.settings import settings

    with at_hand(settings()):
        room.backup(settings(), file.absolute())
    typer.echo(f"已备份到 {file}。密钥目录 {settings().secrets_folder} 不在备份中，请另行妥善保存。")


def restore(file: Where) -> None:
    """把备份恢复到空的数据库和数据目录；可跨 PostgreSQL 大版本。"""
    from infra import backup as room
    from infra.home import at_hand
    from infra.settings import settings

    with at_hand(settings(), migrate=False):
        room.restore(settings(), file.absolute())
    typer.echo("已恢复。请把原来的密钥目录 secrets 放回数据目录，否则证件号码和账号无法解密。")


COMMANDS = [backup, restore]
