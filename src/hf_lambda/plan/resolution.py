"""How large the output is, and by which factor the composition is drawn larger for it. Pure arithmetic."""

from dataclasses import dataclass

from hf_lambda.config import RESOLUTIONS, TURNING_RESOLUTIONS, RenderConfig
from hf_lambda.errors import INVALID_CONFIG

_LARGEST_SCALE = 10
"""Chromium enlarges no more."""


@dataclass(frozen=True)
class OutputSize:
    """Pixels of the output, and how many of them (in each direction) a CSS pixel of the composition takes."""

    width: int
    height: int
    scale: int


def output_size(config: RenderConfig, width: int, height: int) -> OutputSize:
    """The output of a composition of `width` x `height` CSS pixels.

    Raises:
        INVALID_CONFIG: the wanted size is no whole multiple of the composition's.
    """
    if config.output_resolution is None:
        return OutputSize(width, height, 1)
    name = config.output_resolution
    target = _oriented(name, width, height, may_turn=config.output_resolution_aspect_agnostic)
    problem = _find_problem(target, (width, height))
    if problem:
        cure = _advise(width, height)
        raise INVALID_CONFIG(
            f"Config.outputResolution {name} is {target[0]}x{target[1]}, the composition {width}x{height}: "
            f"{problem}; {cure}"
        )
    return OutputSize(*target, target[0] // width)


def _oriented(name: str, width: int, height: int, *, may_turn: bool) -> tuple[int, int]:
    target = RESOLUTIONS[name]
    if not may_turn and name not in TURNING_RESOLUTIONS:
        return target
    short, long = sorted(target)
    if width == height:
        return short, short
    if short == long:  # a square's sibling of the same tier
        long = short * 16 // 9
    return (long, short) if width > height else (short, long)


def _find_problem(target: tuple[int, int], composition: tuple[int, int]) -> str | None:
    (wide, high), (width, height) = target, composition
    if wide * height != high * width:
        return "its shape is another"
    if wide < width:
        return "it would be made smaller"
    if wide % width or high % height:
        return f"{wide / width:g} is no whole factor"
    if wide // width > _LARGEST_SCALE:
        return f"it is {wide // width} times as large, and {_LARGEST_SCALE} is the limit"
    return None


def _advise(width: int, height: int) -> str:
    fitting = [name for name, target in RESOLUTIONS.items() if _find_problem(target, (width, height)) is None]
    if fitting:
        return f"take {', '.join(fitting)}, or none at all"
    return "no preset fits: leave it out, or change data-width and data-height"
