import os
import zipfile
from pathlib import Path

import pytest

from hf_lambda.deploy.zip_archive import (
    MAX_UNZIPPED,
    MAX_ZIPPED,
    Limits,
    ZipSizes,
    extract_zip,
    largest_members,
    write_zip,
    zip_sizes,
)

FILES = {"handler.py": b"x = 1\n" * 50, "bin/tool": b"#!/bin/sh\n", "packs/a.tar.zst": b"z" * 500, "ä.txt": b"umlaut"}


def write_tree(folder: Path, files: dict[str, bytes], *, seconds: int = 0, umask: int = 0o022) -> Path:
    """A folder with files, written in the order given, with that modification time."""
    for name, contents in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(contents)
        path.chmod((0o777 if name.startswith("bin/") else 0o666) & ~umask)
        os.utime(path, (seconds, seconds))
    return folder


def test_equal_trees_give_equal_bytes(tmp_path: Path) -> None:
    """Times, owners' modes and the order in which files were written do not show."""
    one = write_tree(tmp_path / "one", FILES, seconds=1_000_000_000)
    other = write_tree(tmp_path / "other", dict(reversed(FILES.items())), seconds=1_700_000_000, umask=0o077)
    write_zip(one, tmp_path / "one.zip")
    write_zip(other, tmp_path / "other.zip")
    assert (tmp_path / "one.zip").read_bytes() == (tmp_path / "other.zip").read_bytes()


@pytest.mark.parametrize("change", ["contents", "name", "mode"])
def test_different_trees_give_different_bytes(tmp_path: Path, change: str) -> None:
    """What matters does show."""
    one = write_tree(tmp_path / "one", FILES)
    other = write_tree(tmp_path / "other", FILES)
    if change == "contents":
        (other / "handler.py").write_bytes(b"x = 2\n" * 50)
    elif change == "name":
        (other / "handler.py").rename(other / "handlers.py")
    else:
        (other / "handler.py").chmod(0o755)
    write_zip(one, tmp_path / "one.zip")
    write_zip(other, tmp_path / "other.zip")
    assert (tmp_path / "one.zip").read_bytes() != (tmp_path / "other.zip").read_bytes()


def test_members_carry_two_modes_and_one_date(tmp_path: Path) -> None:
    """Programs are 755, everything else is 644, and nothing knows when it was written."""
    write_zip(write_tree(tmp_path / "tree", FILES, umask=0o077), tmp_path / "a.zip")
    with zipfile.ZipFile(tmp_path / "a.zip") as archive:
        modes = {member.filename: oct(member.external_attr >> 16) for member in archive.infolist()}
        dates = {member.date_time for member in archive.infolist()}
    assert modes == {name: "0o100755" if name == "bin/tool" else "0o100644" for name in FILES}
    assert list(modes) == sorted(modes)
    assert dates == {(1980, 1, 1, 0, 0, 0)}


def test_packed_files_are_stored_and_others_compressed(tmp_path: Path) -> None:
    """What is packed already is not packed again."""
    write_zip(write_tree(tmp_path / "tree", FILES), tmp_path / "a.zip")
    with zipfile.ZipFile(tmp_path / "a.zip") as archive:
        assert archive.getinfo("packs/a.tar.zst").compress_type == zipfile.ZIP_STORED
        assert archive.getinfo("handler.py").compress_size < len(FILES["handler.py"])


def test_extracted_tree_is_the_one_that_was_written(tmp_path: Path) -> None:
    """Contents and modes come back as Lambda would see them."""
    write_zip(write_tree(tmp_path / "tree", FILES), tmp_path / "a.zip")
    extract_zip(tmp_path / "a.zip", tmp_path / "out")
    for name, contents in FILES.items():
        assert (tmp_path / "out" / name).read_bytes() == contents
        assert os.access(tmp_path / "out" / name, os.X_OK) == (name == "bin/tool")


def test_sizes_are_those_of_the_file_and_of_its_contents(tmp_path: Path) -> None:
    """Zipped is what is uploaded, unzipped what Lambda counts against its limit."""
    sizes = write_zip(write_tree(tmp_path / "tree", FILES), tmp_path / "a.zip")
    assert sizes == ZipSizes((tmp_path / "a.zip").stat().st_size, sum(map(len, FILES.values())))
    assert zip_sizes(tmp_path / "a.zip") == sizes


def test_largest_members_of_several_zips(tmp_path: Path) -> None:
    """The largest files come first, from whichever zip."""
    write_zip(write_tree(tmp_path / "one", {"a": b"1" * 5, "b": b"2" * 7}), tmp_path / "one.zip")
    write_zip(write_tree(tmp_path / "two", {"c": b"3" * 6}), tmp_path / "two.zip")
    assert largest_members([tmp_path / "one.zip", tmp_path / "two.zip"], 2) == [(7, "b"), (6, "c")]


def test_symbolic_link_is_refused(tmp_path: Path) -> None:
    """A link would point nowhere in Lambda; nothing is written."""
    tree = write_tree(tmp_path / "tree", FILES)
    (tree / "link").symlink_to("/etc/passwd")
    with pytest.raises(ValueError, match="link is a symbolic link"):
        write_zip(tree, tmp_path / "a.zip")
    assert [path.name for path in tmp_path.iterdir()] == ["tree"]


def test_what_is_no_zip_is_said_to_be_none(tmp_path: Path) -> None:
    """Any other file is refused, whether it is measured or unpacked."""
    (tmp_path / "a.zip").write_bytes(b"no zip")
    with pytest.raises(ValueError, match=r"a\.zip is no zip"):
        zip_sizes(tmp_path / "a.zip")
    with pytest.raises(ValueError, match=r"a\.zip is damaged"):
        extract_zip(tmp_path / "a.zip", tmp_path / "out")


@pytest.mark.parametrize("name", ["handler.py", "packs/a.tar.zst"])
def test_damaged_member_is_found(tmp_path: Path, name: str) -> None:
    """A flipped bit in a stored or in a compressed file does not get past unpacking."""
    write_zip(write_tree(tmp_path / "tree", FILES), tmp_path / "a.zip")
    with zipfile.ZipFile(tmp_path / "a.zip") as archive:
        offset = archive.getinfo(name).header_offset + 30 + len(name)
    contents = bytearray((tmp_path / "a.zip").read_bytes())
    contents[offset + 3] ^= 0xFF
    (tmp_path / "a.zip").write_bytes(contents)
    with pytest.raises(ValueError, match="is damaged"):
        extract_zip(tmp_path / "a.zip", tmp_path / "out")


def test_limits_leave_room_below_lambdas_own() -> None:
    """Lambda takes 250 MiB unzipped, layers included."""
    assert Limits() == Limits(MAX_UNZIPPED, MAX_ZIPPED)
    assert MAX_ZIPPED < MAX_UNZIPPED < 250 << 20
