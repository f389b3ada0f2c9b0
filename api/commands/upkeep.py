"""`lianban migrate` and `lianban settings`: what an operator needs between two runs."""

from __future__ import annotations

import os

import typer


def migrate() -> None:
    """建立或升级数据库结构。"""
    from infra.home import at_hand
    from infra.migrations import upgrade
    from infra.settings import settings

    with at_hand(settings(), migrate=False):
        upgrade(settings().sqlalchemy_url())
    typer.echo("数据库结构已是最新。")


def settings() -> None:
    """列出全部设置：名称、当前值、来源、含义；口令不显示。"""
    from rich.console import Console
    from rich.table import Table

    from infra.settings import Settings, variable
    from infra.settings import settings as current

    table = Table("名称", "当前值", "来源", "含义")
    for name, field in Settings.model_fields.items():
        value = getattr(current(), name)
        given = any(variable(name).lower() == key.lower() for key in os.environ)
        table.add_row(
            variable(name),
            "（未设置）" if value is None else str(value),
            "环境变量" if given else "默认",
            field.description,
        )
    Console().print(table)


COMMANDS = [migrate, settings]
