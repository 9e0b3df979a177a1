"""Packed tools (`.tar.zst`) and their unpacking, safe against crashes, races and damage.

zstd unpacks Chromium in 0.4 s where brotli takes 2.7 s, for 6 % more bytes. A pack is unpacked under
a temporary name, checked (zstd's own checksum) and renamed, so a folder that exists is whole; the size
of every file is compared again at each use, and a folder that was damaged later is unpacked anew. Versions that nobody
used for a month are removed when another is unpacked.
"""

import fcntl
import json
import os
import shutil
import tarfile
import time
import uuid
from contextlib import suppress
from pathlib import Path
from typing import IO, Any, Literal

import zstandard

from hf_lambda.files import temporary_beside

_LISTING = ".listing.json"
_BLOCK_BYTES = 1 << 16
"""Blocks of 1 MB, each of which is new memory, take half as long again."""
_LOCK_SECONDS = 120.0
"""For another process to unpack the same, which may have been stopped in the middle of it."""
_POLL_SECONDS = 0.02
_UNUSED_SECONDS = 30 * 24 * 3600


def extraction_filter(name: Literal["data", "tar"]) -> dict[str, Any]:
    """The argument of `extractall` that names a filter: Pythons before 3.11.4 know none, later ones want one named."""
    return {"filter": name} if hasattr(tarfile, f"{name}_filter") else {}


def write_pack(source: Path, pack: Path, *, level: int) -> None:
    """Pack the files of folder `source`, with fixed times, owners and modes: equal contents give equal bytes."""
    compressor = zstandard.ZstdCompressor(level=level, write_checksum=True, threads=0)
    temporary = temporary_beside(pack)
    with (
        temporary.open("wb") as raw,
        compressor.stream_writer(raw) as packed,
        tarfile.open(fileobj=packed, mode="w|", format=tarfile.PAX_FORMAT) as archive,
    ):
        for path in sorted(source.rglob("*")):
            archive.add(path, str(path.relative_to(source)), recursive=False, filter=_anonymous)
    temporary.replace(pack)


def unpacked(pack: Path, *, digest: str, cache_dir: Path) -> Path:
    """The folder with the contents of `pack`, unpacked under `cache_dir` where it is not there yet.

    `digest` names the contents; another digest is another folder.

    Raises:
        ValueError: the pack is damaged.
        OSError: it cannot be read, or the disk refuses.
    """
    target = cache_dir / f"{pack.name.removesuffix('.tar.zst')}-{digest[:16]}"
    if _is_whole(target):
        with suppress(OSError):  # a cache that may only be read
            os.utime(target / _LISTING)
        return target
    cache_dir.mkdir(parents=True, exist_ok=True)
    with (cache_dir / f".{target.name}.lock").open("w") as lock:
        _acquire(lock)  # one unpacks, the others wait for it; released when the file closes
        if not _is_whole(target):
            _replace(pack, target)
            _remove_unused(target)
    return target


def _acquire(lock: IO[str]) -> None:
    end = time.monotonic() + _LOCK_SECONDS
    while True:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() > end:
                raise TimeoutError(f"another process has been at it for {_LOCK_SECONDS:g} s") from None
            time.sleep(_POLL_SECONDS)
        else:
            return


def _replace(pack: Path, target: Path) -> None:
    left_by_the_killed = target.parent.glob(f".{target.name}.{'?' * 32}")
    for folder in (target, *left_by_the_killed):
        shutil.rmtree(folder, ignore_errors=True)
    temporary = target.with_name(f".{target.name}.{uuid.uuid4().hex}")
    try:
        _unpack(pack, temporary)
        temporary.rename(target)
    except (zstandard.ZstdError, tarfile.TarError) as error:
        raise ValueError(f"{pack.name} is damaged: {error}") from error
    finally:
        shutil.rmtree(temporary, ignore_errors=True)


def _remove_unused(latest: Path) -> None:
    tool, _, digest = latest.name.rpartition("-")
    for listing in latest.parent.glob(f"{tool}-{'?' * len(digest)}/{_LISTING}"):
        with suppress(OSError):  # another process was first
            if time.time() - listing.stat().st_mtime > _UNUSED_SECONDS:
                for folder in latest.parent.glob(f"{listing.parent.name}*"):  # with what is kept beside it
                    shutil.rmtree(folder)


def _anonymous(member: tarfile.TarInfo) -> tarfile.TarInfo:
    member.uid = member.gid = member.mtime = 0
    member.uname = member.gname = ""
    member.mode = 0o755 if member.isdir() or member.mode & 0o100 else 0o644
    return member


def _unpack(pack: Path, folder: Path) -> None:
    with (
        pack.open("rb") as raw,
        zstandard.ZstdDecompressor().stream_reader(raw) as stream,
        tarfile.open(fileobj=stream, mode="r|", bufsize=_BLOCK_BYTES) as archive,
    ):
        archive.extractall(folder, **extraction_filter("tar"))  # packs are our own
    sizes = {str(path.relative_to(folder)): path.stat().st_size for path in folder.rglob("*") if path.is_file()}
    (folder / _LISTING).write_text(json.dumps(sizes))


def _is_whole(folder: Path) -> bool:
    try:
        sizes = json.loads((folder / _LISTING).read_text())
        return all((folder / name).stat().st_size == size for name, size in sizes.items())
    except (OSError, ValueError, AttributeError):
        return False
