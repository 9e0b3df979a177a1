"""Rules about what keeps real time in a page whose clock follows the video."""

from collections.abc import Iterator

from hf_lambda.composition.lint.findings import Finding, Rule
from hf_lambda.composition.lint.sources import Project, Script

TIMER = Rule(
    "timer_driven_content",
    "Timers run in real time, and a render does not: a frame takes as long as it takes, so what a timer does lands on "
    "another frame each time, or never.",
    "Put it on the timeline, such as `tl.call(fn, [], seconds)`, or draw it in the `hf-seek` event from `detail.time`.",
)
UNSEEDED = Rule(
    "unseeded_randomness",
    "crypto.randomUUID is not seeded: each page draws another, and so does each attempt.",
    "Use Math.random, which is the same on every page while scripts load, or write the value down.",
)
CALLBACK = Rule(
    "callback_starts_animation",
    "An animation that a callback starts begins at the frame that the page is at. A page that starts later in the "
    "video starts it there, and shows it from its beginning.",
    "Put the animation on the timeline at the time of the callback.",
)
SMIL = Rule(
    "smil_animation",
    "The renderer does not seek SVG's own animation elements: they stand still.",
    "Animate with GSAP or CSS.",
)

RULES = (TIMER, UNSEEDED, CALLBACK, SMIL)

_SMIL_TAGS = frozenset(("animate", "animatetransform", "animatemotion", "set"))


def check(project: Project) -> Iterator[Finding]:
    """Findings in scripts and in SVG."""
    for document, element in project.elements():
        if element.tag in _SMIL_TAGS and any(ancestor.tag == "svg" for ancestor in element.ancestors()):
            yield SMIL.at(document.file, element.start, f"{element.tag} stands still")
    for script in project.scripts:
        yield from _check_timers(script)
        yield from _check_callbacks(script)
        for bracket in script.code.methods("randomUUID"):
            yield UNSEEDED.at(script.file, script.offset(bracket - 1), "crypto.randomUUID() differs on every page")


def _check_timers(script: Script) -> Iterator[Finding]:
    code = script.code
    for name in ("setTimeout", "setInterval"):
        for bracket in code.calls(name):
            items = code.arguments(bracket)
            delay = code.number(items[1]) if len(items) > 1 else 0.0
            body = code.function_body(items[0]) if items else None
            # Without a delay it only lets the page finish; a bare `resolve` waits for something to load.
            is_waiting = body is None and name == "setTimeout"
            if body is not None and any(code.is_code(index, "postMessage") for index in range(*body)):
                continue  # speaks to a page around this one, which a render has not
            if name == "setInterval" or (delay != 0 and not is_waiting):
                yield TIMER.at(script.file, script.offset(bracket - 1), f"{name} runs in real time")


def _check_callbacks(script: Script) -> Iterator[Finding]:
    code = script.code
    for bracket in code.methods("call"):
        for item in code.arguments(bracket)[:1]:
            body = code.function_body(item)
            for index in range(*body) if body else ():
                if code.is_code(index, "animate") and code.is_code(index - 1, ".") and code.is_code(index + 1, "("):
                    yield CALLBACK.at(script.file, script.offset(index), "an animation begins inside a callback")
