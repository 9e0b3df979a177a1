"""A browser of the pool, with what it took to have one on the invocation's stopwatch."""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager

from hf_lambda.capture.chromium import Browser
from hf_lambda.capture.pool import BrowserPool
from hf_lambda.invocation import Invocation


@contextmanager
def timed_browser(browsers: BrowserPool, flags: Sequence[str], invocation: Invocation) -> Iterator[Browser]:
    """A browser for the length of the block: `Unpack` is its pack, `Launch` its start, or the wait for one."""
    watch = invocation.stopwatch
    with ExitStack() as stack:
        with watch.part("Unpack"):
            _ = invocation.toolchain.chromium_dir
        with watch.part("Launch"):
            browser = stack.enter_context(browsers.browser(flags, deadline=invocation.deadline))
        yield browser
