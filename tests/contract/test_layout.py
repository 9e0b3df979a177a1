import ast
from pathlib import Path

import pytest

import hf_lambda

PACKAGE = Path(hf_lambda.__file__).parent
TESTS = Path(__file__).parents[1]

WITHOUT_A_TEST_OF_THEIR_OWN = {
    "capture/lanes.py": "the functional renders run every frame through it",
    "capture/page.py": "a page is real or it is nothing: the functional renders drive it through lanes",
    "capture/session.py": "as page.py, which does nothing without it",
    "cli/build.py": "prints what deploy/handler_zip does; its exits are in test_main",
    "cli/live_progress.py": "a display for people; test_progress shows a render with it",
    "cli/setup.py": "prints what deploy/toolchain_build does; every test run begins with it",
    "cli/state_machine.py": "prints what deploy/state_machine makes; contract/test_state_machine compares it",
    "cli/styled_lines.py": "as live_progress.py",
    "composition/asset_paths.py": "a part of inlining, tested through it",
    "composition/markup.py": "a part of inlining, tested through it",
    "composition/sub_composition.py": "a part of inlining, tested through it",
    "composition/variables.py": "a part of inlining, tested through it",
    "deploy/state_machine.py": "contract/test_state_machine holds its file against table and wire contract",
    "emulator/aws.py": "is moto with our sandboxes behind it; tests/emulator renders through it",
    "emulator/engine.py": "joins the emulator's parts; tests/emulator renders through it",
    "emulator/stack.py": "a bucket and a state machine; whatever is tested in the emulator goes through it",
    "handler.py": "what stands around the stages; the functional renders run through it",
    "local/engine.py": "the functional renders are calls of it",
    "quality/local_target.py": "a part of smoke, tested through it in the emulator",
    "quality/outcome.py": "a list of names",
    "quality/probe_script.py": "a part of probe, in another environment",
    "quality/pyppeteer_home.py": "a part of probe, fetched from a registry",
    "quality/target.py": "a protocol; its implementations have tests",
    "stages/assemble.py": "wires other modules; the functional renders run through it",
    "stages/page_probe.py": "drives a real page; the functional renders run through it",
    "stages/plan.py": "wires other modules; the functional renders run through it",
    "stages/render_chunk.py": "wires other modules; the functional renders run through it",
    "stages/video_frames.py": "wires media/extraction to a chunk; the functional renders run through it",
    "stages/video_planning.py": "wires media/cutting to the plan; the functional renders run through it",
    "stages/serving.py": "wires other modules; the functional renders run through it",
    "stages/timed_browser.py": "wires other modules; the functional renders run through it",
}
"""Modules that have no test file with their name, and why."""


def modules() -> list[str]:
    """Every module of the package by its path, but for those that only hold a docstring or a version."""
    return sorted(str(path.relative_to(PACKAGE)) for path in PACKAGE.rglob("*.py") if path.name != "__init__.py")


def files_with_tests() -> list[Path]:
    """Every file with tests."""
    return sorted(TESTS.rglob("test_*.py"))


def find_tests(path: Path) -> list[ast.FunctionDef]:
    """The tests in a file, those of classes too."""
    nodes = ast.walk(ast.parse(path.read_text("utf-8")))
    return [node for node in nodes if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")]


def is_one_sentence(text: str | None) -> bool:
    """Whether a docstring is one paragraph that ends like a sentence."""
    return text is not None and "\n\n" not in text and text.rstrip().endswith((".", "…", "?", "!"))


@pytest.mark.parametrize("module", [module for module in modules() if module not in WITHOUT_A_TEST_OF_THEIR_OWN])
def test_module_has_its_test_file(module: str) -> None:
    """A module's unit test lies at the same path; a functional test, or one in the emulator, needs only its name."""
    path = Path(module)
    name = f"test_{path.name}"
    mirrored = TESTS / "unit" / path.parent / name
    elsewhere = [path for kind in ("functional", "emulator") for path in (TESTS / kind).rglob(name)]
    assert mirrored.is_file() or elsewhere, f"there is no {mirrored.relative_to(TESTS)}"


def test_exceptions_are_modules_with_a_reason() -> None:
    """The list of exceptions names modules that exist, and says why."""
    assert set(WITHOUT_A_TEST_OF_THEIR_OWN) - set(modules()) == set()
    assert all(WITHOUT_A_TEST_OF_THEIR_OWN.values())


@pytest.mark.parametrize("path", sorted((TESTS / "unit").rglob("test_*.py")), ids=lambda path: path.name)
def test_unit_test_file_has_its_module(path: Path) -> None:
    """A unit test whose module was moved or removed moves or goes with it."""
    module = path.relative_to(TESTS / "unit").with_name(path.name.removeprefix("test_"))
    assert str(module) in modules()


@pytest.mark.parametrize("path", files_with_tests(), ids=lambda path: str(path.relative_to(TESTS)))
def test_every_test_says_in_one_sentence_what_it_shows(path: Path) -> None:
    """A test's docstring is one sentence of behaviour, and no two tests of a file share a name."""
    tests = find_tests(path)
    assert [test.name for test in tests if not is_one_sentence(ast.get_docstring(test))] == []
    assert len({test.name for test in tests}) == len(tests)
    assert tests
