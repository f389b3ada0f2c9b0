"""Matters that people usually ask for together (套餐): presets of the window, no rule of their own."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Preset:
    """A bundle of matters under the name by which the window offers it."""

    code: str
    title: str
    matters: tuple[str, ...]


PRESETS = (
    Preset("settle_in", "来了就落户", ("settlement", "subsidy")),
    Preset("home", "安家", ("settlement", "schooling", "green_channel", "subsidy")),
)
