"""Finds the functions of a script that run again and again while a video is rendered."""

from collections.abc import Iterator

from hf_lambda.composition.lint.javascript import Code, Range

_CHANGES = frozenset(("+=", "-=", "*=", "/=", "++", "--"))
_FRESH_VALUES = frozenset(("{", "[", "new"))


def frame_functions(code: Code) -> Iterator[Range]:
    """The bodies of functions that run once per frame, each once."""
    seen = set()
    for value in _frame_callbacks(code):
        body = code.function_body(value)
        if body is not None and body not in seen:
            seen.add(body)
            yield body


def carried_state(code: Code, body: Range) -> Iterator[int]:
    """The operators in a body that change, by what it was before, a value from outside of the body."""
    fresh = _fresh_names(code, body)
    for index in range(*body):
        if code.tokens[index].kind != "punct" or code.text(index) not in _CHANGES or _in_for_header(code, index):
            continue
        base = _base_name(code, index)
        if base is not None and base not in fresh:
            yield index


def _frame_callbacks(code: Code) -> Iterator[Range]:
    for bracket in (*code.calls("requestAnimationFrame"), *code.calls("gsap", "ticker", "add")):
        yield from code.arguments(bracket)[:1]
    for bracket in (*code.calls("addEventListener"), *code.methods("addEventListener")):
        items = code.arguments(bracket)
        if len(items) > 1 and code.string(items[0]) == "hf-seek":
            yield items[1]
    for index, token in enumerate(code.tokens):
        if token.kind == "name" and token.text in ("onUpdate", "onRepeat"):
            yield from _property_value(code, index)


def _property_value(code: Code, index: int) -> Iterator[Range]:
    if code.outer[index] < 0 or not code.is_code(code.outer[index], "{"):
        return
    for start, stop in code.arguments(code.outer[index]):
        if start == index:
            yield (start + 2, stop) if code.is_code(start + 1, ":") else (start, stop)


def _fresh_names(code: Code, body: Range) -> set[str]:
    """Variables that begin in the body with a value of their own: a new object, or a plain value."""
    fresh = set()
    for index in range(*body):
        if code.text(index) not in ("let", "const", "var"):
            continue
        for name in _declared(code, index + 1, body[1]):
            value = code.text(name + 2) if code.is_code(name + 1, "=") else ""
            is_part_of_another = code.tokens[min(name + 2, len(code.tokens) - 1)].kind == "name" and value != "new"
            is_plain = not is_part_of_another or value in _FRESH_VALUES
            # A number taken from elsewhere is a copy; an object taken from elsewhere is not.
            if is_plain or not _has_members_changed(code, code.text(name), body):
                fresh.add(code.text(name))
    return fresh


def _declared(code: Code, index: int, stop: int) -> Iterator[int]:
    bracket = code.outer[index] if index < len(code.tokens) else -1
    is_name_next = True
    while index < stop and (code.outer[index] != bracket or code.text(index) not in (";", "of", "in", ")")):
        if code.outer[index] == bracket:
            if is_name_next and code.tokens[index].kind == "name":
                yield index
            is_name_next = code.is_code(index, ",")
        index += 1


def _has_members_changed(code: Code, name: str, body: Range) -> bool:
    return any(code.is_code(index, name) and code.text(index + 1) in (".", "[") for index in range(*body))


def _in_for_header(code: Code, index: int) -> bool:
    outer = code.outer[index]
    return outer >= 0 and code.is_code(outer, "(") and code.is_code(outer - 1, "for")


def _base_name(code: Code, operator: int) -> str | None:
    """The variable that a change is made to, or to a part of: `p` of `p.x += 1` and of `++p.x`."""
    index = operator - 1
    if code.text(operator) in ("++", "--") and not _ends_value(code, index):
        return code.text(operator + 1) or None
    while index >= 0:
        if code.is_code(index, "]"):
            index = code.partner[index] - 1
        elif code.tokens[index].kind != "name":
            return None
        elif code.text(index - 1) in (".", "?."):
            index -= 2
        else:
            return code.text(index)
    return None


def _ends_value(code: Code, index: int) -> bool:
    return index >= 0 and (code.tokens[index].kind == "name" or code.is_code(index, "]"))
