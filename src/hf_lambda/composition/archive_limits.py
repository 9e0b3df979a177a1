"""How much a stranger's archive may unpack to, counted while it is unpacked: what it says of itself proves nothing."""

from dataclasses import dataclass
from pathlib import Path
from typing import IO

from hf_lambda.errors import PROJECT_TOO_LARGE


@dataclass(frozen=True)
class ProjectLimits:
    """The largest project that is unpacked: bytes of all its files together, and files and folders."""

    size_bytes: int = 4 << 30
    files: int = 50_000


class Budget:
    """What is left of the limits. Every method raises PROJECT_TOO_LARGE where nothing is."""

    def __init__(self, limits: ProjectLimits) -> None:
        self._limits = limits
        self._bytes = 0
        self._files = 0

    def take(self, size_bytes: int) -> None:
        """One more file, or folder of size 0."""
        self._files += 1
        self._bytes += size_bytes
        self.check_position(self._bytes)
        if self._files > self._limits.files:
            raise PROJECT_TOO_LARGE(f"the project has more than {self._limits.files} files")

    def take_tree(self, folder: Path) -> None:
        """As many as lie below a folder, which is about to be copied."""
        for path in folder.rglob("*"):
            self.take(path.stat().st_size if path.is_file() else 0)

    def check_position(self, position: int) -> None:
        """That the unpacked stream may go as far as `position`: headers and padding, too, take time to unpack."""
        if position > self._limits.size_bytes:
            raise PROJECT_TOO_LARGE(f"the project unpacks to more than {self._limits.size_bytes >> 20} MiB")


class LimitedStream:
    """An unpacked stream that cannot be read beyond a budget; has what tarfile asks of a file."""

    def __init__(self, stream: IO[bytes], budget: Budget) -> None:
        self._stream = stream
        self._budget = budget

    def read(self, size: int = -1) -> bytes:
        """As a file's."""
        data = self._stream.read(size)
        self._budget.check_position(self._stream.tell())
        return data

    def seek(self, position: int, whence: int = 0) -> int:
        """As a file's; forwards it unpacks everything on the way."""
        self._budget.check_position(position if whence == 0 else self._stream.tell() + position)
        return self._stream.seek(position, whence)

    def tell(self) -> int:
        """As a file's."""
        return self._stream.tell()
