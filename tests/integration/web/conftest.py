"""Fixtures of the tests of pages."""

from __future__ import annotations

import pytest

from tests.factories import Factories
from tests.integration.web.scene import Scene
from tests.support.clock import Clock


@pytest.fixture
def scene(factories: Factories, clock: Clock) -> Scene:
    """A task of a department, with the people around it."""
    return Scene(factories, clock)
