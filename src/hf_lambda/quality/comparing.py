"""Two videos side by side: pictures, frames, length, sound."""

from dataclasses import dataclass
from pathlib import Path

from hf_lambda.deadline import Deadline
from hf_lambda.media.probing import VideoFacts, probe_video
from hf_lambda.quality.pictures import PictureComparison, compare_pictures
from hf_lambda.quality.sound import SoundComparison, compare_sound
from hf_lambda.toolchain import Toolchain


@dataclass(frozen=True)
class Comparison:
    """What each file holds, and how far they are apart. `pictures` is None where the sizes differ, `sound` where one
    of them is silent."""

    reference: VideoFacts
    candidate: VideoFacts
    pictures: PictureComparison | None
    sound: SoundComparison | None


def compare_videos(
    toolchain: Toolchain, reference: Path, candidate: Path, *, scratch: Path, deadline: Deadline
) -> Comparison:
    """Compare `candidate` with `reference`; both are read to their end.

    Raises:
        MEDIA_UNREADABLE: one of them is no video.
        ENCODER_FAILED: one of them cannot be decoded.
    """
    scratch.mkdir(parents=True, exist_ok=True)
    first, second = (probe_video(toolchain.ffprobe, path, deadline=deadline) for path in (reference, candidate))
    pictures = sound = None
    if (first.width, first.height) == (second.width, second.height):
        pictures = compare_pictures(toolchain.ffmpeg, reference, candidate, scratch=scratch, deadline=deadline)
    if first.has_audio and second.has_audio:
        sound = compare_sound(toolchain.ffmpeg, reference, candidate, scratch=scratch, deadline=deadline)
    return Comparison(first, second, pictures, sound)
