"""The `lianban` command line (命令行): the only place where everything is put together."""

from __future__ import annotations

import importlib
import pkgutil
import sys

import typer

import api.commands
from api.refusal import sentence


def build() -> typer.Typer:
    """Answer the application with every command that the package holds."""
    app = typer.Typer(
        name="lianban",
        help="联办：一口受理、并联办理、闭环管理",
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,
    )
    for module in pkgutil.iter_modules(api.commands.__path__, "api.commands."):
        for command in importlib.import_module(module.name).COMMANDS:
            if isinstance(command, typer.Typer):
                app.add_typer(command)
            else:
                app.command()(command)
    return app


def main() -> None:
    """Run the command line; what an operator can mend ends in one sentence and a non-zero exit, without a traceback."""
    try:
        build()()
    except Exception as error:
        if (said := sentence(error)) is None:
            raise
        print(f"lianban：{said}", file=sys.stderr)  # noqa: T201
        raise SystemExit(1) from None
