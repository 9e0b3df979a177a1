"""Fixtures of composition's tests."""

from collections.abc import Iterator

import pytest

from tests.web import Web


@pytest.fixture
def web() -> Iterator[Web]:
    """A web server on loopback."""
    with Web() as server:
        yield server
