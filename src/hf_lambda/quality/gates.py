"""What a render must reach. One table, whose values docs/quality.md shows."""

from collections.abc import Iterator
from dataclasses import dataclass

from hf_lambda.quality.comparing import Comparison
from hf_lambda.quality.sound import SoundComparison

_SAME_SECONDS = 0.0005
"""Durations that differ by less are equal: containers count in milliseconds."""


@dataclass(frozen=True)
class Thresholds:
    """Limits. Frame count, frame rate, size, duration and the presence of sound have none: they must be equal."""

    pooled_db: float = 40.0
    worst_db: float = 30.0
    residual_dbfs: float = -50.0
    worst_window_dbfs: float = -40.0
    lag_ms: float = 1.0
    length_ms: float = 1.0


def find_reasons(comparison: Comparison, thresholds: Thresholds) -> list[str]:
    """Why the comparison fails; empty where it passes."""
    return [*_facts(comparison), *_pictures(comparison, thresholds), *_sound(comparison, thresholds)]


def _facts(comparison: Comparison) -> Iterator[str]:
    wanted, found = comparison.reference, comparison.candidate
    if found.frame_count != wanted.frame_count:
        yield f"{found.frame_count} frames instead of {wanted.frame_count}"
    if abs(found.duration_seconds - wanted.duration_seconds) > _SAME_SECONDS:
        yield f"{found.duration_seconds:.4f} s instead of {wanted.duration_seconds:.4f} s"
    if found.fps != wanted.fps:
        yield f"{found.fps} frames a second instead of {wanted.fps}"
    if (found.width, found.height) != (wanted.width, wanted.height):
        yield f"{found.width}x{found.height} instead of {wanted.width}x{wanted.height}"


def _pictures(comparison: Comparison, thresholds: Thresholds) -> Iterator[str]:
    pictures = comparison.pictures
    if pictures is None:
        return
    if pictures.pooled_db < thresholds.pooled_db:
        yield f"pooled PSNR {pictures.pooled_db:.2f} dB is below {thresholds.pooled_db:g} dB"
    if pictures.worst_db < thresholds.worst_db:
        yield f"frame {pictures.worst_frame} has a PSNR of {pictures.worst_db:.2f} dB, below {thresholds.worst_db:g} dB"


def _sound(comparison: Comparison, thresholds: Thresholds) -> Iterator[str]:
    if comparison.candidate.has_audio != comparison.reference.has_audio:
        yield "sound is missing" if comparison.reference.has_audio else "there is sound where there should be none"
    if comparison.sound is not None:
        yield from _sound_differences(comparison.sound, thresholds)


def _sound_differences(sound: SoundComparison, thresholds: Thresholds) -> Iterator[str]:
    if abs(sound.lag_ms) >= thresholds.lag_ms:
        yield f"sound is {abs(sound.lag_ms):.1f} ms {'late' if sound.lag_ms > 0 else 'early'}"
    if sound.residual_dbfs > thresholds.residual_dbfs:
        yield f"sound differs by {sound.residual_dbfs:.1f} dBFS, above {thresholds.residual_dbfs:g} dBFS"
    if sound.worst_window_dbfs > thresholds.worst_window_dbfs:
        yield (
            f"sound differs by {sound.worst_window_dbfs:.1f} dBFS for 100 ms from {sound.worst_window_seconds:.1f} s, "
            f"above {thresholds.worst_window_dbfs:g} dBFS"
        )
    if abs(sound.length_delta_ms) >= thresholds.length_ms:
        yield f"sound is {abs(sound.length_delta_ms):.1f} ms too {'long' if sound.length_delta_ms > 0 else 'short'}"
