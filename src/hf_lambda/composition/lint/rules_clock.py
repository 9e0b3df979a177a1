"""Rules about time and chance: what runs by the wall clock, or depends on the frames before."""

from collections.abc import Iterator

from hf_lambda.composition.lint.findings import Finding, Rule
from hf_lambda.composition.lint.frame_functions import carried_state, frame_functions
from hf_lambda.composition.lint.gsap_calls import find_tweens
from hf_lambda.composition.lint.sources import Project, Script

DATE = Rule(
    "date_dependent_content",
    "Date follows the video's time and starts at 1970-01-01: the day of the render is not shown.",
    "Pass the date as a variable of the composition.",
)
RANDOM_START = Rule(
    "random_at_tween_start",
    "A tween reads its values when it is first shown, and randomness restarts with each frame: every segment of the "
    "video begins on a fresh page at another frame, draws other numbers, and the picture jumps where segments meet.",
    "Draw the number while the script loads (it is the same on every page then): `const x = Math.random() * 100`.",
)
REFRESH = Rule(
    "repeat_refresh",
    "repeatRefresh reads the values anew at each repeat, and a page that starts in the middle of the video has skipped "
    "the repeats before.",
    "Write the repeats out as tweens with values of their own.",
)
CARRIED = Rule(
    "state_carried_between_frames",
    "Segments of the video begin on fresh pages at any frame, so a value that each frame changes starts again from its "
    "first value there, and motion jumps where segments meet.",
    "Compute the value from the time: the argument of the requestAnimationFrame callback, `detail.time` of `hf-seek`, "
    "or the tween's progress.",
)
RULES = (DATE, RANDOM_START, REFRESH, CARRIED)


def check(project: Project) -> Iterator[Finding]:
    """Findings in scripts."""
    for script in project.scripts:
        yield from _check_dates(script)
        yield from _check_tween_values(script)
        yield from _check_frames(script)


def _check_dates(script: Script) -> Iterator[Finding]:
    code = script.code
    for bracket in code.calls("Date"):
        is_new = code.is_code(bracket - 2, "new")
        # As a clock it is fine, and `new Date() - start` and `+new Date()` are clocks.
        is_clock = code.text(bracket - 3) in ("-", "+") or code.text(code.stop(bracket) + 1) == "-"
        is_clock = is_clock or _is_called(script, code.stop(bracket), "getTime")
        if not code.arguments(bracket) and not (is_new and is_clock):
            yield DATE.at(script.file, script.offset(bracket - 1), "the date is 1970-01-01 at the video's start")


def _is_called(script: Script, index: int, method: str) -> bool:
    return script.code.is_code(index + 1, ".") and script.code.is_code(index + 2, method)


def _check_tween_values(script: Script) -> Iterator[Finding]:
    code = script.code
    for tween in find_tweens(code):
        if "repeatRefresh" in tween.settings and code.is_code(tween.settings["repeatRefresh"][0], "true"):
            yield REFRESH.at(script.file, script.offset(tween.bracket - 1), "repeatRefresh depends on every repeat")
        if tween.method != "to":  # the others read their values while the script loads
            continue
        for name, value in tween.values.items():
            text = code.string(value) or ""
            is_function = any(code.is_code(index, "=>") or code.is_code(index, "function") for index in range(*value))
            draws = any(code.is_code(index, "random") for index in range(*value))
            if text.lstrip("+-=").startswith("random(") or (is_function and draws):
                message = f"{name} is drawn when the tween is first shown"
                yield RANDOM_START.at(script.file, script.offset(value[0]), message)


def _check_frames(script: Script) -> Iterator[Finding]:
    for body in frame_functions(script.code):
        for index in carried_state(script.code, body):
            message = f"`{script.code.text(index)}` in a function that runs once per frame builds on the frame before"
            yield CARRIED.at(script.file, script.offset(index), message)
            break
