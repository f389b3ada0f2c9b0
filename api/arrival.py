"""An arrival (来访): what a program's call and a browser's visit have in common."""

from __future__ import annotations

from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import cast

from fastapi import Request
from sqlalchemy import Engine

from api.security import terminal_of
from flows import access
from flows.casework.secrets import vault
from flows.desks import desk
from flows.record import Desk
from forms.scope import Scope
from infra.filestore import FileStore
from infra.settings import Settings


@dataclass(slots=True)
class Arrival:
    """One request, and what it stands on."""

    request: Request

    @property
    def settings(self) -> Settings:
        """The settings of this application."""
        return cast("Settings", self.request.app.state.settings)

    @property
    def engine(self) -> Engine:
        """The database of this application."""
        return cast("Engine", self.request.app.state.engine)

    @property
    def files(self) -> FileStore:
        """The file store of this application."""
        return FileStore(self.settings.files_folder, vault())

    @property
    def terminal(self) -> str:
        """From where it comes, for the record."""
        return terminal_of(self.request)

    def open_desk(self) -> AbstractContextManager[Desk]:
        """Give a desk to nobody in particular, for what is public."""
        return desk(access.SYSTEM, terminal=self.terminal, engine=self.engine)


def reader(seat: Desk) -> Scope:
    """Return what the officer at the desk may see."""
    return access.scope(seat.actor)
