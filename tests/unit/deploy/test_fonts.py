import json
from pathlib import Path

import pytest

from hf_lambda.composition.fonts import FontFace, load_catalogue
from hf_lambda.deploy.fonts import collect_fonts, collect_system_fonts
from tests.unit.deploy.woffs import wrap_woff


def face(file: str, weight: str = "400", style: str = "normal", unicode_range: str = "U+0-FF") -> str:
    """A rule as the packages write it."""
    characters = f"\n  unicode-range: {unicode_range};" if unicode_range else ""
    return f"""/* {file} */
@font-face {{
  font-family: 'Any';
  font-style: {style};
  font-display: swap;
  font-weight: {weight};
  src: url(./files/{file}.woff2) format('woff2'), url(./files/{file}.woff) format('woff');{characters}
}}
"""


class Modules:
    """A node_modules folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        base = folder / "dejavu-fonts-ttf"
        (base / "ttf").mkdir(parents=True)
        for style in ("Sans", "Sans-Bold", "SansMono", "SansMono-Bold", "Serif", "Serif-Bold"):
            (base / "ttf" / f"DejaVu{style}.ttf").write_text(style)
        (base / "LICENSE").write_text("licence of the base")
        (base / "package.json").write_text(json.dumps({"version": "2"}))

    def add(self, package: str, family: str, sheets: dict[str, str], files: list[str]) -> None:
        """Add a font package."""
        folder = self.folder / "@fontsource" / package
        (folder / "files").mkdir(parents=True)
        for name, css in sheets.items():
            (folder / name).write_text(css)
        for name in files:
            contents = f"font {name}".encode()
            (folder / "files" / name).write_bytes(
                wrap_woff({b"name": contents}) if name.endswith(".woff") else contents
            )
        (folder / "LICENSE").write_text(f"licence of {package}")
        (folder / "metadata.json").write_text(json.dumps({"family": family}))
        (folder / "package.json").write_text(json.dumps({"version": f"5.0-{package}"}))


@pytest.fixture
def modules(tmp_path: Path) -> Modules:
    """Packages to collect from."""
    return Modules(tmp_path / "node_modules")


def test_faces_of_all_weights_are_collected(modules: Modules, tmp_path: Path) -> None:
    """Every weight sheet's faces are copied and listed, with what a browser chooses by."""
    modules.add(
        "open-sans",
        "Open Sans",
        {
            "400.css": face("os-latin-400") + face("os-greek-400", unicode_range="U+370-3FF"),
            "700-italic.css": face("os-latin-700i", "700", "italic"),
        },
        ["os-latin-400.woff2", "os-greek-400.woff2", "os-latin-700i.woff2", "os-latin-400.woff"],
    )
    assert collect_fonts(modules.folder, tmp_path / "fonts") == {
        "open-sans": "5.0-open-sans",
        "dejavu-fonts-ttf": "2",
    }
    assert load_catalogue(tmp_path / "fonts") == {
        "open sans": [
            FontFace("os-latin-400.woff2", "400", "normal", "U+0-FF"),
            FontFace("os-greek-400.woff2", "400", "normal", "U+370-3FF"),
            FontFace("os-latin-700i.woff2", "700", "italic", "U+0-FF"),
        ]
    }
    assert {path.name for path in (tmp_path / "fonts").iterdir()} == {
        *("os-latin-400.woff2", "os-greek-400.woff2", "os-latin-700i.woff2"),
        *("open-sans.LICENSE.txt", "dejavu-fonts-ttf.LICENSE.txt", "fonts.json", "system"),
    }


@pytest.mark.parametrize("sheet", ["index.css", "latin-400.css", "400-latin.css", "greek.css", "variable.css"])
def test_other_sheets_are_left_out(modules: Modules, tmp_path: Path, sheet: str) -> None:
    """Sheets that repeat a part of the family are not read."""
    modules.add("inter", "Inter", {"400.css": face("a"), sheet: face("b")}, ["a.woff2", "b.woff2"])
    collect_fonts(modules.folder, tmp_path / "fonts")
    assert [found.file for found in load_catalogue(tmp_path / "fonts")["inter"]] == ["a.woff2"]


def test_base_fonts_lie_apart(modules: Modules, tmp_path: Path) -> None:
    """What browsers see as fonts of the system is a folder of its own."""
    modules.add("inter", "Inter", {"400.css": face("a")}, ["a.woff2"])
    collect_fonts(modules.folder, tmp_path / "fonts")
    assert (tmp_path / "fonts" / "system" / "DejaVuSerif-Bold.ttf").read_text() == "Serif-Bold"
    assert len(list((tmp_path / "fonts" / "system").iterdir())) == 6


def test_large_family_comes_in_two_weights(modules: Modules, tmp_path: Path) -> None:
    """A family of hundreds of files is cut to its regular and bold weights."""
    weights = (100, 400, 700, 900)
    sheets = {f"{weight}.css": "".join(face(f"jp-{weight}-{n}", str(weight)) for n in range(101)) for weight in weights}
    modules.add("jp", "JP", sheets, [f"jp-{weight}-{n}.woff2" for weight in weights for n in range(101)])
    collect_fonts(modules.folder, tmp_path / "fonts")
    assert {found.weight for found in load_catalogue(tmp_path / "fonts")["jp"]} == {"400", "700"}


def test_regular_faces_become_system_fonts(modules: Modules, tmp_path: Path) -> None:
    """Each part of a family's regular weight is written as a TrueType file."""
    modules.add("sc", "SC", {}, [])
    files = modules.folder / "@fontsource" / "sc" / "files"
    for name in ("sc-1-400-normal.woff", "sc-2-400-normal.woff", "sc-1-700-normal.woff", "sc-1-400-italic.woff"):
        (files / name).write_bytes(wrap_woff({b"name": name.encode()}))
    collect_system_fonts([files.parent], tmp_path / "system")
    assert sorted(path.name for path in (tmp_path / "system").iterdir()) == [
        "sc-1-400-normal.ttf",
        "sc-2-400-normal.ttf",
    ]
    assert b"sc-2-400-normal.woff" in (tmp_path / "system" / "sc-2-400-normal.ttf").read_bytes()


def test_colour_font_is_a_font_of_the_system_only(modules: Modules, tmp_path: Path) -> None:
    """A family with colour glyphs is known by its name, but pages do not load it; its whole file is kept, not parts."""
    modules.add("emoji", "Emoji", {"400.css": face("e-1-400-normal")}, ["e-1-400-normal.woff2"])
    package = modules.folder / "@fontsource" / "emoji"
    for name, contents in (("e-1", b"part"), ("e-all", b"all of it, which is longer")):
        font = wrap_woff({b"COLR": contents, b"SVG ": b"drawing"})
        (package / "files" / f"{name}-400-normal.woff").write_bytes(font)
    collect_fonts(modules.folder, tmp_path / "fonts")
    assert load_catalogue(tmp_path / "fonts") == {"emoji": []}
    collect_system_fonts([package], tmp_path / "system")
    (kept,) = (tmp_path / "system").iterdir()
    assert kept.name == "e-all-400-normal.ttf"
    assert b"drawing" not in kept.read_bytes()


def test_face_without_a_range_has_all_characters(modules: Modules, tmp_path: Path) -> None:
    """A font that is not cut into scripts serves all of them."""
    modules.add("inter", "Inter", {"400.css": face("a", unicode_range="")}, ["a.woff2"])
    collect_fonts(modules.folder, tmp_path / "fonts")
    assert load_catalogue(tmp_path / "fonts")["inter"][0].unicode_range == "U+0-10FFFF"


def test_missing_font_file_is_not_passed_over(modules: Modules, tmp_path: Path) -> None:
    """A sheet that names a file which is not there ends the build."""
    modules.add("inter", "Inter", {"400.css": face("a")}, [])
    with pytest.raises(FileNotFoundError):
        collect_fonts(modules.folder, tmp_path / "fonts")


def test_equal_packages_give_equal_catalogues(modules: Modules, tmp_path: Path) -> None:
    """The catalogue's bytes depend on the packages alone."""
    modules.add("b", "B", {"400.css": face("b")}, ["b.woff2"])
    modules.add("a", "A", {"400.css": face("a")}, ["a.woff2"])
    for name in ("one", "other"):
        collect_fonts(modules.folder, tmp_path / name)
    assert (tmp_path / "one" / "fonts.json").read_bytes() == (tmp_path / "other" / "fonts.json").read_bytes()
