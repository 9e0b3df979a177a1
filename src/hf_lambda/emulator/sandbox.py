"""What a Lambda sandbox lets a function see and write, as far as this machine can enforce it."""

import shutil
import subprocess
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from hf_lambda.errors import EMULATOR_UNAVAILABLE

TASK_ROOT, RUNTIME_ROOT, LAYER_ROOT = "/var/task", "/var/runtime", "/opt"
_SYSTEM_FOLDERS = ("/usr", "/lib", "/lib64", "/bin", "/sbin", "/etc")
_DEVICES = ("null", "zero", "full", "random", "urandom")
_NOBODY = "65534"
_NAMESPACES = (
    *("--unshare-user", "--uid", _NOBODY, "--gid", _NOBODY),
    *("--unshare-pid", "--unshare-ipc", "--unshare-uts"),
)


@dataclass(frozen=True)
class SandboxLayout:
    """Folders of one sandbox on this machine; `temporary_bytes` is the size of its /tmp."""

    task: Path
    runtime: Path
    layer: Path | None
    python: Path
    temporary_bytes: int


@dataclass(frozen=True)
class Sandbox:
    """How a program is confined: the argv before its own, and what that does not prove."""

    prefix: tuple[str, ...]
    task_root: str
    runtime_root: str
    unproven: str | None
    shared_temp: Path | None = None
    """The sandbox's /tmp on this machine, where it is not confined: its processes are known by this name."""


def sandbox_for(layout: SandboxLayout, scratch: Path) -> Sandbox:
    """The strictest sandbox that works here; `scratch` is the /tmp where none can be made.

    Raises:
        EMULATOR_UNAVAILABLE: there is a layer, and nothing here that could show it at its place.
    """
    if can_confine():
        return Sandbox(tuple(_bubblewrap(layout)), TASK_ROOT, RUNTIME_ROOT, None)
    if layout.layer is not None:
        raise EMULATOR_UNAVAILABLE(f"a layer lies in {LAYER_ROOT}, which needs bubblewrap (apt install bubblewrap)")
    return Sandbox(
        ("env", f"TMPDIR={scratch}"),
        str(layout.task),
        str(layout.runtime),
        "no bubblewrap here (apt install bubblewrap): read-only code, the size of /tmp and the user are not proven",
        scratch,
    )


@cache
def can_confine() -> bool:
    """Whether bubblewrap is installed and may make namespaces here."""
    if shutil.which("bwrap") is None:
        return False
    argv = ["bwrap", *_NAMESPACES, "--ro-bind", "/", "/", "--proc", "/proc", "true"]
    return subprocess.run(argv, capture_output=True, check=False).returncode == 0


def _bubblewrap(layout: SandboxLayout) -> list[str]:
    """Read-only code, a sized /tmp, no /dev/shm, processes of its own; the host's loopback, where S3 is."""
    prefix = Path(layout.python).resolve().parents[1]
    binds: list[tuple[str | Path, str | Path]] = [
        *((folder, folder) for folder in _SYSTEM_FOLDERS if Path(folder).exists()),
        *(() if prefix in (Path("/usr"), Path("/")) else ((prefix, prefix),)),
        (layout.task, TASK_ROOT),
        (layout.runtime, RUNTIME_ROOT),
        # One by one, because a Python may lie in /opt too.
        *((path, f"{LAYER_ROOT}/{path.name}") for path in (layout.layer.iterdir() if layout.layer else ())),
    ]
    return [
        *("bwrap", "--die-with-parent", *_NAMESPACES, "--proc", "/proc"),
        *_flat(("--ro-bind", source, target) for source, target in binds),
        *_flat(("--dev-bind", f"/dev/{name}", f"/dev/{name}") for name in _DEVICES),
        *("--symlink", "/proc/self/fd", "/dev/fd"),
        *("--size", str(layout.temporary_bytes), "--tmpfs", "/tmp"),  # noqa: S108 # inside the sandbox
        *("--remount-ro", "/", "--chdir", TASK_ROOT),
    ]


def _flat(options: Iterable[tuple[object, ...]]) -> list[str]:
    return [str(part) for option in options for part in option]
