"""Signals that ask for an end, turned into a cancelled deadline."""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from hf_lambda.deadline import Deadline

_UNTOUCHED = (signal.default_int_handler, signal.SIG_DFL)


@contextmanager
def cancelled_by(deadline: Deadline, *signals: signal.Signals) -> Iterator[None]:
    """Inside, these signals cancel `deadline`, and nothing else: the work stops where it checks, and tidies up
    undisturbed. Signals that whoever started us wants handled otherwise are left alone.

    KeyboardInterrupt would not do. The system may hand the signal to any thread, and then a main thread that waits
    for the others never hears of it; where it does hear, it may be anywhere, between a resource and its release too.
    """
    watched = {number for number in signals if signal.getsignal(number) in _UNTOUCHED}
    if not watched:
        yield
        return
    is_over, is_interrupted = threading.Event(), threading.Event()

    def watch() -> None:
        while signal.sigwait(watched) and not is_over.is_set():
            is_interrupted.set()
            deadline.cancel()

    mask = signal.pthread_sigmask(signal.SIG_BLOCK, watched)  # every thread that begins inside inherits it
    watcher = threading.Thread(target=watch, name="interrupt", daemon=True)
    watcher.start()
    assert watcher.ident is not None
    try:
        yield
    finally:
        is_over.set()
        signal.pthread_kill(watcher.ident, min(watched))  # so that it looks
        watcher.join()
        if not is_interrupted.is_set():  # else the process is about to end, and another Ctrl-C changes nothing
            signal.pthread_sigmask(signal.SIG_SETMASK, mask)
