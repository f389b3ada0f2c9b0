"""`lianban token`: a bearer token for a program or a trial."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated

import typer


def token(officer: Annotated[str, typer.Argument(help="人员账号", show_default=False)]) -> None:
    """为人员签发访问令牌；令牌只显示这一次，库中只存其摘要。"""
    from api.refusal import Refusal
    from infra import clock
    from infra.database import engine
    from infra.home import at_hand
    from infra.settings import settings
    from infra.store import people, tokens
    from infra.vault import hash_token, new_token

    with at_hand(settings()), engine().begin() as conn:
        found = people.officer_by_username(conn, officer)
        if found is None:
            raise Refusal(f"没有人员账号“{officer}”，或者已停用。")
        drawn, now = new_token(), clock.machine()
        tokens.add(conn, found.id, hash_token(drawn), now, now + timedelta(hours=settings().token_hours))
    engine().dispose()
    typer.echo(drawn)


COMMANDS = [token]
