"""The engine's slots against those that brute force finds: around changes of the clock, and with existing bookings.

With ``test_dates_by_brute_force.py``, for whatever decides about dates, that is 10,000 questions in the thorough
profile.
"""

import pytest
from hypothesis import event, given, settings
from hypothesis import strategies as st

from tests.scheduling.scenes import DAY
from tests.scheduling.strategies import MANY, Question, anything, patient, questions

KINDS = {
    "clock changes": questions(longest=DAY),
    "busy": questions(busy=12, longest=DAY),
    "anything": anything(longest=DAY),
}


@pytest.mark.parametrize("kind", KINDS)
@settings(patient, max_examples=MANY)
@given(data=st.data())
def test_the_slots_are_those_that_brute_force_finds(kind: str, data: st.DataObject) -> None:
    question: Question = data.draw(KINDS[kind])
    slots = question.slots()
    event("some slots" if slots else "no slots")
    assert slots == question.slots_by_brute_force()
