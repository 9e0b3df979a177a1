import ast
import inspect
import re

import pytest

from hf_lambda.capture import flags
from hf_lambda.capture.flags import chromium_flags, webgl_driver_of


def test_flags_have_no_duplicates() -> None:
    """Chromium takes the last of two equal switches, so each is given once."""
    for given in (chromium_flags(), chromium_flags(is_blurred=True), chromium_flags(webgl_driver="mesa")):
        names = [flag.partition("=")[0] for flag in given]
        assert sorted(set(names)) == sorted(names)


def test_flags_are_switches() -> None:
    """Every flag is one argument that starts with two dashes."""
    assert all(re.fullmatch(r"--[a-z-]+(=[^\n]+)?", flag) for flag in chromium_flags())


@pytest.mark.parametrize(
    "flag",
    [
        "--headless",
        "--no-sandbox",
        "--enable-begin-frame-control",
        "--deterministic-mode",
        "--run-all-compositor-stages-before-draw",
        "--use-angle=swiftshader",
        "--force-color-profile=srgb",
        "--font-render-hinting=none",
        "--disable-lcd-text",
        "--host-resolver-rules=MAP 169.254.169.254 ~NOTFOUND",
    ],
)
def test_flags_that_pictures_and_safety_depend_on(flag: str) -> None:
    """What makes frames repeatable, and what keeps pages from credentials, is always set."""
    assert flag in chromium_flags()


@pytest.mark.parametrize("flag", ["--single-process", "--remote-debugging-port", "--allow-file-access-from-files"])
def test_flags_that_must_never_be_set(flag: str) -> None:
    """Flags that move glyphs or open the worker are not used."""
    assert not [given for given in chromium_flags() if given.startswith(flag)]


def test_screenshots_need_a_browser_that_draws_on_its_own_time() -> None:
    """With begin-frame control a screenshot would never come; everything else stays as it is."""
    without = chromium_flags(takes_screenshots=True)
    assert [flag for flag in chromium_flags() if flag not in without] == list(flags.BEGIN_FRAME)
    assert [flag for flag in without if flag not in chromium_flags()] == []


def test_pages_of_moving_blurs_differ_in_their_tiles_only() -> None:
    """Everything else that pictures depend on stays as it is."""
    usual, blurred = chromium_flags(), chromium_flags(is_blurred=True)
    assert [flag for flag in usual if flag not in blurred] == list(flags.TILES)
    assert [flag for flag in blurred if flag not in usual] == list(flags.ONE_TILE)


def test_another_webgl_driver_is_all_that_differs() -> None:
    """And the flags tell which it is."""
    usual, mesa = chromium_flags(), chromium_flags(webgl_driver="mesa")
    assert [flag for flag in usual if flag not in mesa] == list(flags.SWIFTSHADER)
    assert [flag for flag in mesa if flag not in usual] == list(flags.MESA)
    assert (webgl_driver_of(usual), webgl_driver_of(mesa)) == ("swiftshader", "mesa")


def test_flags_are_the_same_every_time() -> None:
    """Plans record the flags, so two calls agree."""
    assert chromium_flags() == chromium_flags()


def test_each_drawing_flag_has_its_reason() -> None:
    """Flags that are part of the picture say why on their own line."""
    source = inspect.getsource(flags)
    lines = source.splitlines()
    groups = [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Tuple)]
    drawing = [element for group in groups[:3] for element in group.elts]
    assert len(drawing) > 10
    assert [lines[element.lineno - 1] for element in drawing if "  # " not in lines[element.lineno - 1]] == []
