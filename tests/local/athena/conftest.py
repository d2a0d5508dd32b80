"""Makes the harness beside the tests importable, which importlib mode does not; the account that the tests ask."""

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

sys.path.insert(0, str(Path(__file__).parent))

import account as harness


@pytest.fixture(scope="session")
def account(aws: Any) -> Iterator[harness.Account]:
    """An account with a bucket and two databases."""
    yield from harness.account(aws)
