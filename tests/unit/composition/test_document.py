from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hf_lambda.composition.document import Root, insert_into_head, read_number, read_root
from hf_lambda.errors import COMPOSITION_ROOT_MISSING, COMPOSITION_SIZE_OUT_OF_RANGE

ROOT = '<div data-composition-id="main" data-width="640" data-height="360" data-duration="5"></div>'


def read(attributes: str) -> Root:
    """The root of a document whose root element has these attributes."""
    return read_root(f'<!doctype html><body><div data-composition-id="main" {attributes}></div>', "index.html")


def test_root_is_read_from_its_attributes() -> None:
    """Name, size and duration stand on the root element."""
    assert read_root(f"<html><body>{ROOT}</body></html>", "index.html") == Root("main", 640, 360, 5.0)


def test_size_defaults_to_portrait() -> None:
    """A root without a size is a portrait one, without a duration it has none."""
    assert read("") == Root("main", 1080, 1920, None)


@pytest.mark.parametrize("html", ["", "<p>text</p>", '<!-- <div data-composition-id="a"></div> -->', "<<<>>>"])
def test_document_without_a_root_is_named(html: str) -> None:
    """A document without a composition is refused by its name."""
    with pytest.raises(COMPOSITION_ROOT_MISSING, match=r"scenes/a\.html has no element"):
        read_root(html, "scenes/a.html")


def test_first_composition_is_the_root() -> None:
    """Of several compositions the first is the root …"""
    html = '<div data-composition-id="a"><div data-composition-id="b"></div></div>'
    assert read_root(html, "index.html").composition_id == "a"


def test_marked_root_wins() -> None:
    """… unless another is marked as the root."""
    html = '<div data-composition-id="a"></div><div data-composition-id="b" data-root="true"></div>'
    assert read_root(html, "index.html").composition_id == "b"


def test_composition_may_be_nameless() -> None:
    """The attribute alone makes a composition."""
    assert read_root("<div data-composition-id></div>", "index.html").composition_id == ""


@pytest.mark.parametrize(
    ("text", "width"),
    [("640", 640), (" 640px", 640), ("640.9", 640), ("+640", 640), ("", 1080), ("wide", 1080), ("7680", 7680)],
)
def test_size_is_read_as_browsers_parse_integers(text: str, width: int) -> None:
    """Leading digits count, what follows does not, and no digits mean the default."""
    assert read(f'data-width="{text}"').width == width


@pytest.mark.parametrize("text", ["0", "-640", "641", "14", "7682", "1e3", "9" * 40, "9" * 5000])
@pytest.mark.parametrize("attribute", ["data-width", "data-height"])
def test_size_that_cannot_be_rendered_is_refused(attribute: str, text: str) -> None:
    """Odd, small and large sizes are refused with the attribute's name."""
    with pytest.raises(COMPOSITION_SIZE_OUT_OF_RANGE, match=attribute):
        read(f'{attribute}="{text}"')


@pytest.mark.parametrize(
    ("attributes", "duration"),
    [
        ('data-duration="2.5"', 2.5),
        ('data-composition-duration="3"', 3.0),
        ('data-duration="2" data-composition-duration="3"', 2.0),
        ('data-duration="auto" data-composition-duration="3"', 3.0),
        ('data-duration="0"', 0.0),
        ('data-duration="-1"', -1.0),
        ('data-duration="Infinity"', None),
        ("data-duration", None),
    ],
)
def test_duration_may_be_declared_in_two_ways(attributes: str, duration: float | None) -> None:
    """The first attribute that holds a number is the duration; checks come later."""
    assert read(attributes).duration_seconds == duration


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("5", 5.0),
        (" 5.5 ", 5.5),
        ("\n-2", -2.0),
        ("+.5", 0.5),
        ("5.", 5.0),
        ("1e2", 100.0),
        ("1E-2", 0.01),
        ("", None),
        (None, None),
        ("5s", None),
        ("1,5", None),
        ("1_000", None),
        ("nan", None),
        ("inf", None),
        ("Infinity", None),
        ("1e999", None),
        ("--1", None),
        (".", None),
        ("e5", None),
    ],
)
def test_numbers_are_finite_and_plain(text: str | None, number: float | None) -> None:
    """Only what is a finite decimal number as a whole counts as one."""
    assert read_number(text) == number


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        ("<html><head><title>t</title></head><body>", "<html><head>[<title>t</title>]</head><body>"),
        ("<!DOCTYPE html><html lang=en><head></head>", "<!DOCTYPE html><html lang=en><head>[]</head>"),
        ("<HTML><HEAD CLASS='a>b'><title>t</title></HEAD>", "<HTML><HEAD CLASS='a>b'>[<title>t</title>]</HEAD>"),
        ("<!doctype html><html><body>x", "<!doctype html><html>[]<body>x"),
        ("<html><title>t</title><body>x", "<html>[<title>t</title>]<body>x"),
        ("<!doctype html><p>x", "<!doctype html>[]<p>x"),
        ("<p>x", "[]<p>x"),
        ("", "[]"),
        ("<html><head><title>t</title><body>x", "<html><head>[<title>t</title>]<body>x"),
        ("<!-- <head> --><html><head></head>", "<!-- <head> --><html><head>[]</head>"),
        ("<head><!-- </head> --><title>t</title></head>", "<head>[<!-- </head> --><title>t</title>]</head>"),
        ("<head><script>'</head>'</script></head>", "<head>[<script>'</head>'</script>]</head>"),
        ("<head><style>/*<body>*/</style></head>", "<head>[<style>/*<body>*/</style>]</head>"),
        ("<head>\n<title>ü</title>\r\n</head\n><body>", "<head>[\n<title>ü</title>\r\n]</head\n><body>"),
        ("<head></head><body><b></b><head></head></body>", "<head>[]</head><body><b></b><head></head></body>"),
        ("<header>x</header><html><head></head>", "<header>x</header><html><head>[]</head>"),
    ],
)
def test_text_goes_where_the_head_starts_and_ends(html: str, expected: str) -> None:
    """Tags count where a browser sees them, not in comments, scripts, styles or attributes."""
    assert insert_into_head(html, at_start="[", at_end="]") == expected


PIECES = st.sampled_from(
    [
        "<!doctype html>",
        "<html>",
        "<head>",
        "</head>",
        "<body>",
        "</body>",
        "<script>",
        "</script>",
        "<style>",
        "</style>",
        "<!--",
        "-->",
        "<p a='",
        "'>",
        "text",
        "\n",
        "\r\n",
        "&amp;",
        "ü",
        "<",
        ">",
        "</",
        "<![CDATA[",
        "<?x",
        "<!",
    ]
)


@given(st.lists(PIECES | st.text(max_size=5), max_size=12).map("".join))
def test_insertion_adds_and_changes_nothing(html: str) -> None:
    """The author's text stays as it is, however broken; the two additions are all that is new."""
    start, end = "\ue000", "\ue001"
    html = html.replace(start, "").replace(end, "")
    done = insert_into_head(html, at_start=start, at_end=end)
    assert (done.count(start), done.count(end)) == (1, 1)
    assert done.index(start) < done.index(end)
    assert done.replace(start, "").replace(end, "") == html


@given(st.text(max_size=40))
def test_any_attribute_value_is_read_or_refused(text: str) -> None:
    """Whatever stands in the root's attributes, the outcome is a root or an error of the table."""
    value = text.replace('"', "")
    try:
        root = read(f'data-width="{value}" data-duration="{value}"')
    except COMPOSITION_SIZE_OUT_OF_RANGE:
        return
    assert root.width % 2 == 0


@pytest.mark.parametrize(
    ("declared", "fps"),
    [("24", 24), ("30000/1001", Fraction(30000, 1001)), (" 29.97 ", Fraction(30000, 1001)), ("31", None), ("", None)],
)
def test_declared_frame_rate_is_read_where_it_can_be_rendered(declared: str, fps: Fraction | None) -> None:
    """A root may declare its frame rate; what cannot be rendered counts as undeclared."""
    assert read_root(f'<div data-composition-id="a" data-fps="{declared}"></div>', "index.html").fps == fps
