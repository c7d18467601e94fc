"""The examples in the engine's docstrings."""

import doctest
from types import ModuleType

import pytest

from singleuse_app.scheduling import availability, intervals, slots


@pytest.mark.parametrize("module", [intervals, availability, slots], ids=lambda module: module.__name__)
def test_the_examples_of_the_docstrings_are_true(module: ModuleType) -> None:
    failed, attempted = doctest.testmod(module)
    assert attempted
    assert not failed
