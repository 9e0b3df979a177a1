from pathlib import Path

import pytest

from tests.unit.composition.lint.projects import codes, page


@pytest.mark.parametrize(
    ("code", "script"),
    [
        ("network_request", 'fetch("https://example.com/data")'),
        ("network_request", "const r = await fetch(`https://example.com/${id}`)"),
        ("network_request", "new WebSocket('wss://example.com')"),
        ("network_request", 'new EventSource("//example.com/events")'),
        ("network_request", 'const x = new XMLHttpRequest(); x.open("GET", "http://example.com/")'),
        ("remote_script", 'import("https://esm.sh/d3")'),
        ("remote_asset_in_script", 'image.src = "https://example.com/a.png?w=9"'),
        ("live_map", 'const map = new mapboxgl.Map({ container: "m" })'),
        ("live_map", 'L.map("m")'),
        ("webgpu", "const adapter = await navigator.gpu.requestAdapter()"),
    ],
)
def test_run_time_network_is_found(tmp_path: Path, code: str, script: str) -> None:
    """What pages fetch by themselves gives its one code."""
    assert codes(tmp_path, page(script=script)) == [code]


def test_remote_script_elements_and_imports_are_found(tmp_path: Path) -> None:
    """A script element and a module's import from another server are both named."""
    head = '<script src="https://cdn.example.com/x.js"></script>'
    inner = '<script type="module">import { a } from "https://cdn.example.com/y.js"; a()</script>'
    assert codes(tmp_path, page(inner, head=head)) == ["remote_script"] * 2


@pytest.mark.parametrize(
    "script",
    [
        'fetch("data.json"); fetch(url); fetch("/data.json")',
        '// fetch("https://example.com/a.json")\nconst link = "https://example.com/about"',
        'const svg = "http://www.w3.org/2000/svg"',
        'cache.fetch(1); dialog.open("a", "https://example.com/")',
        'const text = "see https://example.com/a.png for more"',
    ],
)
def test_addresses_that_are_not_loaded_are_left_alone(tmp_path: Path, script: str) -> None:
    """Local files, names and links give nothing."""
    assert codes(tmp_path, page(script=script)) == []
