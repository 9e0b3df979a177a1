"""Where Chromium keeps the memory that its processes share: a file for each tile, removed as soon as it is open.

On a disk that takes time: ext4 passes over the inodes of files that were just removed, one by one. Lambda has nothing
else than a disk; elsewhere there mostly is a folder in memory, which our flags keep Chromium from using by itself.
"""

import shutil
import tempfile
from pathlib import Path

_MEMORY = Path("/dev/shm")  # noqa: S108  a folder of our own in it, not a name that others could guess
_ROOMY_BYTES = 2 << 30
"""Free, or the disk is taken: containers often have 64 MB, which one page fills."""


def shared_memory_folder() -> Path | None:
    """A new folder in memory, for whoever calls to remove; None where there is none or too little room."""
    try:
        if shutil.disk_usage(_MEMORY).free >= _ROOMY_BYTES:
            return Path(tempfile.mkdtemp(prefix="hf-lambda-chromium-", dir=_MEMORY))
    except OSError:
        pass
    return None
