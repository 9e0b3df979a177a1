import pytest

from hf_lambda.composition.google_fonts import characters_of, is_font_service, without_families


@pytest.mark.parametrize(
    "url",
    [
        "https://fonts.googleapis.com/css2?family=Inter:wght@400;700&family=Playfair+Display:ital@1&display=swap",
        "https://fonts.googleapis.com/css?family=Roboto:400,700|Open+Sans",
    ],
)
def test_both_forms_of_the_service_are_known(url: str) -> None:
    """Its stylesheets have an older and a newer form of address."""
    assert is_font_service(url)


@pytest.mark.parametrize(
    "url", ["https://fonts.gstatic.com/s/a.woff2", "https://example.com/css2?family=Inter", "css2"]
)
def test_other_urls_are_no_font_service(url: str) -> None:
    """Font files, and other hosts, are ordinary files."""
    assert not is_font_service(url)


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("css2?family=Inter&family=Foo:wght@400;700&display=swap", "css2?family=Foo:wght@400;700&display=swap"),
        ("css?family=Inter|Foo+Bar:400,700", "css?family=Foo+Bar:400,700"),
        ("css2?family=Inter:ital,wght@0,400;1,700&display=swap", None),
        ("css2", None),
    ],
)
def test_known_families_are_taken_out(query: str, expected: str | None) -> None:
    """What is bundled is not asked for; where all is, there is nothing to ask."""
    base = "https://fonts.googleapis.com/"
    found = without_families(base + query, lambda name: name == "Inter")
    assert found == (None if expected is None else base + expected)


def test_characters_are_found_in_every_spelling() -> None:
    """Plain, HTML, JavaScript, JSON and CSS spellings count, pairs of surrogates too, and ASCII always."""
    texts = ["ü", "&#20013;&eacute;", r"'\u6587' '\u{1f600}'", r'"\ud83c\udf89"', r"content: '\2713'"]
    found = characters_of(texts)
    assert {ord(character) for character in "ü中é文😀🎉✓aZ~ "} <= found
    assert ord("日") not in found


def test_lone_surrogates_are_survived() -> None:
    """A half of a pair is no character, and no error."""
    assert ord("a") in characters_of([r"\ud83c"])
