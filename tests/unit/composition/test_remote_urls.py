import pytest

from hf_lambda.composition.css_urls import UrlKind
from hf_lambda.composition.remote_urls import absolute_url, local_path, suffix_for


@pytest.mark.parametrize(
    ("url", "base", "expected"),
    [
        (" https://h/a?b=1#c ", None, "https://h/a?b=1"),
        ("//h/a", None, "https://h/a"),
        ("HTTP://h/a", None, "HTTP://h/a"),
        ("a.png", None, None),
        ("/a.png", None, None),
        ("../a.png#x", "https://h/b/c.css", "https://h/a.png"),
        ("/a.png", "https://h/b/c.css", "https://h/a.png"),
        ("#a", "https://h/b", None),
        ("data:a", "https://h/b", None),
        ("blob:https://h/a", None, None),
        ("", "https://h/b", None),
        ("http://[broken", None, None),
    ],
)
def test_remote_urls_are_told_from_local_ones(url: str, base: str | None, expected: str | None) -> None:
    """A relative URL is remote only where the file that has it is."""
    assert absolute_url(url, base) == expected


@pytest.mark.parametrize(
    ("url", "holder", "expected"),
    [
        ("a%20b.png?v=1#x", "index.html", "a b.png"),
        ("a.png", "css/a.css", "css/a.png"),
        ("../../a.png", "css/a.css", "a.png"),
        ("/a.png", "css/a.css", "a.png"),
        ("#mask", "index.html", None),
        ("data:x", "index.html", None),
        ("//h/a", "index.html", None),
        ("{{name}}.png", "index.html", None),
        ("/__hf_lambda__/runtime.js", "index.html", None),
    ],
)
def test_local_urls_lead_to_paths_of_the_project(url: str, holder: str, expected: str | None) -> None:
    """A path starts at the file that has the URL and cannot leave the project; placeholders and ours are no paths."""
    assert local_path(url, holder) == expected


@pytest.mark.parametrize(
    ("url", "kind", "media_type", "expected"),
    [
        ("https://h/a", "script", "text/plain", ".js"),
        ("https://h/a.php", "style", "text/css", ".css"),
        ("https://h/a.jpg", "image", "image/webp", ".webp"),
        ("https://h/a.WOFF2?v", "font", "application/octet-stream", ".woff2"),
        ("https://h/a", "media", "", ".bin"),
        ("https://h/a.b-c", "media", "", ".bin"),
    ],
)
def test_suffix_tells_the_type(url: str, kind: UrlKind, media_type: str, expected: str) -> None:
    """What a file is for decides, then the server's word, then the URL."""
    assert suffix_for(url, kind, media_type) == expected
