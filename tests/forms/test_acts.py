"""Acts in words: the record can be read aloud."""

from __future__ import annotations

import pytest

from flows.lifecycle import CASE, TASK
from forms.acts import Act
from forms.messages import CASE_ACTS, TASK_ACTS


@pytest.mark.parametrize("act", sorted({act for _, act in (*CASE, *TASK)} | CASE_ACTS.keys() | TASK_ACTS.keys()))
def test_every_act_has_its_words(act: str) -> None:
    assert Act(act).label
