"""The engine's slots against those that brute force finds, where recurrences, holidays, dates and caps decide."""

import pytest
from hypothesis import event, given, settings
from hypothesis import strategies as st

from tests.scheduling.scenes import DAY
from tests.scheduling.strategies import MANY, Question, patient, questions

KINDS = {
    "recurrences and holidays": questions(recurring=True, longest=DAY),
    "dates and caps": questions(limited=True, longest=DAY),
}


@pytest.mark.parametrize("kind", KINDS)
@settings(patient, max_examples=MANY)
@given(data=st.data())
def test_the_slots_are_those_that_brute_force_finds(kind: str, data: st.DataObject) -> None:
    question: Question = data.draw(KINDS[kind])
    slots = question.slots()
    event("some slots" if slots else "no slots")
    assert slots == question.slots_by_brute_force()
