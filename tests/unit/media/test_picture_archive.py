import io
import tarfile
from fractions import Fraction
from pathlib import Path

import pytest
from PIL import Image

from hf_lambda.deadline import Deadline
from hf_lambda.errors import CHUNK_DEADLINE_EXCEEDED, MEDIA_UNREADABLE
from hf_lambda.media.picture_archive import AUDIO_NAME, PictureArchive, frame_name, inspect_archive, join_archives
from hf_lambda.media.probing import VideoFacts
from tests.unit.media.conftest import jpeg, png

FPS = Fraction(30)
PICTURE = png((1, 2, 3, 4))


def write(path: Path, frames: range, picture: bytes = PICTURE) -> Path:
    """An archive with the same picture for each of these frames."""
    with PictureArchive(path, frames) as archive:
        for _ in frames:
            archive.write(picture)
        archive.finish()
        assert archive.frames == len(frames)
    return path


def write_members(path: Path, *members: tuple[str, bytes]) -> Path:
    """A tar with any members."""
    with tarfile.open(path, "w") as archive:
        for name, contents in members:
            member = tarfile.TarInfo(name)
            member.size = len(contents)
            archive.addfile(member, io.BytesIO(contents))
    return path


def inspect(path: Path) -> VideoFacts:
    """What an archive holds."""
    return inspect_archive(path, fps=FPS, deadline=Deadline(60))


def finding(path: Path) -> str:
    """Why an archive is refused."""
    with pytest.raises(MEDIA_UNREADABLE) as caught:
        inspect(path)
    return caught.value.cause


def test_archive_is_described_as_a_video_is(tmp_path: Path) -> None:
    """Count, size, length and start come from the pictures and their numbers."""
    assert inspect(write(tmp_path / "a.tar", range(6, 12))) == VideoFacts(
        codec="png",
        width=64,
        height=48,
        fps=FPS,
        average_fps=FPS,
        frame_count=6,
        duration_seconds=0.2,
        start_seconds=0.2,
        has_alpha=True,
        has_audio=False,
    )


def test_names_count_from_one(tmp_path: Path) -> None:
    """Frame 0 is picture 1, in six digits, and the pictures are kept byte for byte."""
    with tarfile.open(write(tmp_path / "a.tar", range(2))) as archive:
        assert archive.getnames() == ["frame_000001.png", "frame_000002.png"]
        first = archive.extractfile("frame_000001.png")
        assert first is not None
        assert first.read() == PICTURE
    assert frame_name(1_234_567) == "frame_1234567.png"


def test_parts_are_joined_in_order_with_sound(tmp_path: Path) -> None:
    """The joined archive has the pictures of all parts under their numbers, then the sound."""
    parts = [write(tmp_path / f"{start}.tar", range(start, start + 2)) for start in (0, 2, 4)]
    (tmp_path / "mix.m4a").write_bytes(b"sound")
    output = tmp_path / "out.tar"
    join_archives(parts, output, audio=tmp_path / "mix.m4a", deadline=Deadline(60))
    facts = inspect(output)
    assert (facts.frame_count, facts.start_seconds, facts.has_audio) == (6, 0, True)
    with tarfile.open(output) as archive:
        assert archive.getnames() == [*(frame_name(number) for number in range(1, 7)), AUDIO_NAME]


def test_bytes_depend_on_the_pictures_alone(tmp_path: Path) -> None:
    """However the frames were split, the joined archive has the same bytes."""
    whole = write(tmp_path / "whole.tar", range(4))
    parts = [write(tmp_path / "a.tar", range(1)), write(tmp_path / "b.tar", range(1, 4))]
    join_archives(parts, tmp_path / "joined.tar", deadline=Deadline(60))
    assert (tmp_path / "joined.tar").read_bytes() == whole.read_bytes()


def test_gap_between_parts_is_noticed(tmp_path: Path) -> None:
    """A part that does not follow the one before it makes an archive that is refused."""
    parts = [write(tmp_path / "a.tar", range(2)), write(tmp_path / "b.tar", range(3, 5))]
    join_archives(parts, tmp_path / "out.tar", deadline=Deadline(60))
    assert finding(tmp_path / "out.tar") == "out.tar has frame 4 of (64, 48) where 3 of (64, 48) belongs"


def test_picture_of_another_size_is_noticed(tmp_path: Path) -> None:
    """All pictures have the size of the first."""
    parts = [write(tmp_path / "a.tar", range(1)), write(tmp_path / "b.tar", range(1, 2), png((0, 0, 0), (32, 32)))]
    join_archives(parts, tmp_path / "out.tar", deadline=Deadline(60))
    assert "frame 2 of (32, 32) where 2 of (64, 48)" in finding(tmp_path / "out.tar")


@pytest.mark.parametrize(
    ("members", "reason"),
    [
        ([], "has no pictures"),
        ([(AUDIO_NAME, b"sound")], "has no pictures"),
        ([("frame_000001.png", jpeg((0, 0, 0)))], "is no complete PNG"),
        ([("frame_000001.png", PICTURE[:-1])], "is no complete PNG"),
        ([("frame_000001.png", b"")], "is no complete PNG"),
        ([("frame_1.png", PICTURE)], "is not the name of a frame"),
        ([("readme.txt", PICTURE)], "is not the name of a frame"),
        ([("frame_000001.png", PICTURE), (AUDIO_NAME, b""), ("frame_000002.png", PICTURE)], "after its sound"),
    ],
)
def test_anything_else_is_refused(tmp_path: Path, members: list[tuple[str, bytes]], reason: str) -> None:
    """An archive that holds something else than whole, well-named pictures is refused with the member's name."""
    assert reason in finding(write_members(tmp_path / "a.tar", *members))


def test_member_that_is_no_file_is_refused(tmp_path: Path) -> None:
    """A folder with a frame's name is no picture."""
    member = tarfile.TarInfo("frame_000001.png")
    member.type = tarfile.DIRTYPE
    with tarfile.open(tmp_path / "a.tar", "w") as archive:
        archive.addfile(member)
    assert finding(tmp_path / "a.tar") == "frame_000001.png in a.tar is no file"


@pytest.mark.parametrize("cut", [100, 600, 1200])
def test_damaged_archive_is_refused(tmp_path: Path, cut: int) -> None:
    """A tar that was cut off, or is none, is unreadable to whoever counts or joins it."""
    whole = write(tmp_path / "a.tar", range(3)).read_bytes()
    (tmp_path / "cut.tar").write_bytes(whole[:cut])
    (tmp_path / "text.tar").write_bytes(b"no archive" * 1024)
    for name in ("cut.tar", "text.tar"):
        with pytest.raises(MEDIA_UNREADABLE):
            inspect(tmp_path / name)
    with pytest.raises(MEDIA_UNREADABLE, match=r"cut\.tar is no complete archive"):
        join_archives([tmp_path / "cut.tar"], tmp_path / "out.tar", deadline=Deadline(60))


def test_alpha_of_any_picture_counts(tmp_path: Path) -> None:
    """Pictures without an alpha channel have none; one with it is enough."""
    buffer = io.BytesIO()
    Image.new("RGB", (64, 48)).save(buffer, "PNG")
    opaque = write(tmp_path / "a.tar", range(2), buffer.getvalue())
    assert not inspect(opaque).has_alpha
    join_archives([opaque, write(tmp_path / "b.tar", range(2, 3))], tmp_path / "out.tar", deadline=Deadline(60))
    assert inspect(tmp_path / "out.tar").has_alpha


def test_joining_ends_with_the_deadline(tmp_path: Path) -> None:
    """Without time left nothing is joined."""
    part = write(tmp_path / "a.tar", range(2))
    with pytest.raises(CHUNK_DEADLINE_EXCEEDED):
        join_archives([part], tmp_path / "out.tar", deadline=Deadline(0))
