"""Which processes of ours outlived their work."""

import os
import time
from collections.abc import Collection
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

_SETTLE_SECONDS = 5.0
_POLL_SECONDS = 0.05
_ZOMBIE = "Z"


@dataclass(frozen=True)
class ProcessId:
    """One process for all time: numbers are used again, number and start (in ticks since boot) together are not."""

    pid: int
    started: int


def descendants(root: int | None = None) -> dict[ProcessId, str]:
    """The processes below `root` (default: this one), with their command lines."""
    stats = {stat.pid: stat for stat in _all_stats()}
    found: dict[ProcessId, str] = {}
    parents = {os.getpid() if root is None else root}
    while parents:
        children = [stat for stat in stats.values() if stat.parent in parents]
        found |= {ProcessId(stat.pid, stat.started): _command_line(stat.pid) for stat in children}
        parents = {stat.pid for stat in children}
    return found


def still_alive(processes: Collection[ProcessId], *, settle_seconds: float = _SETTLE_SECONDS) -> list[ProcessId]:
    """Those that have not ended within a moment; one that only waits to be reaped has ended."""
    end = time.monotonic() + settle_seconds
    while True:
        alive = {ProcessId(stat.pid, stat.started) for stat in _all_stats() if stat.state != _ZOMBIE}
        left = [process for process in processes if process in alive]
        if not left or time.monotonic() > end:
            return left
        time.sleep(_POLL_SECONDS)


@dataclass(frozen=True)
class _Stat:
    pid: int
    state: str
    parent: int
    started: int


def _all_stats() -> list[_Stat]:
    stats = []
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            with suppress(OSError):  # it ended meanwhile
                stats.append(_parse(folder.joinpath("stat").read_text("utf-8", "replace")))
    return stats


def _parse(line: str) -> _Stat:
    """See proc(5): the name in parentheses may hold anything, so count from its end."""
    fields = line[line.rindex(")") + 2 :].split()
    return _Stat(int(line.split(" ", 1)[0]), fields[0], int(fields[1]), int(fields[19]))


def _command_line(pid: int) -> str:
    with suppress(OSError):
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode("utf-8", "replace").strip()[:200]
    return ""
