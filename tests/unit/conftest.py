"""What unit tests share: a toolchain, settings of their own, and how long properties are searched."""

from pathlib import Path

import hypothesis
import pytest

from hf_lambda.settings import Settings
from hf_lambda.toolchain import Toolchain, locate_toolchain

# The same examples on every run, and no clock: a slow machine is not a failure.
hypothesis.settings.register_profile("unit", deadline=None, derandomize=True, database=None, max_examples=60)
hypothesis.settings.load_profile("unit")


@pytest.fixture(scope="session")
def toolchain() -> Toolchain:
    """The toolchain that `make setup` built."""
    return locate_toolchain(Settings.from_environment())


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Settings whose folders lie in the test's own."""
    return Settings(
        toolchain_dir=tmp_path / "toolchain",
        cache_dir=tmp_path / "cache",
        scratch_dir=tmp_path / "scratch",
        lanes=2,
    )
