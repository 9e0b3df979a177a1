"""Rules about CSS: what the runtime overrides, and what scoping cuts off."""

import re
from collections.abc import Iterator
from typing import Any

import tinycss2

from hf_lambda.composition.lint.findings import Finding, Rule
from hf_lambda.composition.lint.gsap_calls import find_tweens
from hf_lambda.composition.lint.sources import Project, Style

VISIBILITY = Rule(
    "clip_visibility",
    "The runtime sets the visibility of every element with data-start, at every frame: a value of the author's is "
    "overridden.",
    "Hide an element inside the clip, or use opacity.",
)
TRANSITION = Rule(
    "transition_on_animated_element",
    "A transition starts over at every frame in which its property changes, and shows a value between two frames.",
    "Take the transition out, and let the timeline do the easing.",
)
SCOPED = Rule(
    "scoped_selector_never_matches",
    "The styles of a sub-composition are confined to its host, and html, body and :root lie outside of it.",
    "Put the class on the sub-composition's root, and select from there.",
)

RULES = (VISIBILITY, TRANSITION, SCOPED)

_SIMPLE = re.compile(r"[#.][\w-]+")
_OUTSIDE = re.compile(r"\s*(html|body|:root)(?=[\s.#\[:>+~])(?!\s*$)", re.IGNORECASE)
_STILL = re.compile(r"(none|unset|initial|inherit|(\w[\w-]*\s+)?0m?s)(\s.*)?", re.IGNORECASE)


def check(project: Project) -> Iterator[Finding]:
    """Findings in style attributes and stylesheets."""
    clips = _clip_selectors(project)
    tweened = _tweened_selectors(project)
    for document, element in project.elements():
        if "data-start" not in element.attributes or element is document.root:
            continue
        names = {name for name, _ in _declarations(tinycss2.parse_blocks_contents(element.attributes.get("style", "")))}
        if "visibility" in names:
            offset = document.attribute_offset(element, "style")
            yield VISIBILITY.at(document.file, offset, "a clip has visibility in its style")
    for style in project.styles:
        for rule in style.rules:
            yield from _check_rule(style, rule, clips, tweened)


def _check_rule(style: Style, rule: Any, clips: set[str], tweened: dict[str, set[str]]) -> Iterator[Finding]:
    selectors = [part.strip() for part in tinycss2.serialize(rule.prelude).split(",")]
    offset = style.line_offset(rule)
    declarations = list(_declarations(tinycss2.parse_blocks_contents(rule.content)))
    for selector in selectors:
        if style.document and not style.document.is_entry and _OUTSIDE.match(selector):
            yield SCOPED.at(style.file, offset, f"{selector} finds nothing inside its host")
        if selector in clips and any(name == "visibility" for name, _ in declarations):
            yield VISIBILITY.at(style.file, offset, f"{selector} is a clip")
        yield from _check_transitions(style, offset, selector, declarations, tweened.get(selector, set()))


def _check_transitions(
    style: Style, offset: int, selector: str, declarations: list[tuple[str, str]], tweened: set[str]
) -> Iterator[Finding]:
    for name, value in declarations:
        if name not in ("transition", "transition-property") or _STILL.fullmatch(value.strip()):
            continue
        words = set(re.findall(r"[a-z-]+", value.lower()))
        shared = tweened if "all" in words or re.match(r"[\d.]", value.strip()) else tweened & words
        if shared:
            message = f"{selector} has a transition, and a timeline moves its {', '.join(sorted(shared))}"
            yield TRANSITION.at(style.file, offset, message)


def _declarations(nodes: list[Any]) -> Iterator[tuple[str, str]]:
    for node in nodes:
        if node.type == "declaration":
            yield node.lower_name, tinycss2.serialize(node.value)


def _clip_selectors(project: Project) -> set[str]:
    """The ids of clips, and `.clip` and other classes that only clips have."""
    timed: set[str] = set()
    untimed: set[str] = set()
    for document, element in project.elements():
        names = {f".{name}" for name in element.attributes.get("class", "").split()}
        if "data-start" in element.attributes and element is not document.root:
            timed |= names | ({f"#{element.attributes['id']}"} if element.attributes.get("id") else set())
        else:
            untimed |= names
    return timed - untimed


_TRANSFORMS = frozenset(("x", "y", "xPercent", "yPercent", "scale", "scaleX", "scaleY", "rotation", "rotate", "skewX"))


def _tweened_selectors(project: Project) -> dict[str, set[str]]:
    """The CSS properties that timelines move, by simple selector."""
    found: dict[str, set[str]] = {}
    for script in project.scripts:
        for tween in find_tweens(script.code):
            if tween.method == "set":
                continue
            properties = {"transform" if name in _TRANSFORMS else _css_name(name) for name in tween.values}
            if "autoAlpha" in tween.values:
                properties.add("opacity")
            for selector in (tween.target or "").split(","):
                if _SIMPLE.fullmatch(selector.strip()):
                    found.setdefault(selector.strip(), set()).update(properties)
    return found


def _css_name(name: str) -> str:
    return re.sub("[A-Z]", lambda match: f"-{match.group().lower()}", name)
