import threading

import pytest

from hf_lambda.deadline import Deadline
from hf_lambda.errors import BROWSER_CRASHED, HfLambdaError
from hf_lambda.parallel import run_both, run_in_lanes


class Meter:
    """Counts how many threads are inside at the same time."""

    def __init__(self) -> None:
        self.most = 0
        self._inside = 0
        self._lock = threading.Lock()

    def __call__(self, piece: int, deadline: Deadline) -> int:
        """Work on one piece for a moment."""
        with self._lock:
            self._inside += 1
            self.most = max(self.most, self._inside)
        threading.Event().wait(0.002)
        with self._lock:
            self._inside -= 1
        return piece


@pytest.mark.parametrize("lanes", [1, 2, 5, 50])
def test_results_come_in_the_order_of_the_pieces(lanes: int) -> None:
    """However many lanes work, results stand where their pieces stood."""
    squares = run_in_lanes(range(20), lambda piece, _: piece * piece, lanes=lanes, deadline=Deadline(30))
    assert squares == [n * n for n in range(20)]


def test_nothing_to_do_gives_nothing() -> None:
    """No pieces, no results."""
    pieces: list[int] = []
    assert run_in_lanes(pieces, lambda piece, _: piece, lanes=3, deadline=Deadline(30)) == []


@pytest.mark.parametrize("lanes", [1, 3])
def test_lanes_bound_what_runs_at_a_time(lanes: int) -> None:
    """Never more pieces are at work than there are lanes."""
    meter = Meter()
    run_in_lanes(range(12), meter, lanes=lanes, deadline=Deadline(30))
    assert meter.most <= lanes


def test_lanes_work_side_by_side() -> None:
    """Two lanes meet, which one after the other never could."""
    barrier = threading.Barrier(2, timeout=10)
    assert sorted(run_in_lanes([0, 1], lambda *_: barrier.wait(), lanes=2, deadline=Deadline(30))) == [0, 1]


def test_error_of_a_piece_is_raised_as_it_is() -> None:
    """The error of a piece reaches the caller unchanged."""

    def work(piece: int, deadline: Deadline) -> int:
        if piece == 3:
            raise BROWSER_CRASHED("lane 3")
        return piece

    with pytest.raises(HfLambdaError) as caught:
        run_in_lanes(range(6), work, lanes=2, deadline=Deadline(30))
    assert isinstance(caught.value, BROWSER_CRASHED)
    assert caught.value.cause == "lane 3"


def test_error_stops_what_has_not_begun() -> None:
    """After an error, pieces that wait for a lane are not begun."""
    begun: list[int] = []

    def work(piece: int, deadline: Deadline) -> None:
        begun.append(piece)
        if piece == 0:
            raise ZeroDivisionError
        threading.Event().wait(0.02)

    with pytest.raises(ZeroDivisionError):
        run_in_lanes(range(200), work, lanes=1, deadline=Deadline(30))
    assert len(begun) < 200


def test_error_stops_the_other_lanes_at_once() -> None:
    """A lane in the middle of its work sees its deadline cancelled when another fails; the caller's own is not."""
    deadline = Deadline(60)
    seen: list[bool] = []
    begun = threading.Event()

    def work(piece: int, shared: Deadline) -> None:
        if piece == 0:
            begun.wait(10)
            raise BROWSER_CRASHED("lane 0")
        begun.set()
        while not shared.is_cancelled():
            threading.Event().wait(0.002)
        seen.append(True)
        shared.check("working")

    with pytest.raises(BROWSER_CRASHED):
        run_in_lanes([0, 1], work, lanes=2, deadline=deadline)
    assert seen == [True]
    assert not deadline.is_cancelled()


def test_two_pieces_are_done_side_by_side() -> None:
    """Each waits for the other, and both results come, of whatever kind."""
    barrier = threading.Barrier(2, timeout=30)

    def first(_: Deadline) -> str:
        barrier.wait()
        return "one"

    def second(_: Deadline) -> int:
        barrier.wait()
        return 2

    assert run_both(first, second, deadline=Deadline(30)) == ("one", 2)


@pytest.mark.parametrize("fails_first", [True, False])
def test_an_error_of_either_stops_the_other(fails_first: bool) -> None:
    """The other hears of it by its deadline."""
    is_going, heard = threading.Event(), threading.Event()

    def fail(_: Deadline) -> None:
        is_going.wait(30)
        raise BROWSER_CRASHED("gone")

    def go_on(deadline: Deadline) -> None:
        is_going.set()
        try:
            while True:
                threading.Event().wait(deadline.timeout(0.01, "waiting"))
        except HfLambdaError:
            heard.set()
            raise

    pieces = (fail, go_on) if fails_first else (go_on, fail)
    with pytest.raises(BROWSER_CRASHED):
        run_both(*pieces, deadline=Deadline(30))
    assert heard.is_set()
