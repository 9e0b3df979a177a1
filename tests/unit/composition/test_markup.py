import pytest

from hf_lambda.composition.markup import Edit, apply_edits, edit_start_tag, missing_end_tags, scan_elements


def test_offsets_cut_out_exactly_what_was_written() -> None:
    """Start tag, content and end tag lie where the offsets say, whatever the line ends."""
    html = '<!doctype html>\r\n<div  id="a"\n class=b>\r\n  <p>x<br>y</p>\n</div >\n'
    div = scan_elements(html)[0]
    assert html[div.start : div.inner_start] == '<div  id="a"\n class=b>'
    assert html[div.inner_start : div.inner_stop] == "\r\n  <p>x<br>y</p>\n"
    assert html[div.stop :] == "\n"


def test_tags_in_scripts_and_comments_are_no_elements() -> None:
    """Markup inside scripts, styles and comments is text."""
    html = "<script>'<div></div>'</script><!-- <p> --><style>a::before{content:'<i>'}</style>"
    assert [element.tag for element in scan_elements(html)] == ["script", "style"]


def test_end_tag_closes_elements_left_open() -> None:
    """An element without an end tag ends where its parent does."""
    html = "<div><p>a<span>b</div><i></i>"
    div, paragraph, span, italic = scan_elements(html)
    assert html[paragraph.inner_start : paragraph.stop] == "a<span>b"
    assert span.parent is paragraph
    assert div.contains(span)
    assert italic.parent is None


def test_end_tag_in_a_template_does_not_close_what_is_outside() -> None:
    """A template is a document of its own."""
    html = "<div><template></div><b></b></template><i></i></div>"
    italic = scan_elements(html)[-1]
    assert [ancestor.tag for ancestor in italic.ancestors()] == ["div"]


def test_slash_closes_in_svg_only() -> None:
    """Browsers read <div/> as an opening tag, and <circle/> as a whole element."""
    html = "<svg><circle/><g></g></svg><div/><p></p>"
    parents = {element.tag: element.parent and element.parent.tag for element in scan_elements(html)}
    assert parents == {"svg": None, "circle": "svg", "g": "svg", "div": None, "p": "div"}


def test_first_of_two_equal_attributes_counts() -> None:
    """As in browsers."""
    assert scan_elements('<p id="a" ID="b" hidden>')[0].attributes == {"id": "a", "hidden": ""}


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ('"?zoom=1&center=40,-73&region=US&copy=2&amp;x"', "?zoom=1&center=40,-73&region=US&copy=2&x"),
        ("'&lt;&quot;&#39;&#x41;&#66=&NotEqualTilde;'", "<\"'AB=≂̸"),
        ("&copy&copy2&copyx;&copy;=&unknown;&", "©&copy2&copyx;©=&unknown;&"),
        ('"{&quot;a&quot;: &quot;&gt;&quot;}"', '{"a": ">"}'),
    ],
)
def test_references_in_attributes_are_decoded_as_browsers_do(written: str, value: str) -> None:
    """A name without a semicolon is part of a query string where a letter, a digit or an equals sign follows."""
    assert scan_elements(f"<p A={written} b='&amp;' a=2 hidden>")[0].attributes == {"a": value, "b": "&", "hidden": ""}


def test_start_tag_keeps_what_is_not_changed() -> None:
    """Attributes are replaced in place, removed or added; all others keep their spelling."""
    tag = '<DIV\n  data-a=\'{"x": ">"}\' Id=one  hidden\tdata-b=2 />'
    edited = edit_start_tag(tag, {"id": "t&w", "data-b": None, "style": 'a:"b"'})
    assert edited == '<DIV\n  data-a=\'{"x": ">"}\' id="t&amp;w"  hidden style="a:&quot;b&quot;" />'


def test_edit_inside_replaced_text_is_dropped() -> None:
    """An outer edit wins over one inside it, and edits outside of the range are not made."""
    edits = [Edit(4, 5, "!"), Edit(2, 6, "-"), Edit(8, 9, "?")]
    assert apply_edits("0123456789", edits, 1, 8) == "1-67"


@pytest.mark.parametrize(
    ("written", "ended"),
    [
        ("<section><div><span></section>", "<section><div><span></span></div></section>"),
        ("<div><i class=icon /><u>1</div>2", "<div><i class=icon /><u>1</div>2</u></i>"),
        ("<ul><li>1<li>2</ul><p>3<br><img>", "<ul><li>1<li>2</ul><p>3<br><img>"),
        ("<textarea><div></textarea>", "<textarea><div></textarea>"),
        ("<svg><path d=z /><g></svg>", "<svg><path d=z /><g></svg>"),
    ],
)
def test_missing_end_tags_stand_where_a_browser_ends_the_element(written: str, ended: str) -> None:
    """What changes letters only lasts to the text's end; end tags that may be left out stay so, as do drawings."""
    assert apply_edits(written, missing_end_tags(scan_elements(written), len(written))) == ended
