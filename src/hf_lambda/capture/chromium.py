"""Start Chromium, prove that it draws in software, stop it without a trace."""

import os
import shutil
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from hf_lambda.capture.devtools import DevTools
from hf_lambda.capture.flags import webgl_driver_of
from hf_lambda.capture.font_config import font_config
from hf_lambda.capture.shared_memory import shared_memory_folder
from hf_lambda.deadline import Deadline
from hf_lambda.errors import (
    BROWSER_CRASHED,
    BROWSER_GPU_NOT_SOFTWARE,
    BROWSER_UNAVAILABLE,
    CHUNK_DEADLINE_EXCEEDED,
    FRAMEBUFFER_UNREADABLE,
    RENDER_CANCELLED,
    HfLambdaError,
)
from hf_lambda.processes import PipedProcess, scrubbed_environment

FOLDER_PREFIX = "chromium-"
"""Of the name of each browser's folder."""
MESA_MANIFEST = "lvp_icd.json"
"""What tells Vulkan of Mesa's driver."""
_RENDERERS = {"swiftshader": "swiftshader", "mesa": "llvmpipe"}
"""What is in the name of each driver's GL renderer."""
_CLOSE_SECONDS = 1.0
"""For the browser to end by itself when its pipe closes, so that it reaps its own children."""


class Browser:
    """A running headless shell with its DevTools connection and folders of its own."""

    def __init__(
        self,
        chromium_dir: Path,
        flags: Sequence[str],
        scratch_dir: Path,
        *,
        deadline: Deadline,
        font_dirs: Sequence[Path] = (),
        find_mesa: Callable[[], Path | None] = lambda: None,
    ) -> None:
        """`find_mesa` tells where Mesa's driver lies, and is asked if the flags want it.

        Raises:
            BROWSER_UNAVAILABLE: Chromium did not start.
            BROWSER_GPU_NOT_SOFTWARE: it has no WebGL, or by another driver than its flags say.
        """
        self.flags = tuple(flags)
        scratch_dir.mkdir(parents=True, exist_ok=True)
        self._folder = Path(tempfile.mkdtemp(prefix=FOLDER_PREFIX, dir=scratch_dir))
        self._memory = shared_memory_folder() or self._folder
        try:
            self._process = self._start(chromium_dir, font_dirs, find_mesa)
            self.devtools = DevTools(self._process)
            self._prove_software(deadline)
        except BaseException:
            self.close()
            raise

    @property
    def pid(self) -> int:
        """The process id of the browser process."""
        return self._process.pid

    def compositor_pid(self, *, deadline: Deadline) -> int:
        """The process id of the process that draws frames.

        Raises:
            FRAMEBUFFER_UNREADABLE: there is no such process.
        """
        processes = self.devtools.call("SystemInfo.getProcessInfo", deadline=deadline)["processInfo"]
        found: int | None = next((process["id"] for process in processes if process["type"] == "GPU"), None)
        if found is None:
            raise FRAMEBUFFER_UNREADABLE("Chromium has no process of its own that draws")
        return found

    @contextmanager
    def drawn_by_one_process(self, *, deadline: Deadline) -> Iterator[None]:
        """Prove, for the length of the block, that the process that draws lives.

        Where it dies Chromium starts another, and pages go on without their WebGL.

        Raises:
            BROWSER_CRASHED: it died.
        """
        pid = self.compositor_pid(deadline=deadline)
        try:
            yield
        except (RENDER_CANCELLED, CHUNK_DEADLINE_EXCEEDED):
            raise  # no time is left to ask
        except HfLambdaError as error:  # whatever a page does without its WebGL
            self._prove_drawn_by(pid, deadline, error)
            raise
        self._prove_drawn_by(pid, deadline)

    def _prove_drawn_by(self, pid: int, deadline: Deadline, consequence: HfLambdaError | None = None) -> None:
        now = None
        with suppress(FRAMEBUFFER_UNREADABLE):
            now = self.compositor_pid(deadline=deadline)
        if now != pid:
            raise BROWSER_CRASHED("Chromium's drawing process died") from consequence

    def is_alive(self) -> bool:
        """Whether the browser process still runs."""
        return self._process.poll() is None

    def close(self) -> None:
        """Kill the browser with all its processes and remove its folder. Safe to call twice."""
        process: PipedProcess | None = self.__dict__.pop("_process", None)
        if process is not None:
            process.kill(grace_seconds=_CLOSE_SECONDS)
        for folder in (self._memory, self._folder):
            shutil.rmtree(folder, ignore_errors=True)

    def _start(
        self, chromium_dir: Path, font_dirs: Sequence[Path], find_mesa: Callable[[], Path | None]
    ) -> PipedProcess:
        mesa_dir = find_mesa() if webgl_driver_of(self.flags) == "mesa" else None
        environment = chromium_environment(chromium_dir, self._folder, self._memory, font_dirs, mesa_dir)
        argv: list[str | Path] = [
            chromium_dir / "chromium",
            *self.flags,
            f"--user-data-dir={self._folder / 'profile'}",
            "--remote-debugging-pipe=cbor",
        ]
        try:
            return PipedProcess(argv, env=environment, stderr_path=self._folder / "stderr.log")
        except OSError as error:
            raise BROWSER_UNAVAILABLE(f"{argv[0]} could not be started: {error}") from error

    def _prove_software(self, deadline: Deadline) -> None:
        """Ask the browser what draws its WebGL; also the first sign that it is up."""
        try:
            gpu = self.devtools.call("SystemInfo.getInfo", deadline=deadline)["gpu"]
        except BROWSER_CRASHED as error:
            raise BROWSER_UNAVAILABLE(f"Chromium did not start: {error.cause}") from error
        renderer = str(gpu.get("auxAttributes", {}).get("glRenderer", ""))
        if _RENDERERS[webgl_driver_of(self.flags)] not in renderer.lower():
            raise BROWSER_GPU_NOT_SOFTWARE(f"Chromium's GL renderer is {renderer or 'unknown'!r}")


def chromium_environment(
    chromium_dir: Path, folder: Path, memory: Path, font_dirs: Sequence[Path] = (), mesa_dir: Path | None = None
) -> dict[str, str]:
    """The environment of a browser that may write to `folder`, and shares memory between its processes by files in
    `memory`; it sees no fonts but the packaged ones, and no WebGL driver but Chromium's own and the one in `mesa_dir`.
    """
    fontconfig = folder / "fonts.conf"
    fontconfig.write_text(font_config([*font_dirs, chromium_dir / "fonts"], folder / "fontconfig"), encoding="utf-8")
    libraries = [chromium_dir / "lib", *([mesa_dir] if mesa_dir else [])]
    return scrubbed_environment(
        HOME=str(folder),
        TMPDIR=str(memory),  # with --disable-dev-shm-usage
        LD_LIBRARY_PATH=os.pathsep.join(map(str, libraries)),
        FONTCONFIG_FILE=str(fontconfig),
        **({} if mesa_dir is None else _mesa_environment(mesa_dir)),
    )


def _mesa_environment(mesa_dir: Path) -> dict[str, str]:
    shaders = mesa_dir.with_name(f"{mesa_dir.name}-shaders")
    return {
        "VK_ICD_FILENAMES": str(mesa_dir / MESA_MANIFEST),
        "LP_NATIVE_VECTOR_WIDTH": "256",  # on every machine; with 512 it draws nothing
        "GALLIVM_PERF": "no_aos_sampling",  # textures are filtered as finely as SwiftShader does
        "MESA_SHADER_CACHE_DIR": str(shaders),  # Mesa forgets large ones, to compile them for each draw
        "MESA_SHADER_CACHE_MAX_SIZE": "200M",
    }
