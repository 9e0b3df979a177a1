"""A project that was planned and waits to be drawn: for measurements of single steps of a render.

The parts of the page that look inside a render all begin like this: plan as a render does, serve the site, open
pages on browsers with the plan's flags.
"""

import os
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import psutil

from hf_lambda.capture.chromium import Browser
from hf_lambda.capture.page import PageSpec
from hf_lambda.capture.server import PageServer
from hf_lambda.deadline import Deadline
from hf_lambda.handler import browser_pool, handler
from hf_lambda.invocation import Invocation, NoObserver, invocation
from hf_lambda.local.context import LocalContext
from hf_lambda.plan.document import Plan
from hf_lambda.plan.packing import StoredPlan, read_plan
from hf_lambda.settings import Settings
from hf_lambda.stages.serving import plan_page_spec, site_resolver
from hf_lambda.stages.video_frames import ChunkVideos
from hf_lambda.storage.folder import FolderStorage, folder_uri

_LIMIT_SECONDS = 1800.0


@dataclass(frozen=True)
class Planned:
    """A plan whose pages can be opened while the block of `planned` lasts."""

    stored: StoredPlan
    spec: PageSpec
    invocation: Invocation

    @property
    def plan(self) -> Plan:
        """The plan itself."""
        return self.stored.plan

    @contextmanager
    def browser(self) -> Iterator[Browser]:
        """A new browser with the plan's flags, closed at the end."""
        toolchain, deadline = self.invocation.toolchain, self.invocation.deadline
        flags, scratch = self.plan.chromium_flags, self.invocation.scratch
        browser = Browser(
            toolchain.chromium_dir,
            flags,
            scratch,
            deadline=deadline,
            font_dirs=toolchain.system_font_dirs,
            find_mesa=lambda: toolchain.mesa_dir,
        )
        try:
            yield browser
        finally:
            browser.close()


@contextmanager
def planned(project: Path, config: Mapping[str, Any]) -> Iterator[Planned]:
    """Plan `project`, and serve its first chunk's pages."""
    settings = Settings.from_environment()
    deadline = Deadline(_LIMIT_SECONDS)
    with (
        tempfile.TemporaryDirectory(prefix="hf-lambda-bench-", dir=settings.scratch_dir) as folder,
        invocation(settings, deadline, NoObserver()) as current,
    ):
        made = make_plan(project, config, Path(folder), LocalContext(settings, deadline, NoObserver()))
        unpacked, digest = Path(folder) / "plan", made["PlanHash"]
        stored = read_plan(FolderStorage(), made["PlanS3Uri"], unpacked, expected_hash=digest)
        videos = ChunkVideos(stored, stored.plan.chunks[0], current)
        resolve = videos.resolver(site_resolver(stored.file, current.toolchain))
        with PageServer(resolve) as server, videos.extracting(1):
            pictures = partial(videos.pictures, deadline=deadline)
            spec = plan_page_spec(stored.plan, server, settings, pictures)
            yield Planned(stored, spec, current)


def make_plan(project: Path, config: Mapping[str, Any], folder: Path, context: LocalContext) -> dict[str, Any]:
    """Run the plan stage on `project`, its outputs in `folder`, and leave no browser warm; the stage's result."""
    uris = {"ProjectS3Uri": folder_uri(project), "PlanOutputS3Prefix": folder_uri(folder)}
    try:
        return handler({"Action": "plan", **uris, "Config": dict(config)}, context)
    finally:
        browser_pool(context.settings).close()


def tree_cpu_seconds(pid: int) -> float:
    """CPU seconds that the living processes of a tree have used."""
    return sum(_cpu_seconds(process)[0] for process in process_tree(pid))


def all_cpu_seconds(pid: int) -> float:
    """The same, and those of the processes that ended and that one of the living waited for.

    What a browser's own processes used is lost when it is killed: not to be asked of a tree that closed one.
    """
    return sum(sum(_cpu_seconds(process)) for process in process_tree(pid))


def process_tree(pid: int) -> list[psutil.Process]:
    """A process and all below it."""
    with suppress(psutil.Error):
        root = psutil.Process(pid)
        return [root, *root.children(recursive=True)]
    return []


def reap_strays() -> None:
    """Wait for ended children that nobody waits for, or the next measured command would be charged with them."""
    with suppress(ChildProcessError):
        while os.waitpid(-1, os.WNOHANG) != (0, 0):
            continue


def _cpu_seconds(process: psutil.Process) -> tuple[float, float]:
    """A process's own, and those of its children that ended."""
    with suppress(psutil.Error):
        times = process.cpu_times()
        return float(times.user + times.system), float(times.children_user + times.children_system)
    return 0.0, 0.0
