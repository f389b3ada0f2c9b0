"""What every message is made of (办理内容): words that can be printed, codes, numbers; nothing unknown."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, ConfigDict, StringConstraints

from forms.errors import FieldError


def _printable(value: str) -> str:
    if any((ord(ch) < 32 and ch not in "\n\t") or 0x7F <= ord(ch) < 0xA0 or 0xD800 <= ord(ch) < 0xE000 for ch in value):
        raise ValueError("含有不可见的控制字符")
    return value


_TRIM: dict[str, Any] = {"strip_whitespace": True, "min_length": 1}
Words = Annotated[str, StringConstraints(max_length=2000, **_TRIM), AfterValidator(_printable)]
Short = Annotated[str, StringConstraints(max_length=200, **_TRIM), AfterValidator(_printable)]
Code = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,63}$")]
Number = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9-]{1,64}$")]


class Message(BaseModel):
    """The base of all messages: nothing unknown slips through."""

    model_config = ConfigDict(extra="forbid")

    def at_odds(self) -> Iterator[FieldError]:
        """Say what is wrong with the fields together, each of which is right by itself."""
        yield from ()
