"""What a render may leave behind: nothing."""

import psutil

from hf_lambda.handler import browser_pool
from hf_lambda.settings import Settings


def children(name: str, settings: Settings) -> list[psutil.Process]:
    """Our children of that name that work in the scratch folder, or that nobody reaped."""
    own = [child for child in psutil.Process().children(recursive=True) if child.name().startswith(name)]
    folder = str(settings.scratch_dir)
    return [child for child in own if child.status() == psutil.STATUS_ZOMBIE or folder in " ".join(child.cmdline())]


def assert_nothing_left(settings: Settings) -> None:
    """No file in the scratch folder and no process of ours is left, but for warm browsers, which are stopped."""
    browser_pool(settings).close()
    assert [path.name for path in settings.scratch_dir.rglob("*")] == []
    assert [child.cmdline() for name in ("chromium", "ffmpeg") for child in children(name, settings)] == []
