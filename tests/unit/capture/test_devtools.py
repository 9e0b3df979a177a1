import fcntl
import os
import resource
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from hf_lambda.capture.devtools import DevTools
from hf_lambda.deadline import Deadline
from hf_lambda.errors import BROWSER_CRASHED, BROWSER_PROTOCOL_ERROR, CHUNK_DEADLINE_EXCEEDED, RENDER_CANCELLED
from hf_lambda.processes import PipedProcess, scrubbed_environment
from tests.unit.doubles import StandingClock, write_fake_browser

LARGE = "x" * 300_000
"""More than a pipe holds."""


@pytest.fixture
def process(tmp_path: Path) -> Iterator[PipedProcess]:
    """A running fake browser."""
    program = write_fake_browser(tmp_path / "browser")
    process = PipedProcess([program], env=scrubbed_environment(), stderr_path=tmp_path / "stderr")
    yield process
    process.kill()


@pytest.fixture
def devtools(process: PipedProcess) -> DevTools:
    """A connection to the fake browser."""
    return DevTools(process)


@pytest.fixture
def deadline() -> Deadline:
    """More time than any test needs."""
    return Deadline(60)


class Listener:
    """Remembers events."""

    def __init__(self) -> None:
        self.heard: list[tuple[str, dict[str, Any]]] = []

    def __call__(self, method: str, params: dict[str, Any]) -> None:
        """Hear one event."""
        self.heard.append((method, params))


def test_call_gives_the_result(devtools: DevTools, deadline: Deadline) -> None:
    """A command's result comes back with all its values."""
    params: dict[str, Any] = {"number": 1, "half": 0.5, "text": "ü", "list": [1, None, True], "object": {"a": {}}}
    assert devtools.call("Fake.echo", deadline=deadline, **params) == params


def test_calls_follow_one_another(devtools: DevTools, deadline: Deadline) -> None:
    """Each call gets its own answer."""
    answers = [devtools.call("Fake.echo", deadline=deadline, n=n)["n"] for n in range(20)]
    assert answers == list(range(20))


def test_message_larger_than_the_pipe_arrives_whole(devtools: DevTools, deadline: Deadline) -> None:
    """Messages are written and read in as many pieces as it takes."""
    assert devtools.call("Fake.echo", deadline=deadline, text=LARGE) == {"text": LARGE}


@pytest.fixture
def many_files() -> Iterator[None]:
    """Leave to have more files open than is usual."""
    limits = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (limits[1], limits[1]))
    yield
    resource.setrlimit(resource.RLIMIT_NOFILE, limits)


@pytest.mark.usefixtures("many_files")
def test_descriptors_may_have_any_number(process: PipedProcess, deadline: Deadline) -> None:
    """A program that has a thousand files open can have browsers, too."""
    for name in ("to_child", "from_child"):
        low = getattr(process, name)
        setattr(process, name, fcntl.fcntl(low, fcntl.F_DUPFD_CLOEXEC, 1024))
        os.close(low)
    assert DevTools(process).call("Fake.echo", deadline=deadline, text=LARGE) == {"text": LARGE}


def test_answer_may_arrive_byte_by_byte(devtools: DevTools, deadline: Deadline) -> None:
    """A message is read when its last byte has come."""
    assert devtools.call("Fake.dribble", deadline=deadline, a=[1, 2]) == {"a": [1, 2]}


def test_session_travels_with_the_command(devtools: DevTools, deadline: Deadline) -> None:
    """A command for a page names its session, one for the browser names none."""
    page = devtools.call("Fake.describe", deadline=deadline, session_id="S1")["message"]
    browser = devtools.call("Fake.describe", deadline=deadline)["message"]
    assert page["sessionId"] == "S1"
    assert "sessionId" not in browser


def test_answers_may_come_in_another_order(devtools: DevTools, deadline: Deadline) -> None:
    """An answer belongs to its number, not to its place."""
    first = devtools.send("Fake.swap", deadline=Deadline(10), n=1)
    second = devtools.send("Fake.release", deadline=Deadline(10), n=2)
    assert devtools.wait(first, "Fake.swap", deadline=deadline) == {"n": 1}
    assert devtools.wait(second, "Fake.release", deadline=deadline) == {"n": 2}


def test_commands_of_one_call_do_not_wait_for_one_another(devtools: DevTools) -> None:
    """The first is answered only when the second has come; a refusal among them is an error that names it."""
    devtools.call_all([("Fake.swap", {"n": 1}), ("Fake.release", {"n": 2})], deadline=Deadline(10))
    with pytest.raises(BROWSER_PROTOCOL_ERROR, match=r"Fake\.refuse"):
        devtools.call_all([("Fake.echo", {}), ("Fake.refuse", {}), ("Fake.echo", {})], deadline=Deadline(10))
    assert devtools.call("Fake.echo", deadline=Deadline(10), n=3) == {"n": 3}


def test_answer_is_handed_out_once(devtools: DevTools, deadline: Deadline) -> None:
    """An answer that was taken is gone, and one that has not come is None."""
    number = devtools.send("Fake.echo", deadline=Deadline(10), n=1)
    assert devtools.take(number) is None
    devtools.call("Fake.echo", deadline=deadline)
    assert devtools.take(number) == {"id": number, "result": {"n": 1}}
    assert devtools.take(number) is None


def test_event_reaches_the_listener_of_its_session(devtools: DevTools, deadline: Deadline) -> None:
    """Events go to who listens to their session, and to nobody else."""
    page, other, browser = Listener(), Listener(), Listener()
    devtools.listen("S1", page)
    devtools.listen("S2", other)
    devtools.listen(None, browser)
    devtools.call("Fake.event", deadline=deadline, session_id="S1", n=1)
    devtools.call("Fake.event", deadline=deadline, n=2)
    assert page.heard == [("Fake.happened", {"n": 1})]
    assert other.heard == []
    assert browser.heard == [("Fake.happened", {"n": 2})]


def test_event_without_listener_is_dropped(devtools: DevTools, deadline: Deadline) -> None:
    """Events of a session that nobody listens to any more do no harm."""
    page = Listener()
    devtools.listen("S1", page)
    devtools.listen("S1", None)
    devtools.listen("S1", None)
    assert devtools.call("Fake.event", deadline=deadline, session_id="S1", n=1) == {"n": 1}
    assert page.heard == []


def test_listener_may_end_the_wait(devtools: DevTools, deadline: Deadline) -> None:
    """What a listener raises ends the call, and the connection goes on."""

    def fail(method: str, params: dict[str, Any]) -> None:
        raise BROWSER_CRASHED("the page crashed")

    devtools.listen(None, fail)
    with pytest.raises(BROWSER_CRASHED, match="the page crashed"):
        devtools.call("Fake.event", deadline=deadline)
    assert devtools.call("Fake.echo", deadline=deadline, n=1) == {"n": 1}


def test_refused_command_is_a_protocol_error(devtools: DevTools, deadline: Deadline) -> None:
    """An error answer names the command and what the browser said."""
    with pytest.raises(BROWSER_PROTOCOL_ERROR, match=r"^Fake\.refuse: no such thing"):
        devtools.call("Fake.refuse", deadline=deadline)


@pytest.mark.parametrize("code", [0, 7])
def test_browser_that_ends_is_a_crash(devtools: DevTools, deadline: Deadline, code: int) -> None:
    """A browser that ends during a call is named with its last words."""
    with pytest.raises(BROWSER_CRASHED, match=r"during Fake\.exit; it said: last words"):
        devtools.call("Fake.exit", deadline=deadline, code=code)


def test_killed_browser_is_a_crash(process: PipedProcess, devtools: DevTools, deadline: Deadline) -> None:
    """A browser that is killed while a call waits is a crash."""
    devtools.call("Fake.echo", deadline=deadline)
    number = devtools.send("Fake.silent", deadline=Deadline(10))
    os.kill(process.pid, signal.SIGKILL)
    with pytest.raises(BROWSER_CRASHED, match=r"during Fake\.silent"):
        devtools.wait(number, "Fake.silent", deadline=deadline)


def test_command_to_a_browser_that_ended_is_a_crash(devtools: DevTools, deadline: Deadline) -> None:
    """Once the browser is gone nothing can be sent to it."""
    with pytest.raises(BROWSER_CRASHED):
        devtools.call("Fake.exit", deadline=deadline, code=3)
    with pytest.raises(BROWSER_CRASHED, match=r"during Fake\.echo"):
        devtools.call("Fake.echo", deadline=deadline, text=LARGE)


def test_bytes_of_another_protocol_are_an_error_of_the_table(devtools: DevTools, deadline: Deadline) -> None:
    """A browser that does not speak the dialect is a protocol error."""
    with pytest.raises(BROWSER_PROTOCOL_ERROR):
        devtools.call("Fake.garbage", deadline=deadline)


def test_wait_ends_with_the_deadline(devtools: DevTools) -> None:
    """A command that is never answered ends when the invocation's time does."""
    with pytest.raises(CHUNK_DEADLINE_EXCEEDED, match=r"waiting for Fake\.silent"):
        devtools.call("Fake.silent", deadline=Deadline(0.05))


def test_wait_does_not_begin_after_the_deadline(devtools: DevTools) -> None:
    """Without time left nothing is waited for."""
    clock = StandingClock()
    deadline = Deadline(1, clock=clock)
    clock.now += 2
    with pytest.raises(CHUNK_DEADLINE_EXCEEDED):
        devtools.call("Fake.echo", deadline=deadline)


def test_wait_ends_when_the_render_is_cancelled(devtools: DevTools, deadline: Deadline) -> None:
    """A cancelled render does not wait for its browser."""
    number = devtools.send("Fake.silent", deadline=Deadline(10))
    deadline.cancel()
    with pytest.raises(RENDER_CANCELLED):
        devtools.wait(number, "Fake.silent", deadline=deadline)


def test_sending_to_a_browser_that_does_not_read_ends_with_the_deadline(devtools: DevTools) -> None:
    """A browser that hangs cannot hold a lane by leaving its pipe full."""
    devtools.call("Fake.deaf", deadline=Deadline(60), seconds=2)
    with pytest.raises(CHUNK_DEADLINE_EXCEEDED):
        devtools.call("Fake.echo", deadline=Deadline(0.05), text=LARGE)


def test_pump_without_news_returns(devtools: DevTools) -> None:
    """Reading when nothing has come is no error."""
    number = devtools.send("Fake.silent", deadline=Deadline(10))
    devtools.pump(0.0, "testing")
    assert devtools.take(number) is None


def test_a_bounded_wait_gives_the_answer_or_nothing(devtools: DevTools, deadline: Deadline) -> None:
    """What arrives in time is handed out raw; what does not is None, and no error."""
    number = devtools.send("Fake.echo", deadline=deadline, n=1)
    answer = devtools.wait_at_most(number, 30, "Fake.echo", deadline=deadline)
    assert answer is not None
    assert answer["result"] == {"n": 1}
    assert devtools.wait_at_most(number + 1, 0.05, "Fake.never", deadline=deadline) is None
