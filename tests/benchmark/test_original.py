from bench.original import capture_mode, stage_seconds

LOG = """Streaming frame 300/300 (2 workers)
   563.2 KB · 10.0s video · rendered in 30.9s
   beginframe capture · software gpu · compile 0.3s · setup 1.8s · capture 28.6s · encode (during capture) 28.6s
"""


def test_stages_are_read_from_what_the_original_says() -> None:
    """Its stages follow one another; encoding during the capture is no time of its own."""
    assert stage_seconds(LOG) == {"compile": 0.3, "setup": 1.8, "capture": 28.6}
    assert stage_seconds("Render failed") == {}


def test_capture_is_read_from_what_the_original_says() -> None:
    """How it captured, and by how many workers."""
    assert capture_mode(LOG) == "beginframe, 2 workers"
