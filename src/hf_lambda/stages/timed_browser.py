"""A browser of the pool, with what it took to have one on the invocation's stopwatch."""

from collections.abc import Collection, Iterator, Sequence
from contextlib import ExitStack, contextmanager

from hf_lambda.capture.chromium import Browser
from hf_lambda.capture.flags import webgl_driver_of
from hf_lambda.capture.pool import BrowserPool
from hf_lambda.invocation import Invocation


def browser_packs(flags: Collection[str]) -> tuple[str, ...]:
    """The tools that a browser with `flags` consists of."""
    return ("chromium", "mesa") if webgl_driver_of(flags) == "mesa" else ("chromium",)


@contextmanager
def timed_browser(browsers: BrowserPool, flags: Sequence[str], invocation: Invocation) -> Iterator[Browser]:
    """A browser for the length of the block: `Unpack` is its packs, `Launch` its start, or the wait for one.

    Raises:
        BROWSER_CRASHED: the process that draws died meanwhile, after which pictures may lack something.
    """
    watch = invocation.stopwatch
    with ExitStack() as stack:
        with watch.part("Unpack"):
            invocation.toolchain.unpack(*browser_packs(flags))
        with watch.part("Launch"):
            browser = stack.enter_context(browsers.browser(flags, deadline=invocation.deadline))
        stack.enter_context(browser.drawn_by_one_process(deadline=invocation.deadline))
        yield browser
