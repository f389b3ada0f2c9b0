"""`lianban verify`: proves a database."""

from __future__ import annotations

from typing import Annotated

import typer

SHOWN = 50


def verify(shown: Annotated[int, typer.Option("--shown", help="每项最多列出几条", min=1)] = SHOWN) -> None:
    """核验数据库：过程链、文书、状态、签署与各项不变量；有任何不符即以非零码退出。"""
    from flows.verify import verify as search
    from infra.database import engine
    from infra.home import at_hand
    from infra.settings import settings

    total = here = 0
    try:
        with at_hand(settings(), migrate=False), engine().connect() as conn:
            conn.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
            for holds, finding in search(conn):
                if finding is None:
                    typer.echo(f"{'✗' if here else '✓'} {holds}" + (f"：{here} 处不符" if here else ""))
                    total, here = total + here, 0
                    continue
                here += 1
                if here <= shown:
                    typer.echo(f"    {finding.subject}  {finding.words}")
    finally:
        engine().dispose()
    typer.echo(f"共发现 {total} 处不符。" if total else "全部相符。")
    if total:
        raise typer.Exit(1)


COMMANDS = [verify]
