"""What a render may leave behind: nothing."""

import os
from contextlib import suppress

import psutil

from hf_lambda.handler import browser_pool
from hf_lambda.settings import Settings


def children(name: str, settings: Settings) -> list[psutil.Process]:
    """Processes of that name below us that work in the scratch folder, or that we have not reaped."""
    folder = str(settings.scratch_dir)
    return [child for child in psutil.Process().children(recursive=True) if _is_left(child, name, folder)]


def assert_nothing_left(settings: Settings) -> None:
    """No file in the scratch folder and no process of ours is left, but for warm browsers, which are stopped."""
    browser_pool(settings).close()
    assert [path.name for path in settings.scratch_dir.rglob("*")] == []
    assert [child.pid for name in ("chromium", "ffmpeg") for child in children(name, settings)] == []


def _is_left(child: psutil.Process, name: str, folder: str) -> bool:
    with suppress(psutil.NoSuchProcess):  # it ends just now
        if not child.name().startswith(name):
            return False
        if child.status() == psutil.STATUS_ZOMBIE:
            return child.ppid() == os.getpid()  # others reap their own, such as a warm browser of another test
        return folder in " ".join(child.cmdline())
    return False
