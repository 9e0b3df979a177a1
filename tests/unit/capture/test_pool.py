import os
import signal
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from hf_lambda.capture.chromium import Browser
from hf_lambda.capture.flags import chromium_flags
from hf_lambda.capture.pool import BrowserPool
from hf_lambda.deadline import Deadline
from hf_lambda.errors import BROWSER_UNAVAILABLE, CHUNK_DEADLINE_EXCEEDED
from tests.unit.doubles import write_fake_browser

FLAGS = ["--one"]


@pytest.fixture
def scratch(tmp_path: Path) -> Path:
    """Where browsers have their folders."""
    return tmp_path / "scratch"


@pytest.fixture
def pool(tmp_path: Path, scratch: Path) -> Iterator[BrowserPool]:
    """A pool of one browser, which is a fake."""
    write_fake_browser(tmp_path / "chromium")
    pool = BrowserPool(lambda: tmp_path / "chromium", scratch, 1)
    yield pool
    pool.close()


@pytest.fixture
def deadline() -> Deadline:
    """More time than any test needs."""
    return Deadline(60)


def fail_with(pool: BrowserPool, deadline: Deadline) -> Browser:
    """A browser whose user failed."""
    try:
        with pool.browser(FLAGS, deadline=deadline) as browser:
            raise ZeroDivisionError
    except ZeroDivisionError:
        return browser


def kill(browser: Browser) -> None:
    """End a browser as nobody expects it."""
    os.kill(browser.pid, signal.SIGKILL)
    os.waitid(os.P_PID, browser.pid, os.WEXITED | os.WNOWAIT)


def test_browser_is_kept_warm(pool: BrowserPool, deadline: Deadline) -> None:
    """The next user of the same flags gets the same browser."""
    with pool.browser(FLAGS, deadline=deadline) as first:
        pid = first.pid
    with pool.browser(FLAGS, deadline=deadline) as second:
        assert second.pid == pid
        assert second.is_alive()


def test_mesa_is_unpacked_for_those_who_draw_with_it(tmp_path: Path, scratch: Path, deadline: Deadline) -> None:
    """Its driver is then beside Chromium's libraries; nobody else waits for it."""
    mesa = tmp_path / "mesa"
    write_fake_browser(tmp_path / "chromium", renderer="llvmpipe")
    pool = BrowserPool(lambda: tmp_path / "chromium", scratch, 1, find_mesa=lambda: mesa)
    with pool.browser(chromium_flags(webgl_driver="mesa"), deadline=deadline) as browser:
        environment = browser.devtools.call("Fake.describe", deadline=deadline)["env"]
    assert environment["VK_ICD_FILENAMES"] == str(mesa / "lvp_icd.json")
    assert Path(environment["MESA_SHADER_CACHE_DIR"]).parent == mesa.parent  # beside it, for browsers to come
    assert environment["LD_LIBRARY_PATH"] == f"{tmp_path / 'chromium' / 'lib'}:{mesa}"
    write_fake_browser(tmp_path / "chromium")
    with pool.browser(chromium_flags(), deadline=deadline) as browser:
        assert "VK_ICD_FILENAMES" not in browser.devtools.call("Fake.describe", deadline=deadline)["env"]
    pool.close()


@pytest.mark.parametrize(("is_guess", "starts"), [(True, 1), (False, 2)], ids=["guess", "known"])
def test_a_guess_starts_nothing_where_a_browser_is_idle(
    is_guess: bool, starts: int, tmp_path: Path, scratch: Path, deadline: Deadline
) -> None:
    """It may be the one that is wanted."""
    write_fake_browser(tmp_path / "chromium")
    started = []

    def find_chromium() -> Path:
        started.append(1)
        return tmp_path / "chromium"

    pool = BrowserPool(find_chromium, scratch, 1)
    with pool.browser(FLAGS, deadline=deadline):
        pass
    pool.warm(["--other"], deadline=deadline, is_guess=is_guess)
    pool.close()  # which waits for one on its way
    assert len(started) == starts


def test_other_flags_get_another_browser(pool: BrowserPool, deadline: Deadline) -> None:
    """A browser serves only the flags it was started with; the one that does not fit goes."""
    with pool.browser(FLAGS, deadline=deadline) as first:
        pass
    with pool.browser(["--other"], deadline=deadline) as second:
        assert second is not first
        assert second.flags == ("--other",)


def test_failed_browser_is_not_used_again(pool: BrowserPool, scratch: Path, deadline: Deadline) -> None:
    """After an error the browser is stopped, and the next user gets a new one."""
    failed = fail_with(pool, deadline)
    assert list(scratch.iterdir()) == []
    with pool.browser(FLAGS, deadline=deadline) as browser:
        assert browser is not failed
        assert browser.is_alive()


def test_browser_that_died_idle_is_replaced(pool: BrowserPool, deadline: Deadline) -> None:
    """A warm browser that died meanwhile is not handed out."""
    with pool.browser(FLAGS, deadline=deadline) as first:
        pass
    kill(first)
    with pool.browser(FLAGS, deadline=deadline) as second:
        assert second is not first
        assert second.is_alive()


def test_capacity_bounds_the_browsers_in_use(pool: BrowserPool, deadline: Deadline) -> None:
    """Who comes when all browsers are in use waits, at most until its deadline."""
    with (
        pool.browser(FLAGS, deadline=deadline),
        pytest.raises(CHUNK_DEADLINE_EXCEEDED, match="a free browser"),
        pool.browser(FLAGS, deadline=Deadline(0.01)),
    ):
        pass


def test_waiting_user_gets_the_browser_that_becomes_free(pool: BrowserPool, deadline: Deadline) -> None:
    """A browser that is given back goes to who waits for it."""
    pids: list[int] = []

    def use() -> None:
        with pool.browser(FLAGS, deadline=deadline) as browser:
            pids.append(browser.pid)

    with pool.browser(FLAGS, deadline=deadline) as first:
        thread = threading.Thread(target=use)
        thread.start()
        assert pids == []
    thread.join()
    assert pids == [first.pid]


def test_browser_that_cannot_start_frees_its_place(tmp_path: Path, deadline: Deadline) -> None:
    """A failed launch does not use up the capacity."""
    pool = BrowserPool(lambda: tmp_path / "none", tmp_path / "scratch", 1)
    for _ in range(2):
        with pytest.raises(BROWSER_UNAVAILABLE), pool.browser(FLAGS, deadline=deadline):
            pass


def test_closing_stops_idle_browsers(pool: BrowserPool, scratch: Path, deadline: Deadline) -> None:
    """A closed pool leaves no browser and no folder, and can be used again."""
    with pool.browser(FLAGS, deadline=deadline):
        pass
    pool.close()
    assert list(scratch.iterdir()) == []
    with pool.browser(FLAGS, deadline=deadline) as browser:
        assert browser.is_alive()


def test_a_browser_ordered_ahead_is_the_next_users(pool: BrowserPool, scratch: Path, deadline: Deadline) -> None:
    """It is started once, however often it is ordered, and handed out as any other."""
    for _ in range(3):
        pool.warm(FLAGS, deadline=deadline)
    with pool.browser(FLAGS, deadline=deadline) as browser:
        assert browser.is_alive()
        assert len(list(scratch.iterdir())) == 1
        pool.warm(FLAGS, deadline=deadline)  # the only one there may be is in use
    pool.warm(FLAGS, deadline=deadline)  # and is idle now
    with pool.browser(FLAGS, deadline=deadline) as again:
        assert again is browser
    assert len(list(scratch.iterdir())) == 1


def test_a_browser_ordered_ahead_may_have_died(pool: BrowserPool, deadline: Deadline) -> None:
    """It is not handed out."""
    pool.warm(FLAGS, deadline=deadline)
    first = pool._coming.result()  # type: ignore[union-attr] # nobody else learns of it before it is handed out
    kill(first)
    with pool.browser(FLAGS, deadline=deadline) as browser:
        assert browser is not first
        assert browser.is_alive()


def test_an_order_that_cannot_be_taken_frees_its_place(pool: BrowserPool, deadline: Deadline) -> None:
    """Where no thread can be started, a browser can still be had."""
    pool._starter.shutdown()
    with pytest.raises(RuntimeError):
        pool.warm(FLAGS, deadline=deadline)
    with pool.browser(FLAGS, deadline=Deadline(10)) as browser:
        assert browser.is_alive()


def test_a_browser_ordered_with_other_flags_goes(pool: BrowserPool, scratch: Path, deadline: Deadline) -> None:
    """Nobody else will want it, and it would keep its memory."""
    pool.warm(["--other"], deadline=deadline)
    with pool.browser(FLAGS, deadline=deadline) as browser:
        assert browser.flags == tuple(FLAGS)
        assert len(list(scratch.iterdir())) == 1


def test_closing_stops_a_browser_on_its_way(pool: BrowserPool, scratch: Path, deadline: Deadline) -> None:
    """Nobody will come for it."""
    pool.warm(FLAGS, deadline=deadline)
    pool.close()
    assert list(scratch.iterdir()) == []


def test_who_needs_a_browser_learns_why_none_starts(tmp_path: Path, deadline: Deadline) -> None:
    """The one ordered ahead failed unseen."""
    pool = BrowserPool(lambda: tmp_path / "none", tmp_path / "scratch", 1)
    pool.warm(FLAGS, deadline=deadline)
    with pytest.raises(BROWSER_UNAVAILABLE), pool.browser(FLAGS, deadline=deadline):
        pass
