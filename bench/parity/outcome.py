"""What came of a case, and whether it is good enough."""

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction

from bench.case import Case
from bench.quality import Quality
from bench.sound import Sound

POOLED_DB, WORST_DB, RESIDUAL_DBFS = 40.0, 30.0, -50.0
MOST_OFFSET = 48
"""Samples, of 48000 a second: a millisecond."""
NOT_MEASURED = "not measured"
"""A kind of problem that no case can expect: the comparison did not take place."""
_FLOOR_MARGIN_DB = 1.0
"""How far below the original against itself ours may lie against the original."""


@dataclass(frozen=True)
class Problem:
    """Something that misses its target."""

    kind: str
    """One of `bench.case.KINDS`, which an expectation may name, or `NOT_MEASURED`."""
    text: str


@dataclass(frozen=True)
class Outcome:
    """Everything measured of one case. Pairs are (ours, the original's)."""

    case: Case
    failure: Problem | None = None
    """Why there is nothing to compare."""
    quality: Quality | None = None
    floor: Quality | None = None
    """The original against itself, where the case asks for it."""
    has_sound: tuple[bool, bool] = (False, False)
    sound: Sound | None = None
    seconds: tuple[float | None, float | None] = (None, None)
    """How long the files say that they are; None for a sequence of pictures."""

    @property
    def problems(self) -> list[Problem]:
        """What misses its target; nothing for a case that is as it should be."""
        if self.failure is not None:
            return [self.failure]
        return [*self._picture_problems(), *self._sound_problems(), *self._length_problems()]

    @property
    def verdict(self) -> str:
        """One word for the table."""
        if not self.problems:
            return "equal"
        expected = self.case.expect.differs if self.case.expect is not None else ""
        return "ours is right" if all(problem.kind == expected for problem in self.problems) else "**differs**"

    def _picture_problems(self) -> Iterator[Problem]:
        assert self.quality is not None
        pooled, worst = POOLED_DB, WORST_DB
        if self.floor is not None:
            pooled = min(pooled, self.floor.pooled_db - _FLOOR_MARGIN_DB)
            worst = min(worst, self.floor.worst_db - _FLOOR_MARGIN_DB)
        if self.quality.pooled_db < pooled:
            yield Problem("pictures", f"{self.quality.pooled_db:.1f} dB pooled, not {pooled:.1f}")
        if self.quality.worst_db < worst:
            text = f"frame {self.quality.worst_frame} has {self.quality.worst_db:.1f} dB, not {worst:.1f}"
            yield Problem("pictures", text)

    def _sound_problems(self) -> Iterator[Problem]:
        if self.has_sound[0] != self.has_sound[1]:
            yield Problem("silence", f"{('the original', 'ours')[self.has_sound[0]]} alone has sound")
        if self.sound is None:
            return
        if self.sound.residual_dbfs > RESIDUAL_DBFS:
            yield Problem("sound", f"sound differs by {self.sound.residual_dbfs:.1f} dBFS")
        if abs(self.sound.offset) > MOST_OFFSET:
            yield Problem("sound", f"sound is {self.sound.offset} samples late")

    def _length_problems(self) -> Iterator[Problem]:
        assert self.quality is not None
        if self.quality.frames[0] != self.quality.frames[1]:
            yield Problem("length", f"{self.quality.frames[0]} frames, not {self.quality.frames[1]}")
        ours, original = self.seconds
        half_frame = 0.5 / float(Fraction(self.case.fps or 30))
        if ours is not None and original is not None and abs(ours - original) > half_frame:
            yield Problem("length", f"{ours:.3f} s, not {original:.3f}")
