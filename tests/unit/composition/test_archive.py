import io
import os
import resource
import tarfile
import tempfile
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from hf_lambda.composition.archive import pack_project, unpack_project
from hf_lambda.composition.project_folder import SKIPPED_AT_TOP
from hf_lambda.errors import PROJECT_ARCHIVE_REJECTED, PROJECT_NOT_FOUND

FILE, FOLDER, SYMLINK, HARDLINK = tarfile.REGTYPE, tarfile.DIRTYPE, tarfile.SYMTYPE, tarfile.LNKTYPE
Member = tuple[str, bytes, str]
"""Name, kind, and what is in it or what it points at."""


def write_archive(path: Path, members: list[Member], mode: str = "w:gz") -> Path:
    """An archive with these very members, however hostile."""
    with tarfile.open(path, mode) as tar:  # type: ignore[call-overload]  # the mode is not a literal
        for name, kind, value in members:
            member = tarfile.TarInfo(name)
            member.type = kind
            if kind == FILE:
                member.size = len(value.encode())
                tar.addfile(member, io.BytesIO(value.encode()))
            else:
                member.linkname = value
                tar.addfile(member)
    return path


def contents(folder: Path) -> dict[str, str]:
    """Every file by its path."""
    return {str(path.relative_to(folder)): path.read_text() for path in folder.rglob("*") if path.is_file()}


def unpack(tmp_path: Path, members: list[Member]) -> dict[str, str]:
    """What unpacking these members gives."""
    unpack_project(write_archive(tmp_path / "archive.tar.gz", members), tmp_path / "site")
    return contents(tmp_path / "site")


def rejection(tmp_path: Path, members: list[Member]) -> str:
    """Why an archive with these members is rejected; whatever happens, nothing may lie outside its folder."""
    inner = tmp_path / "inner"
    inner.mkdir()
    archive = write_archive(inner / "archive.tar.gz", members)
    with pytest.raises(PROJECT_ARCHIVE_REJECTED) as caught:
        unpack_project(archive, inner / "site")
    assert {path.name for path in tmp_path.iterdir()} == {"inner"}
    assert {path.name for path in inner.iterdir()} <= {"archive.tar.gz", "site"}
    return caught.value.cause


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project with files at several depths."""
    project = tmp_path / "project"
    (project / "assets" / "deep").mkdir(parents=True)
    (project / "index.html").write_text("<p>page</p>")
    (project / "assets" / "a.txt").write_text("a")
    (project / "assets" / "deep" / "ü b.txt").write_text("b")
    (project / "assets" / "empty").write_text("")
    return project


def test_packed_project_unpacks_to_the_same_files(tmp_path: Path, project: Path) -> None:
    """A project survives the way there and back."""
    pack_project(project, tmp_path / "p.tar.gz")
    unpack_project(tmp_path / "p.tar.gz", tmp_path / "site")
    assert contents(tmp_path / "site") == contents(project)


def test_equal_projects_give_equal_bytes(tmp_path: Path, project: Path) -> None:
    """Times, modes and the archive's name are not in it, so its digest names the project."""
    pack_project(project, tmp_path / "one.tar.gz")
    os.utime(project / "index.html", (1, 1))
    (project / "index.html").chmod(0o600)
    pack_project(project, tmp_path / "other.tar.gz")
    assert (tmp_path / "one.tar.gz").read_bytes() == (tmp_path / "other.tar.gz").read_bytes()


@pytest.mark.parametrize("name", sorted(SKIPPED_AT_TOP))
def test_folders_of_tools_are_not_packed(tmp_path: Path, project: Path, name: str) -> None:
    """What tools leave at a project's top is not part of it; deeper down the same name is."""
    for folder in (project / name, project / "assets" / name):
        folder.mkdir()
        (folder / "file").write_text("x")
    pack_project(project, tmp_path / "p.tar.gz")
    unpack_project(tmp_path / "p.tar.gz", tmp_path / "site")
    assert not (tmp_path / "site" / name).exists()
    assert (tmp_path / "site" / "assets" / name / "file").exists()


@pytest.mark.parametrize("place", ["link", "assets/link"])
@pytest.mark.parametrize("target", ["file", "folder"])
def test_packing_follows_links(tmp_path: Path, project: Path, place: str, target: str) -> None:
    """Shared assets that a project links to are packed as files, at any depth."""
    shared = tmp_path / "shared"
    shared.mkdir()
    (shared / "logo.txt").write_text("logo")
    (project / place).symlink_to(shared if target == "folder" else shared / "logo.txt")
    pack_project(project, tmp_path / "p.tar.gz")
    unpack_project(tmp_path / "p.tar.gz", tmp_path / "site")
    found = contents(tmp_path / "site")
    assert found[f"{place}/logo.txt" if target == "folder" else place] == "logo"


def test_packing_leaves_out_links_to_nothing(tmp_path: Path, project: Path) -> None:
    """A dangling link and a pipe are no files."""
    expected = contents(project)
    (project / "dangling").symlink_to("nothing")
    os.mkfifo(project / "pipe")
    pack_project(project, tmp_path / "p.tar.gz")
    unpack_project(tmp_path / "p.tar.gz", tmp_path / "site")
    assert contents(tmp_path / "site") == expected


@pytest.mark.parametrize("name", ["none", "file"])
def test_packing_needs_a_folder(tmp_path: Path, name: str) -> None:
    """A path that is no folder is named."""
    (tmp_path / "file").write_text("x")
    with pytest.raises(PROJECT_NOT_FOUND, match="is not a folder"):
        pack_project(tmp_path / name, tmp_path / "p.tar.gz")


@pytest.mark.parametrize("mode", ["w:gz", "w"])
def test_archives_of_other_tools_unpack(tmp_path: Path, mode: str) -> None:
    """Archives as tar writes them, packed or not, with ./ and folders, are read."""
    members = [("./", FOLDER, ""), ("./index.html", FILE, "page"), ("./a/../b/./c.txt", FILE, "c")]
    unpack_project(write_archive(tmp_path / "p.tar.gz", members, mode), tmp_path / "site")
    assert contents(tmp_path / "site") == {"index.html": "page", "b/c.txt": "c"}


@pytest.mark.parametrize(
    "name",
    ["../evil", "a/../../evil", "./../evil", "../../../../../../tmp/evil", "..", "/etc/evil", "//evil", "/../evil"],
)
@pytest.mark.parametrize("kind", [FILE, FOLDER, SYMLINK, HARDLINK])
def test_member_that_leaves_the_project_is_rejected(tmp_path: Path, name: str, kind: bytes) -> None:
    """A file, folder or link whose own name leads out is rejected by its name."""
    message = rejection(tmp_path, [("index.html", FILE, "page"), (name, kind, "index.html")])
    assert message.startswith(repr(name.rstrip("/")))


@pytest.mark.parametrize(
    ("name", "kind", "target"),
    [
        ("link", SYMLINK, "../secret"),
        ("link", SYMLINK, "/etc/passwd"),
        ("a/link", SYMLINK, "../../secret"),
        ("a/b/link", SYMLINK, "../../../../../../etc/passwd"),
        ("link", SYMLINK, ".."),
        ("link", HARDLINK, "../secret"),
        ("link", HARDLINK, "/etc/passwd"),
        ("a/link", HARDLINK, "../secret"),
        ("a/link", HARDLINK, "a/../../secret"),
    ],
)
def test_link_out_of_the_project_is_rejected(tmp_path: Path, name: str, kind: bytes, target: str) -> None:
    """A link of either kind that points outside is rejected, and nothing behind it is read."""
    message = rejection(tmp_path, [(name, kind, target)])
    assert repr(name) in message


def test_link_to_an_absolute_path_is_named_with_it(tmp_path: Path) -> None:
    """The link's own name is no absolute path, and the message does not say so."""
    message = rejection(tmp_path, [("link", SYMLINK, "/etc/passwd")])
    assert message == "'link' leads to '/etc/passwd', which is no path inside the project"


def test_file_through_a_link_does_not_leave(tmp_path: Path) -> None:
    """A link to a folder outside cannot be used as a way for the next member."""
    rejection(tmp_path, [("way", SYMLINK, ".."), ("way/evil", FILE, "x")])


@pytest.mark.parametrize("kind", [tarfile.CHRTYPE, tarfile.BLKTYPE, tarfile.FIFOTYPE])
def test_device_is_rejected(tmp_path: Path, kind: bytes) -> None:
    """Devices and pipes have no place in a project."""
    message = rejection(tmp_path, [("dev/zero", kind, "")])
    assert message == "'dev/zero' is neither a file, a folder nor a link"


@pytest.mark.parametrize(
    ("members", "expected"),
    [
        ([("a.txt", FILE, "a"), ("b/link", SYMLINK, "../a.txt")], {"b/link": "a"}),
        ([("b/link", SYMLINK, "../a.txt"), ("a.txt", FILE, "a")], {"b/link": "a"}),
        ([("b/a.txt", FILE, "a"), ("b/link", SYMLINK, "./a.txt")], {"b/link": "a"}),
        ([("b/a.txt", FILE, "a"), ("c/link", HARDLINK, "b/a.txt")], {"c/link": "a"}),
        ([("b/a.txt", FILE, "a"), ("link", SYMLINK, "b")], {"link/a.txt": "a"}),
        ([("c", FILE, "c"), ("one", SYMLINK, "c"), ("two", SYMLINK, "one")], {"one": "c", "two": "c"}),
        ([("a", SYMLINK, "b"), ("b", SYMLINK, "c"), ("c", FILE, "c")], {"a": "c", "b": "c"}),
        ([("a", HARDLINK, "b"), ("b", SYMLINK, "c"), ("c", FILE, "c")], {"a": "c", "b": "c"}),
        ([("a", SYMLINK, "dir/f"), ("dir", SYMLINK, "real"), ("real/f", FILE, "f")], {"a": "f", "dir/f": "f"}),
    ],
)
def test_link_inside_becomes_a_copy(tmp_path: Path, members: list[Member], expected: dict[str, str]) -> None:
    """Links within the project become copies, whatever the order and through other links too."""
    found = unpack(tmp_path, members)
    assert {name: found.get(name) for name in expected} == expected
    assert not [path for path in (tmp_path / "site").rglob("*") if path.is_symlink()]


@pytest.mark.parametrize(
    "members",
    [
        [("a", SYMLINK, "b"), ("b", SYMLINK, "a")],
        [("a", SYMLINK, "a")],
        [("a", SYMLINK, "nothing")],
    ],
)
def test_link_to_nothing_is_left_out(tmp_path: Path, members: list[Member]) -> None:
    """Dangling and circular links give no file and no error."""
    assert unpack(tmp_path, [("index.html", FILE, "page"), *members]) == {"index.html": "page"}


@pytest.mark.parametrize("target", [".", "..", "../../a"])
def test_link_to_its_own_folder_is_rejected(tmp_path: Path, target: str) -> None:
    """A copy of a folder into itself would never end."""
    message = rejection(tmp_path, [("a/b/f", FILE, "f"), ("a/b/link", SYMLINK, target)])
    assert message == "'a/b/link' is a link to a folder that it lies in"


def test_later_member_wins(tmp_path: Path) -> None:
    """An archive that was appended to gives the newer file, as tar does."""
    assert unpack(tmp_path, [("a", FILE, "old"), ("a", FILE, "new")]) == {"a": "new"}


@pytest.mark.parametrize(
    "members",
    [
        [("a", FILE, "x"), ("a/b", FILE, "y")],
        [("a", FILE, "x"), ("a/b", FOLDER, "")],
        [("a", FOLDER, ""), ("a", FILE, "x")],
        [("a/b", FILE, "x"), ("a", FILE, "y")],
        [("a", FILE, "x"), ("a", FOLDER, "")],
        [("f", FILE, "x"), ("a/b", FILE, "y"), ("a", SYMLINK, "f")],
        [(".", FILE, "x")],
        [("a" * 300, FILE, "x")],
        [("f", FILE, "x"), ("a" * 300, SYMLINK, "f")],
    ],
    ids=lambda members: " ".join(f"{name[:8]}" for name, _, _ in members),
)
def test_member_that_no_folder_can_hold_is_rejected(tmp_path: Path, members: list[Member]) -> None:
    """Members that contradict each other, or whose names are too long, are the archive's fault."""
    rejection(tmp_path, members)


@pytest.mark.parametrize("contents", [b"", b"\0", b"not an archive", b"\x1f\x8b\x08", b"PK\x03\x04" + b"\0" * 600])
def test_file_that_is_no_archive_is_rejected(tmp_path: Path, contents: bytes) -> None:
    """Anything but an archive is damaged."""
    (tmp_path / "p.tar.gz").write_bytes(contents)
    with pytest.raises(PROJECT_ARCHIVE_REJECTED, match="damaged"):
        unpack_project(tmp_path / "p.tar.gz", tmp_path / "site")


@pytest.fixture
def noisy_archive(tmp_path: Path) -> Path:
    """An archive with a file that does not compress."""
    (tmp_path / "noisy").mkdir()
    (tmp_path / "noisy" / "noise").write_bytes(os.urandom(100_000))
    pack_project(tmp_path / "noisy", tmp_path / "p.tar.gz")
    return tmp_path / "p.tar.gz"


@pytest.mark.parametrize("cut", [1, 8, 20, 1000, 50_000, 100_000])
def test_truncated_archive_is_rejected(tmp_path: Path, noisy_archive: Path, cut: int) -> None:
    """An archive that lacks its end, if only of the checksum, is rejected."""
    noisy_archive.write_bytes(noisy_archive.read_bytes()[:-cut])
    with pytest.raises(PROJECT_ARCHIVE_REJECTED, match="damaged"):
        unpack_project(noisy_archive, tmp_path / "site")


def test_flipped_bit_is_rejected(tmp_path: Path, noisy_archive: Path) -> None:
    """gzip's checksum finds a bit that changed inside a file."""
    damaged = bytearray(noisy_archive.read_bytes())
    damaged[len(damaged) // 2] ^= 1
    noisy_archive.write_bytes(damaged)
    with pytest.raises(PROJECT_ARCHIVE_REJECTED, match="damaged"):
        unpack_project(noisy_archive, tmp_path / "site")


@pytest.mark.parametrize("mode", ["w:xz", "w:bz2"])
def test_damaged_archive_of_another_packer_is_rejected(tmp_path: Path, mode: str) -> None:
    """Whether or not another packer is understood, its damaged archives are rejected."""
    archive = write_archive(tmp_path / "p.tar.gz", [("f", FILE, os.urandom(150_000).hex())], mode)
    damaged = bytearray(archive.read_bytes())
    damaged[len(damaged) // 2] ^= 255
    archive.write_bytes(damaged)
    with pytest.raises(PROJECT_ARCHIVE_REJECTED):
        unpack_project(archive, tmp_path / "site")


PARTS = st.sampled_from(["..", ".", "a", "b", "", "etc"])
PATHS = st.tuples(st.sampled_from(["", "/"]), st.lists(PARTS, min_size=1, max_size=5)).map(
    lambda pair: pair[0] + "/".join(pair[1])
)
MEMBERS = st.tuples(PATHS, st.sampled_from([FILE, FOLDER, SYMLINK, HARDLINK, tarfile.FIFOTYPE]), PATHS)


def test_what_the_machine_refuses_is_no_fault_of_the_archive(tmp_path: Path) -> None:
    """Where no file can be opened, another attempt may succeed."""
    archive = write_archive(tmp_path / "p.tar.gz", [("index.html", FILE, "page")])
    limits = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (1, limits[1]))
    try:
        with pytest.raises(OSError, match="Too many open files"):
            unpack_project(archive, tmp_path / "site")
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, limits)


@given(st.lists(MEMBERS, max_size=5))
@example([("a", SYMLINK, "../b"), ("a/b", FILE, "x")])
@example([("a/b", FILE, "x"), ("a/etc", SYMLINK, "../a")])
def test_no_archive_writes_outside_its_folder(members: list[Member]) -> None:
    """Whatever an archive holds, it is unpacked inside its folder, without links, or rejected."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name) / "x" / "y"
        folder.mkdir(parents=True)
        archive = write_archive(folder / "p.tar.gz", members)
        with suppress(PROJECT_ARCHIVE_REJECTED):
            unpack_project(archive, folder / "site")
        outside = [path for path in Path(name).rglob("*") if not path.is_relative_to(folder / "site")]
        assert sorted(outside) == [folder.parent, folder, archive]
        assert not [path for path in (folder / "site").rglob("*") if path.is_symlink()]


@given(st.lists(st.tuples(st.integers(0, 10**6), st.integers(1, 255)), min_size=1, max_size=8))
def test_damage_anywhere_is_rejected_or_harmless(damage: list[tuple[int, int]]) -> None:
    """An unpacked archive with bytes changed anywhere is unpacked or rejected, never another error."""
    with tempfile.TemporaryDirectory() as name:
        members = [("index.html", FILE, "page"), ("a/b.txt", FILE, "b" * 600), ("link", SYMLINK, "a/b.txt")]
        archive = write_archive(Path(name) / "p.tar", members, "w")
        raw = bytearray(archive.read_bytes()[:5120])
        for place, change in damage:
            raw[place % len(raw)] ^= change
        archive.write_bytes(raw)
        with suppress(PROJECT_ARCHIVE_REJECTED):
            unpack_project(archive, Path(name) / "site")
        assert {path.name for path in Path(name).iterdir()} == {"p.tar", "site"}
