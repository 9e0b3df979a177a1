"""Fixtures of the tests that run the real Chromium and ffmpeg."""

import dataclasses
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from hf_lambda.capture.chromium import Browser
from hf_lambda.capture.flags import chromium_flags
from hf_lambda.deadline import Deadline
from hf_lambda.handler import browser_pool
from hf_lambda.settings import Settings
from hf_lambda.toolchain import Toolchain, locate_toolchain
from tests.functional.sites import OpenScreen, Screen

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
def session_browser(session_settings: Settings, toolchain: Toolchain) -> Iterator[Browser]:
    """One browser for the tests that open pages themselves."""
    session_settings.scratch_dir.mkdir(parents=True, exist_ok=True)
    browser = Browser(toolchain.chromium_dir, chromium_flags(), session_settings.scratch_dir, deadline=Deadline(3600))
    yield browser
    browser.close()


@pytest.fixture
def open_screen(session_browser: Browser, toolchain: Toolchain) -> Iterator[OpenScreen]:
    """Opens projects as screens, which close when the test ends."""
    with ExitStack() as stack:

        def open_one(project: Path, **config: Any) -> Screen:
            screen = Screen(session_browser, toolchain, project, **config)
            stack.callback(screen.close)
            return screen

        yield open_one


@pytest.fixture(scope="session")
def toolchain(session_settings: Settings) -> Toolchain:
    """The toolchain that `make setup` built."""
    return locate_toolchain(session_settings)
