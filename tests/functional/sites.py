"""Compiles and serves projects for tests that open pages themselves."""

import shutil
from pathlib import Path

from hf_lambda.capture.page_scripts import FONTS_PATH, RUNTIME_PATH
from hf_lambda.capture.server import PageServer
from hf_lambda.composition.compiling import CompiledSite, compile_project
from hf_lambda.config import RenderConfig
from hf_lambda.deadline import Deadline
from hf_lambda.media.probing import probe_media
from hf_lambda.stages.serving import site_resolver
from hf_lambda.toolchain import Toolchain


def compile_site(project: Path, folder: Path, toolchain: Toolchain) -> CompiledSite:
    """Compile a copy of `project` in `folder`, as the plan stage does."""
    shutil.copytree(project, folder)
    return compile_project(
        folder,
        RenderConfig(),
        fonts_dir=toolchain.fonts_dir,
        fonts_url=f"/{FONTS_PATH}",
        runtime_url=f"/{RUNTIME_PATH}",
        probe=lambda path: probe_media(toolchain.ffprobe, path, deadline=Deadline(60)),
    )


def serve(site: CompiledSite, toolchain: Toolchain) -> PageServer:
    """A server for a compiled site."""

    def find(path: str) -> Path | None:
        file = site.folder / path
        return file if file.is_file() else None

    return PageServer(site_resolver(find, toolchain))
