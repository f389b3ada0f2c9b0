"""Shorthands for column kinds; plain SQLAlchemy types only, so that migrations need nothing of ours."""

from __future__ import annotations

from typing import Any

from sqlalchemy import BigInteger, Column, DateTime, Identity, LargeBinary, Text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlmodel import Field

__all__ = ["BigInteger", "Field", "big", "blob", "integers", "json", "key", "moment", "text", "texts"]


def key() -> Any:
    """Make the primary key: a 64-bit identity that is never shown to anybody."""
    return Field(default=None, sa_column=Column(BigInteger, Identity(always=False), primary_key=True))


def moment(*, null: bool = True) -> Any:
    """Make a moment in time, stored with its zone."""
    return Field(default=None, sa_type=DateTime(timezone=True), nullable=null)


def text(default: Any = ..., *, null: bool = False, index: bool = False) -> Any:
    """Make a text column (PostgreSQL needs no length)."""
    return Field(default, sa_type=Text, nullable=null, index=index)


def json(*, null: bool = False, default: Any = None) -> Any:
    """Make a JSONB column."""
    return Field(default=default, sa_type=JSONB, nullable=null)


def blob(*, null: bool = True) -> Any:
    """Make a column of bytes."""
    return Field(default=None, sa_type=LargeBinary, nullable=null)


def texts() -> Any:
    """Make an array of texts."""
    return Field(default=None, sa_type=ARRAY(Text), nullable=False)


def integers(*, null: bool = False) -> Any:
    """Make an array of keys."""
    return Field(default=None, sa_type=ARRAY(BigInteger), nullable=null)


def big(*, null: bool = False, foreign_key: str | None = None, default: Any = None, ondelete: str | None = None) -> Any:
    """Make a 64-bit integer, perhaps pointing at another table."""
    if foreign_key is None:
        return Field(default=default, sa_type=BigInteger, nullable=null)
    return Field(default=default, sa_type=BigInteger, nullable=null, foreign_key=foreign_key)
