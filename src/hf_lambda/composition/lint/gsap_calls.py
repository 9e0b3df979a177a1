"""Finds GSAP timelines and tweens in a script: who animates what, when, as far as literals tell."""

from collections.abc import Iterator
from dataclasses import dataclass

from hf_lambda.composition.lint.javascript import Code, Range

_METHODS = ("to", "from", "fromTo", "set")
_DEFAULT_SECONDS = 0.5
_SETTINGS = frozenset(
    ("ease", "duration", "delay", "overwrite", "immediateRender", "id", "data", "paused", "lazy", "stagger", "repeat",
     "repeatDelay", "repeatRefresh", "yoyo", "yoyoEase", "inherit", "transformOrigin", "keyframes", "defaults",
     "callbackScope", "reversed", "startAt", "runBackwards", "force3D", "clearProps")
)  # fmt: skip
_UNPREDICTABLE = frozenset(("stagger", "repeat", "delay", "keyframes", "overwrite", "startAt"))


@dataclass(frozen=True)
class Tween:
    """A tween as written. `timeline` is the index of its timeline's creation, None for gsap's own methods.

    `target` is the text of a selector or variable, None for anything else; start and duration are in seconds
    of the timeline, None where they are not literals.
    """

    method: str
    bracket: int
    timeline: int | None
    target: str | None
    settings: dict[str, Range]
    values: dict[str, Range]
    start: float | None
    duration: float | None

    @property
    def is_predictable(self) -> bool:
        """Whether its window in time is known."""
        return self.start is not None and self.duration is not None and not _UNPREDICTABLE & set(self.settings)

    @property
    def end(self) -> float:
        """Where its window ends."""
        assert self.start is not None
        assert self.duration is not None
        return self.start + self.duration


def find_tweens(code: Code) -> list[Tween]:
    """Every tween of a script, in the order of its text."""
    names = _timeline_names(code)
    tweens = []
    for index, token in enumerate(code.tokens):
        is_method = token.kind == "name" and token.text in _METHODS and code.is_code(index - 1, ".")
        if not is_method or not code.is_code(index + 1, "("):
            continue
        is_gsap, timeline = _receiver(code, index - 1, names)
        if is_gsap or timeline is not None:
            tweens.append(_read_tween(code, index + 1, timeline))
    return tweens


def timeline_calls(code: Code) -> Iterator[int]:
    """The opening brackets of `gsap.timeline(` calls."""
    yield from code.calls("gsap", "timeline")


def _timeline_names(code: Code) -> dict[str, list[int]]:
    """Where each variable that holds a timeline gets it."""
    names: dict[str, list[int]] = {}
    for bracket in timeline_calls(code):
        start = bracket - 3
        if code.is_code(start - 1, ".") and code.is_code(start - 2, "window"):
            start -= 2
        if code.is_code(start - 1, "=") and code.tokens[start - 2].kind == "name":
            names.setdefault(code.text(start - 2), []).append(bracket)
    return names


def _receiver(code: Code, dot: int, names: dict[str, list[int]]) -> tuple[bool, int | None]:
    """Whether gsap itself is called, and else the timeline: of `tl.to(…).to(…)` that is `tl`'s."""
    index = dot - 1
    while code.is_code(index, ")"):
        opening = code.partner[index]
        if opening < 0 or not code.is_code(opening - 2, "."):
            return False, None
        if code.is_code(opening - 1, "timeline") and code.is_code(opening - 3, "gsap"):
            return False, opening
        index = opening - 3
    name = code.text(index)
    if code.is_code(index - 1, "."):
        return name == "gsap" and code.text(index - 2) == "window", None
    earlier = [created for created in names.get(name, []) if created < dot]
    return name == "gsap" and index == dot - 1, (earlier[-1] if earlier else None)


def _read_tween(code: Code, bracket: int, timeline: int | None) -> Tween:
    method = code.text(bracket - 1)
    items = code.arguments(bracket)
    last = 2 if method == "fromTo" else 1
    properties: dict[str, Range] = {}
    for item in items[1 : last + 1]:
        found = code.properties(item)
        held = {name for name in found if name in properties and _is_same(code, properties[name], found[name])}
        properties = {name: value for name, value in (properties | found).items() if name not in held}
    settings = {name: value for name, value in properties.items() if name in _SETTINGS or name.startswith("on")}
    position = items[last + 1] if len(items) > last + 1 else None
    return Tween(
        method=method,
        bracket=bracket,
        timeline=timeline,
        target=_target(code, items[0]) if items else None,
        settings=settings,
        values={name: value for name, value in properties.items() if name not in settings},
        start=code.number(position) if position else None,
        duration=_duration(code, method, settings, timeline),
    )


def _target(code: Code, item: Range) -> str | None:
    if (text := code.string(item)) is not None:
        return None if "${" in text else text
    return code.text(item[0]) if item[1] - item[0] == 1 and code.tokens[item[0]].kind == "name" else None


def _is_same(code: Code, one: Range, other: Range) -> bool:
    """Whether a property keeps its value, such as from `opacity: 1` to `opacity: 1`."""
    return [t.text for t in code.tokens[slice(*one)]] == [t.text for t in code.tokens[slice(*other)]]


def _duration(code: Code, method: str, settings: dict[str, Range], timeline: int | None) -> float | None:
    if method == "set":
        return 0.0
    if "duration" in settings:
        return code.number(settings["duration"])
    options = code.arguments(timeline) if timeline is not None else []
    return None if options and "defaults" in code.properties(options[0]) else _DEFAULT_SECONDS
