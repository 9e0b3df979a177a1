"""Runtimes in authors' files."""

import pytest

from hf_lambda.composition.embedded_runtime import strip_embedded_runtimes

LONG = "x" * 60_000


@pytest.mark.parametrize(
    "script",
    [
        '<script src="vendor/hyperframe.runtime.iife.js"></script>',
        '<SCRIPT SRC="https://cdn.example/@hyperframes/core@0.8/dist/hyperframe.runtime.iife.js?v=2"></SCRIPT>',
        '<script data-hyperframes-preview-runtime="1">anything()</script>',
        "<script> window.__playerReady = true; window.__renderReady=false </script>",
        f"<script>e.__hyperframeRuntimeBootstrapped=!0;{LONG}</script>",
    ],
)
def test_runtimes_are_taken_out(script: str) -> None:
    """By file name, by mark, by being nothing but its flags, by its own first act."""
    assert strip_embedded_runtimes(f"<p>a</p>{script}<p>b</p>") == "<p>a</p><p>b</p>"


@pytest.mark.parametrize(
    "script",
    [
        "<script>if (window.__playerReady) start()</script>",
        "<script>window.__playerReady = true; start()</script>",
        '<script>const file = "hyperframe.runtime.iife.js"</script>',
        '<script src="my-hyperframe.runtime.iife.js.map.js"></script>',
        f"<script>if (e.__hyperframeRuntimeBootstrapped) run();{LONG}</script>",
        "<script></script>",
        "<!-- <script data-hyperframes-preview-runtime></script> -->",
    ],
)
def test_scripts_that_only_mention_it_stay(script: str) -> None:
    """Authors may wait for the player, or speak of it."""
    assert strip_embedded_runtimes(script) == script
