import json
import re
from pathlib import Path

import pytest

from hf_lambda.composition.fonts import (
    STAND_INS,
    FontFace,
    authored_families,
    bundled_names,
    font_faces_css,
    load_catalogue,
)
from hf_lambda.toolchain import Toolchain

REGULAR = FontFace("inter-400.woff2", "400", "normal", "U+0-FF")
BOLD = FontFace("inter-700.woff2", "700", "normal", "U+0-FF")
MONO = FontFace("mono-400.woff2", "400", "italic", "U+0-10FFFF")
CATALOGUE = {"inter": [REGULAR, BOLD], "jetbrains mono": [MONO]}


def families(*texts: str) -> list[str]:
    """The families that are defined for these texts, each once."""
    css = font_faces_css(CATALOGUE, texts, authored_families(texts), "/fonts")
    return list(dict.fromkeys(re.findall(r'font-family:"([^"]+)"', css)))


def test_rule_names_file_weight_style_and_characters() -> None:
    """A face becomes one rule with everything that a browser chooses by."""
    assert font_faces_css(CATALOGUE, ["font-family: JetBrains Mono"], frozenset(), "/f") == (
        '@font-face{font-family:"jetbrains mono";font-style:italic;font-weight:400;font-display:block;'
        'src:url("/f/mono-400.woff2") format("woff2");unicode-range:U+0-10FFFF}\n'
    )


def test_family_comes_with_all_its_faces() -> None:
    """Every weight of a family is there, for text that uses it."""
    css = font_faces_css(CATALOGUE, ["inter"], frozenset(), "/fonts")
    assert re.findall(r"/fonts/([\w.-]+)", css) == ["inter-400.woff2", "inter-700.woff2"]


@pytest.mark.parametrize(
    "text",
    [
        "font-family: Inter, sans-serif",
        "font: 700 12px 'INTER'",
        '<div style="font-family:&quot;Inter&quot;">',
        "ctx.font = `12px inter`",
        "inter",
    ],
)
def test_name_is_found_wherever_it_stands(text: str) -> None:
    """A family may be named in styles, attributes and scripts, in any case."""
    assert families(text) == ["inter"]


@pytest.mark.parametrize("text", ["internal", "my-inter", "inter-tight", "pointer", "_inter", "", "Comic Sans MS"])
def test_part_of_a_word_is_no_name(text: str) -> None:
    """A family is named by whole words only."""
    assert families(text) == []


def test_stand_in_serves_a_font_that_workers_lack() -> None:
    """A system font is drawn with the bundled family that stands in for it, under its own name."""
    css = font_faces_css(CATALOGUE, ["font-family: 'Courier New'"], frozenset(), "/fonts")
    assert 'font-family:"courier new"' in css
    assert "/fonts/mono-400.woff2" in css


def test_stand_in_without_its_family_is_left_out() -> None:
    """A toolchain without the family cannot stand in."""
    assert font_faces_css({"inter": [REGULAR]}, ["Courier New"], frozenset(), "/fonts") == ""


def test_bundled_family_is_not_replaced_by_a_stand_in() -> None:
    """A family that is bundled is served as itself, also where it has a stand-in."""
    own = FontFace("verdana-400.woff2", "400", "normal", "U+0-FF")
    css = font_faces_css({**CATALOGUE, "verdana": [own]}, ["Verdana"], frozenset(), "/fonts")
    assert re.findall(r"/fonts/([\w.-]+)", css) == ["verdana-400.woff2"]


@pytest.mark.parametrize(
    "css",
    [
        '@font-face { font-family: "Inter"; src: url(inter.woff2) }',
        "@font-face{src:url(a.woff2);font-family:inter}",
        "@FONT-FACE\n{\n  font-weight: 400;\n  FONT-FAMILY : 'inter' ;\n src: URL(a) }",
    ],
)
def test_font_of_the_author_is_left_alone(css: str) -> None:
    """A family that the project defines itself is not defined again."""
    assert families(css, "h1 { font-family: Inter, Courier }") == ["courier"]


def test_rule_without_a_file_defines_nothing() -> None:
    """A rule that only names a font of the author's own machine leaves the family to the bundle."""
    assert families("@font-face { font-family: Inter; src: local('Inter') }") == ["inter"]
    assert authored_families(["@font-face { font-family: A; src: local(A), url(a.woff2) }"]) == {"a"}


def test_names_from_several_texts_come_in_order() -> None:
    """Rules are sorted by name, so that equal projects give equal pages."""
    assert families("Menlo", "Arial, Inter") == ["arial", "inter", "menlo"]


def test_stand_ins_are_lower_case_and_unique() -> None:
    """Every name has one stand-in, and can be found in lower-cased text."""
    names = [name for group in STAND_INS.values() for name in group]
    assert len(set(names)) == len(names)
    assert [name for name in [*names, *STAND_INS] if name != name.lower()] == []


def test_catalogue_is_read_from_the_folder(tmp_path: Path) -> None:
    """fonts.json gives the families with their faces."""
    face = {"file": "a.woff2", "weight": "400", "style": "normal", "unicode_range": "U+0-FF"}
    (tmp_path / "fonts.json").write_text(json.dumps({"a": [face]}))
    assert load_catalogue(tmp_path) == {"a": [FontFace("a.woff2", "400", "normal", "U+0-FF")]}


def test_further_folders_add_families(tmp_path: Path) -> None:
    """The first folder that has a family serves it; a folder of plain files has no catalogue."""
    for name, family, file in (("one", "a", "1"), ("two", "a", "2"), ("three", "b", "3")):
        (tmp_path / name).mkdir()
        face = {"file": file, "weight": "400", "style": "normal", "unicode_range": "U+0-FF"}
        (tmp_path / name / "fonts.json").write_text(json.dumps({family: [face]}))
    (tmp_path / "plain").mkdir()
    catalogue = load_catalogue(*(tmp_path / name for name in ("one", "plain", "two", "three")))
    assert {family: faces[0].file for family, faces in catalogue.items()} == {"a": "1", "b": "3"}


def test_bundled_names_are_families_and_their_stand_ins() -> None:
    """What can be served includes the names of fonts that workers lack, but only where the stand-in is there."""
    names = bundled_names({"inter": [REGULAR]})
    assert {"inter", "arial"} <= names
    assert "courier" not in names


def test_toolchain_has_every_family_that_stands_in(toolchain: Toolchain) -> None:
    """The built toolchain has the families and the files that pages are promised."""
    catalogue = load_catalogue(toolchain.fonts_dir)
    assert set(STAND_INS) <= set(catalogue)
    missing = [
        face.file for faces in catalogue.values() for face in faces if not (toolchain.fonts_dir / face.file).is_file()
    ]
    assert missing == []
