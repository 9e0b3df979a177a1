"""What archives may unpack to, with archives that say one thing and hold another."""

import gzip
import io
import tarfile
from pathlib import Path

import pytest

from hf_lambda.composition.archive import unpack_project
from hf_lambda.composition.archive_limits import ProjectLimits
from hf_lambda.errors import PROJECT_TOO_LARGE

MIB = 1 << 20


def write_archive(path: Path, files: dict[str, int], links: dict[str, str] | None = None) -> Path:
    """A .tar.gz of zero bytes, which packs a thousandfold."""
    with gzip.open(path, "wb") as packed, tarfile.open(fileobj=packed, mode="w|") as tar:
        for name, size in files.items():
            member = tarfile.TarInfo(name)
            member.size = size
            tar.addfile(member, io.BytesIO(bytes(size)))
        for name, target in (links or {}).items():
            link = tarfile.TarInfo(name)
            link.type, link.linkname = tarfile.SYMTYPE, target
            tar.addfile(link)
    return path


def size_of(folder: Path) -> int:
    """Bytes of all files below a folder."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def test_project_within_limits_is_unpacked(tmp_path: Path) -> None:
    """Limits are inclusive: as many files as are allowed, and room for tar's own headers, are no error."""
    archive = write_archive(tmp_path / "p.tar.gz", {"a": MIB, "b": MIB})
    unpack_project(archive, tmp_path / "out", ProjectLimits(3 * MIB, 2))
    assert size_of(tmp_path / "out") == 2 * MIB


def test_compression_bomb_is_stopped_early(tmp_path: Path) -> None:
    """No more than the limit is written of an archive that unpacks to a thousand times its size."""
    archive = write_archive(tmp_path / "p.tar.gz", {f"f{index}": 8 * MIB for index in range(8)})
    assert archive.stat().st_size < MIB
    with pytest.raises(PROJECT_TOO_LARGE, match="16 MiB"):
        unpack_project(archive, tmp_path / "out", ProjectLimits(16 * MIB, 100))
    assert size_of(tmp_path / "out") <= 16 * MIB


def test_bomb_behind_the_last_member_is_stopped(tmp_path: Path) -> None:
    """Padding counts too: the stream is read to its end, where the checksum is."""
    archive = write_archive(tmp_path / "p.tar.gz", {"a": 10})
    archive.write_bytes(archive.read_bytes() + gzip.compress(bytes(32 * MIB)))
    with pytest.raises(PROJECT_TOO_LARGE):
        unpack_project(archive, tmp_path / "out", ProjectLimits(4 * MIB, 100))


def test_too_many_files_are_refused(tmp_path: Path) -> None:
    """Empty files cost inodes."""
    archive = write_archive(tmp_path / "p.tar.gz", dict.fromkeys(map(str, range(11)), 0))
    with pytest.raises(PROJECT_TOO_LARGE, match="more than 10 files"):
        unpack_project(archive, tmp_path / "out", ProjectLimits(MIB, 10))


@pytest.mark.parametrize("target", ["big", "folder"])
def test_links_count_as_what_they_are_copied_from(tmp_path: Path, target: str) -> None:
    """A hundred links to one file, or to one folder, are a hundred copies."""
    files = {"big": MIB, "folder/big": MIB}
    archive = write_archive(tmp_path / "p.tar.gz", files, {f"link{index}": target for index in range(100)})
    with pytest.raises(PROJECT_TOO_LARGE):
        unpack_project(archive, tmp_path / "out", ProjectLimits(10 * MIB, 1000))
    assert size_of(tmp_path / "out") <= 10 * MIB
