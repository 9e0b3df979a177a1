"""SVG ids that two mounts share."""

from hf_lambda.composition.markup import scan_elements
from hf_lambda.composition.svg_ids import rename_shared_ids, svg_changes, with_renamed

SVG = '<svg><linearGradient id="g"/><rect id="r" fill="url(#g)" style="stroke:url(#g)"/><use href="#r"/></svg>'


def rename(html: str, taken: set[str], css: str = "") -> dict[str, str]:
    """What is renamed for mount m."""
    return rename_shared_ids(scan_elements(html), [css], taken, "m")


def test_shared_ids_that_something_refers_to_are_renamed() -> None:
    """By paint, by style, by href or by a stylesheet."""
    assert rename(SVG, {"g", "r"}) == {"g": "g__m", "r": "r__m"}
    assert rename('<svg><clipPath id="c"/></svg>', {"c"}, "p{clip-path:url(#c)}") == {"c": "c__m"}


def test_other_ids_stay() -> None:
    """Ids that nobody has yet, that nothing refers to, or of elements that are not SVG."""
    assert rename(SVG, {"x"}) == {}
    assert rename('<svg><rect id="r"/></svg>', {"r"}) == {}
    assert rename('<p id="p"></p><a href="#p"></a>', {"p"}) == {}


def test_elements_follow() -> None:
    """An element keeps its author's id as another attribute; paint that refers to renamed ids changes."""
    renamed = {"g": "g__m"}
    gradient, rect = (svg_changes(element, renamed, "was") for element in scan_elements(SVG)[1:3])
    assert gradient == {"id": "g__m", "was": "g"}
    assert rect == {"fill": 'url("#g__m")'}


def test_addresses_follow() -> None:
    """Fragments of renamed ids; everything else is rewritten as before."""
    rewrite = with_renamed({"g": "g__m"}, str.upper)
    assert [rewrite(url) for url in ("#g", "#h", "a.png")] == ["#g__m", "#H", "A.PNG"]
