"""Fixtures of the tests that run the real Chromium and ffmpeg."""

import dataclasses
from collections.abc import Iterator
from pathlib import Path

import pytest

from hf_lambda.handler import browser_pool
from hf_lambda.settings import Settings
from hf_lambda.toolchain import Toolchain, locate_toolchain

EXAMPLES = Path(__file__).parents[2] / "examples"


@pytest.fixture(scope="session")
def session_settings(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    """Settings with a scratch folder of the session's own; its browsers stay warm between tests."""
    scratch = tmp_path_factory.mktemp("scratch")
    settings = dataclasses.replace(Settings.from_environment(), scratch_dir=scratch, page_ready_seconds=20)
    yield settings
    browser_pool(settings).close()


@pytest.fixture
def fresh_settings(tmp_path: Path, session_settings: Settings) -> Iterator[Settings]:
    """Settings whose scratch folder nothing else uses, for tests of what is left behind."""
    settings = dataclasses.replace(session_settings, scratch_dir=tmp_path / "scratch")
    yield settings
    browser_pool(settings).close()


@pytest.fixture(scope="session")
def toolchain(session_settings: Settings) -> Toolchain:
    """The toolchain that `make setup` built."""
    return locate_toolchain(session_settings)
