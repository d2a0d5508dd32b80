"""Fixtures of the tests of crawlers."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.local.crawler.room import Room


@pytest.fixture(scope="module")
def kept_room(aws: Any) -> Iterator[Room]:
    made = Room(aws)
    yield made
    made.close()


@pytest.fixture
def room(kept_room: Room) -> Iterator[Room]:
    yield kept_room
    kept_room.clear()
