import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from hf_lambda.capture.chromium import Browser
from hf_lambda.deadline import Deadline
from hf_lambda.errors import (
    BROWSER_CRASHED,
    BROWSER_GPU_NOT_SOFTWARE,
    BROWSER_UNAVAILABLE,
    CHUNK_DEADLINE_EXCEEDED,
    EMPTY_SCREENSHOT,
    PAGE_NOT_READY,
    PAGE_SCRIPT_ERROR,
    RENDER_CANCELLED,
    HfLambdaError,
)
from tests.unit.doubles import open_descriptors, write_fake_browser, write_program

FLAGS = ("--one", "--two=2")
Launch = Callable[..., Browser]


@pytest.fixture
def scratch(tmp_path: Path) -> Path:
    """A scratch folder that does not exist yet."""
    return tmp_path / "scratch"


@pytest.fixture
def launch(tmp_path: Path, scratch: Path) -> Iterator[Launch]:
    """Starts browsers, and stops them at the end."""
    browsers: list[Browser] = []

    def start(chromium_dir: Path = tmp_path / "chromium") -> Browser:
        browsers.append(Browser(chromium_dir, FLAGS, scratch, deadline=Deadline(60)))
        return browsers[-1]

    yield start
    for browser in browsers:
        browser.close()


def test_browser_runs_with_its_flags_and_a_clean_environment(
    tmp_path: Path, scratch: Path, launch: Launch, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The browser gets the flags of the plan, folders of its own, and no credential of ours."""
    monkeypatch.setenv("AWS_SESSION_TOKEN", "secret")
    monkeypatch.setattr("hf_lambda.capture.chromium.shared_memory_folder", lambda: None)
    write_fake_browser(tmp_path / "chromium")
    browser = launch()
    about = browser.devtools.call("Fake.describe", deadline=Deadline(60))
    assert about["argv"][1:3] == list(FLAGS)
    assert "--remote-debugging-pipe=cbor" in about["argv"]
    assert all(word.startswith("--") for word in about["argv"][1:])  # no page of its own, whose process nobody needs
    assert "secret" not in json.dumps(about["env"])
    assert about["env"]["LD_LIBRARY_PATH"] == str(tmp_path / "chromium" / "lib")
    assert all(Path(about["env"][name]).is_relative_to(scratch) for name in ("HOME", "TMPDIR", "FONTCONFIG_FILE"))
    assert browser.flags == FLAGS


@pytest.mark.parametrize("has_memory", [True, False], ids=["memory", "disk"])
def test_closed_browser_leaves_nothing(
    has_memory: bool, tmp_path: Path, scratch: Path, launch: Launch, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After closing, twice even, there is no process, no folder, in memory neither, and no open descriptor."""
    memory = tmp_path / "memory" if has_memory else None
    monkeypatch.setattr("hf_lambda.capture.chromium.shared_memory_folder", lambda: memory)
    write_fake_browser(tmp_path / "chromium")
    before = open_descriptors()
    if memory:
        memory.mkdir()
    browser = launch()
    assert browser.is_alive()
    (folder,) = scratch.iterdir()
    about = browser.devtools.call("Fake.describe", deadline=Deadline(60))
    assert about["env"]["TMPDIR"] == str(memory or folder)
    browser.close()
    browser.close()
    assert list(scratch.iterdir()) == []
    assert not memory or not memory.exists()
    assert open_descriptors() == before


def test_browser_that_draws_in_hardware_is_refused(tmp_path: Path, scratch: Path, launch: Launch) -> None:
    """A renderer other than the one in the flags is named, and the browser is stopped."""
    write_fake_browser(tmp_path / "chromium", renderer="NVIDIA")
    with pytest.raises(BROWSER_GPU_NOT_SOFTWARE, match="NVIDIA"):
        launch()
    assert list(scratch.iterdir()) == []


def test_missing_browser_is_unavailable(tmp_path: Path, scratch: Path, launch: Launch) -> None:
    """A browser that is not there is named, and leaves nothing behind."""
    with pytest.raises(BROWSER_UNAVAILABLE, match="could not be started"):
        launch()
    assert list(scratch.iterdir()) == []


def test_browser_that_dies_at_its_start_is_unavailable(tmp_path: Path, scratch: Path, launch: Launch) -> None:
    """A browser that lacks a library says so in the message."""
    write_program(tmp_path / "chromium" / "chromium", "echo libnss3.so: not found >&2; exit 127")
    with pytest.raises(BROWSER_UNAVAILABLE, match=r"libnss3\.so: not found"):
        launch()
    assert list(scratch.iterdir()) == []


@pytest.fixture
def browser(tmp_path: Path, launch: Launch) -> Browser:
    """A browser in which process 2 draws."""
    write_fake_browser(tmp_path / "chromium")
    return launch()


def fail_beside(
    browser: Browser, deadline: Deadline, failure: HfLambdaError | None, processes: list[dict[str, object]]
) -> None:
    """Work with the browser, which then has these processes, until the failure."""
    with browser.drawn_by_one_process(deadline=deadline):
        browser.devtools.call("Fake.processes", deadline=deadline, now=processes)
        if isinstance(failure, RENDER_CANCELLED):
            deadline.cancel()
        if failure:
            raise failure


@pytest.mark.parametrize("processes", [[], [{"type": "GPU", "id": 3}]], ids=["none", "another"])
@pytest.mark.parametrize("kind", [None, EMPTY_SCREENSHOT, PAGE_NOT_READY, PAGE_SCRIPT_ERROR])
def test_a_drawing_process_that_died_is_the_cause_of_whatever_came_of_it(
    processes: list[dict[str, object]], kind: type[HfLambdaError] | None, browser: Browser
) -> None:
    """Where a shader kills it while they load, pages throw, or never get ready."""
    failure = kind("no WebGL") if kind else None
    with pytest.raises(BROWSER_CRASHED, match="drawing process") as caught:
        fail_beside(browser, Deadline(60), failure, processes)
    assert caught.value.__cause__ is failure


@pytest.mark.parametrize("kind", [BROWSER_CRASHED, PAGE_SCRIPT_ERROR, RENDER_CANCELLED, CHUNK_DEADLINE_EXCEEDED])
def test_failures_that_the_drawing_process_outlives_stay_what_they_are(
    kind: type[HfLambdaError], browser: Browser
) -> None:
    """Those also that leave no time to ask for it."""
    with pytest.raises(kind, match="its own cause"):
        fail_beside(browser, Deadline(60), kind("its own cause"), [{"type": "GPU", "id": 2}])
