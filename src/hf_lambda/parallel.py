"""Works on several pieces at a time, in threads, until all are done or one fails."""

from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_EXCEPTION, Future, ThreadPoolExecutor, wait
from typing import TypeVar

from hf_lambda.deadline import Deadline

Piece = TypeVar("Piece")
Done = TypeVar("Done")
First = TypeVar("First")
Second = TypeVar("Second")


def run_in_lanes(
    pieces: Sequence[Piece], work: Callable[[Piece, Deadline], Done], *, lanes: int, deadline: Deadline
) -> list[Done]:
    """The results of `work` for all pieces, in their order; the first error stops all the others at once.

    `work` takes its piece and the deadline that carries that stop.
    """
    shared = deadline.within()
    with ThreadPoolExecutor(max_workers=max(1, min(lanes, len(pieces))), thread_name_prefix="lane") as executor:
        futures: list[Future[Done]] = [executor.submit(work, piece, shared) for piece in pieces]
        try:
            done, _ = wait(futures, return_when=FIRST_EXCEPTION)
            for future in futures:
                if future in done:  # the others may end with the cancellation that this error causes
                    future.result()
        except BaseException:
            shared.cancel()
            executor.shutdown(wait=True, cancel_futures=True)
            raise
    return [future.result() for future in futures]


def run_both(
    first: Callable[[Deadline], First], second: Callable[[Deadline], Second], *, deadline: Deadline
) -> tuple[First, Second]:
    """The results of two different pieces of work, done side by side; an error of one stops the other at once."""
    firsts: list[First] = []
    seconds: list[Second] = []
    pieces: list[Callable[[Deadline], None]] = [
        lambda shared: firsts.append(first(shared)),
        lambda shared: seconds.append(second(shared)),
    ]
    run_in_lanes(pieces, lambda piece, shared: piece(shared), lanes=len(pieces), deadline=deadline)
    return firsts[0], seconds[0]
