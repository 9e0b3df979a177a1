import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hf_lambda.composition.lint.linting import find_rule, lint_project, rules_by_area
from tests.unit.composition.lint.projects import page, places, timeline, write

EXAMPLES = Path(__file__).parents[4] / "examples"
PIECES = st.sampled_from(
    ["<div", ' data-composition-id="a"', " data-start=", '"3s"', ">", "</div>", "<script>", "</script>", "<style>",
     "</style>", "<!--", "-->", "<![CDATA[", "<!x", "<?", "gsap.timeline(", "tl = ", ".to(", "{x: 1}", ")", "`${", "}",
     "requestAnimationFrame(f)", "function f(", "x += 1", "onUpdate: ", "setTimeout(", "new Date(", "url(", "'", '"',
     "<template>", "<svg/>", "data-variable-values='{'", "#a { transition: ", "@media {", "window.__timelines[", "\\",
     "\r\n", "\ufeff", "é🎬", "\x00", "/", "let ", "[", "]", ";", ",", "=>", "src='a.html'", "data-composition-src="]
)  # fmt: skip
ANY_TEXT = st.lists(PIECES | st.text(max_size=5), max_size=40).map("".join)


@pytest.mark.parametrize("name", sorted(path.name for path in EXAMPLES.iterdir() if (path / "index.html").is_file()))
def test_examples_are_clean(name: str) -> None:
    """The examples that this package ships give no finding."""
    assert lint_project(EXAMPLES / name, "index.html") == []


@given(ANY_TEXT, ANY_TEXT, ANY_TEXT)
@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)
def test_any_text_is_linted(html: str, script: str, css: str) -> None:
    """Whatever the files hold, linting ends, and names lines that exist."""
    with tempfile.TemporaryDirectory() as folder:
        links = '<link rel="stylesheet" href="a.css"><script src="a.js"></script>'
        host = '<p data-composition-src="b.html" data-composition-id="b"></p>'
        files = {"index.html": page(f"{host}{html}", script, head=links), "a.js": script, "a.css": css, "b.html": html}
        write(Path(folder), {name: text.encode("utf-8", "replace") for name, text in files.items()})
        for finding in lint_project(Path(folder), "index.html"):
            assert 1 <= finding.line <= len(files[finding.file].splitlines()) + 1


@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_lines_are_the_authors(tmp_path: Path, end: str, mark: str) -> None:
    """Lines are right in every file, with any line end, a byte order mark and characters of several bytes."""
    tweens = 'tl.to("#a", { x: 9 }, 0);\n/* später 🎬\n */ tl.to("#a", { x: 5 }, 0.1);'
    style = "<style>\n/* é */\n.clip { visibility:\n hidden }\n</style>"
    host = '\n<div class="clip" data-composition-id="b"\n data-start="0"\n data-composition-src="sub/b.html"></div>'
    entry = page(f"<p>日本語</p>\n<!--\n-->{host}\n<img\n src='none.png'>", timeline(tweens), head=style)
    sub = '<template>\n<div data-composition-id="b">\n<p\n data-start="ö">🎬</p>\n</div></template>'
    files = {"index.html": entry, "sub/b.html": sub}
    found = places(tmp_path, {name: f"{mark}{text}".replace("\n", end).encode() for name, text in files.items()})
    assert found == [
        ("index.html", 3, "clip_visibility"),
        ("index.html", 12, "missing_local_file"),
        ("index.html", 15, "overlapping_tweens"),
        ("sub/b.html", 4, "invalid_start"),
    ]


def test_one_rule_does_not_flood(tmp_path: Path) -> None:
    """Of one rule a file gives at most 20 findings, and another rule's are not lost."""
    found = places(tmp_path, {"index.html": page('<img src="none.png">\n' * 50 + "<i data-start='-1'></i>")})
    assert len(found) == 21
    assert found[-1] == ("index.html", 51, "negative_start")


def test_every_rule_has_one_code_and_whole_sentences() -> None:
    """Codes are not used twice and lead back to their rules, whose texts are sentences."""
    rules = [rule for _, rules in rules_by_area() for rule in rules]
    assert len({rule.code for rule in rules}) == len(rules)
    assert all(find_rule(rule.code) is rule for rule in rules)
    assert [rule.code for rule in rules if not rule.why.endswith(".") or rule.cure[-1] not in ".`"] == []
