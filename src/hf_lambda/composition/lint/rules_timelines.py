"""Rules about GSAP timelines: whether the renderer finds them, and whether a frame depends on those before."""

from collections.abc import Iterator
from itertools import combinations

from hf_lambda.composition.lint.findings import Finding, Rule
from hf_lambda.composition.lint.gsap_calls import Tween, find_tweens, timeline_calls
from hf_lambda.composition.lint.javascript import Code
from hf_lambda.composition.lint.sources import Document, Project, Script

UNREGISTERED = Rule(
    "timeline_not_registered",
    "The renderer seeks the timelines in window.__timelines. Of others, a paused one stands still, and one that plays "
    "runs on GSAP's own ticker: it gives the page no length, and what its callbacks start begins anew in each segment.",
    'Register it: `window.__timelines = window.__timelines || {}; window.__timelines["composition-id"] = tl`.',
)
OUTSIDE = Rule(
    "tween_outside_timeline",
    "gsap.to, gsap.from and gsap.fromTo start on GSAP's own ticker, which the renderer does not seek.",
    "Add it to the registered timeline: `tl.to(…)` in place of `gsap.to(…)`.",
)
MISMATCH = Rule(
    "timeline_id_mismatch",
    "The key in window.__timelines tells which composition a timeline belongs to; one that no composition has belongs "
    "to none, and is not started or offset with it.",
    "Use the value of data-composition-id as the key.",
)
INFINITE = Rule(
    "gsap_infinite_repeat",
    "A timeline that repeats for ever has no length, and the composition declares none.",
    "Declare data-duration on the root, or give `repeat` a number.",
)
OVERLAP = Rule(
    "overlapping_tweens",
    "The second tween starts from wherever the first has come to when the second is first shown. A page that starts "
    "in the middle of the video comes to another value, so the picture jumps where segments meet.",
    "Start the second when the first has ended, or use fromTo, which says where it starts.",
)
SECOND_FROM = Rule(
    "second_from",
    "`from` shows its start at once, and a second `from` takes that start for the end to reach: played through it "
    "ends there, while a page that starts later ends elsewhere.",
    "Use fromTo for the second, or give it `immediateRender: false`.",
)
LAYOUT = Rule(
    "layout_read_at_tween_start",
    "A function value is computed when the tween is first shown; what it measures depends on what is on screen then, "
    "and that is another frame on each page.",
    "Measure while the script loads, into a constant.",
)
RULES = (UNREGISTERED, OUTSIDE, MISMATCH, INFINITE, OVERLAP, SECOND_FROM, LAYOUT)

_REGISTRY = "__timelines"
_MEASURES = frozenset(
    ("getBoundingClientRect", "offsetWidth", "offsetHeight", "offsetTop", "offsetLeft", "clientWidth", "clientHeight",
     "scrollWidth", "scrollHeight", "getComputedStyle", "getBBox", "getProperty")
)  # fmt: skip
_MIN_OVERLAP_SECONDS = 1e-6
_MOST_COMPARED = 200


def check(project: Project) -> Iterator[Finding]:
    """Findings in scripts."""
    is_registering = any(_registers(script.code) for script in project.scripts)
    for script in project.scripts:
        tweens = find_tweens(script.code)
        if not is_registering:
            for bracket in timeline_calls(script.code):
                yield UNREGISTERED.at(script.file, script.offset(bracket - 1), "nothing registers this timeline")
        yield from _check_loose_tweens(script, tweens)
        yield from _check_pairs(script, tweens)
        yield from _check_layout(script, tweens)
    yield from _check_keys(project)
    yield from _check_repeats(project)


def _check_loose_tweens(script: Script, tweens: list[Tween]) -> Iterator[Finding]:
    code = script.code
    for tween in tweens:
        if tween.timeline is not None or tween.method == "set":
            continue
        start = tween.bracket - 3
        if code.is_code(start - 1, ".") and code.is_code(start - 2, "window"):
            start -= 2
        # Where its value is used, it may well be put on a timeline.
        is_statement = start == 0 or code.text(start - 1) in (";", "{", "}", ")")
        is_chained = code.is_code(code.stop(tween.bracket) + 1, ".")
        if is_statement and not is_chained and "paused" not in tween.settings:
            message = f"gsap.{tween.method} belongs to no timeline"
            yield OUTSIDE.at(script.file, script.offset(tween.bracket - 1), message)


def _check_pairs(script: Script, tweens: list[Tween]) -> Iterator[Finding]:
    groups: dict[tuple[int, str, int], list[Tween]] = {}
    for tween in tweens:
        if tween.timeline is not None and tween.target and tween.is_predictable:
            # Tweens of one block run together; of two branches only one may.
            key = (tween.timeline, tween.target, script.code.outer[tween.bracket])
            groups.setdefault(key, []).append(tween)
    for group in groups.values():
        ordered = sorted(group[:_MOST_COMPARED], key=lambda tween: tween.start or 0.0)
        for first, second in combinations(ordered, 2):
            yield from _check_pair(script, first, second)


def _check_pair(script: Script, first: Tween, second: Tween) -> Iterator[Finding]:
    assert second.start is not None
    both = sorted(set(first.values) & set(second.values))
    if not both:
        return
    names = ", ".join(both)
    line = script.file.line_at(script.offset(first.bracket))
    offset = script.offset(second.bracket - 1)
    if second.method == "to" and first.method != "set" and second.start < first.end - _MIN_OVERLAP_SECONDS:
        message = f"{names} of {second.target} is still moved by the tween of line {line}"
        yield OVERLAP.at(script.file, offset, message)
    if first.method == second.method == "from" and "immediateRender" not in second.settings:
        message = f"{names} of {second.target} has a `from` in line {line} already"
        yield SECOND_FROM.at(script.file, offset, message)


def _check_layout(script: Script, tweens: list[Tween]) -> Iterator[Finding]:
    code = script.code
    for tween in tweens:
        for name, value in tween.values.items() if tween.method == "to" else ():
            is_function = any(code.is_code(index, "=>") or code.is_code(index, "function") for index in range(*value))
            if is_function and any(code.text(index) in _MEASURES for index in range(*value)):
                yield LAYOUT.at(script.file, script.offset(value[0]), f"{name} is measured when the tween begins")


def _registers(code: Code) -> bool:
    """Whether something is put into the registry; to make an empty one is not enough."""
    for index, token in enumerate(code.tokens):
        if token.text != _REGISTRY or token.kind != "name":
            continue
        start = index - 2 if code.is_code(index - 1, ".") else index
        is_made = code.is_code(index + 1, "=") and (code.text(index + 2), code.text(index + 3)) != ("{", "}")
        is_kept = code.is_code(index + 2, _REGISTRY) or code.is_code(index + 4, _REGISTRY)  # = window.__timelines || {}
        has_another_name = code.is_code(start - 1, "=") and not code.is_code(start - 2, _REGISTRY)
        is_handed_on = code.is_code(start - 1, "(") and not code.is_code(start - 2, "if")
        is_filled = code.text(index + 1) in ("[", ".", "?.") or (is_made and not is_kept)
        if is_filled or has_another_name or is_handed_on:
            return True
    return False


def _check_keys(project: Project) -> Iterator[Finding]:
    ids = {element.attributes.get("data-composition-id", "").strip() for _, element in project.elements()}
    keys = [(script, *key) for script in project.scripts for key in _registered_keys(script)]
    is_only_one = len(keys) == 1 and len(ids - {""}) == 1  # then the player takes it for the root's
    for script, index, key in keys:
        if key not in ids and not is_only_one:
            known = ", ".join(sorted(ids - {""}))
            message = f"no composition has the id {key}; there are {known}"
            yield MISMATCH.at(script.file, script.offset(index), message)


def _registered_keys(script: Script) -> Iterator[tuple[int, str]]:
    code = script.code
    for index, token in enumerate(code.tokens):
        if token.text != _REGISTRY or token.kind != "name":
            continue
        if code.is_code(index + 1, "[") and code.is_code(code.stop(index + 1) + 1, "="):
            key = code.string((index + 2, code.stop(index + 1)))
            if key is not None:
                yield index, key
        elif code.is_code(index + 1, ".") and code.is_code(index + 3, "="):
            yield index, code.text(index + 2)


def _check_repeats(project: Project) -> Iterator[Finding]:
    if not project.documents or _declares_duration(project.documents[0]):
        return
    for script in project.scripts:
        code = script.code
        for index in range(len(code.tokens)):
            is_endless = code.is_code(index, "repeat") and code.is_code(index + 1, ":") and code.is_code(index + 2, "-")
            if is_endless and code.text(index + 3) == "1":
                yield INFINITE.at(script.file, script.offset(index), "repeat: -1, and the root has no data-duration")


def _declares_duration(document: Document) -> bool:
    names = ("data-duration", "data-composition-duration")
    return document.root is not None and any(document.root.attributes.get(name) for name in names)
