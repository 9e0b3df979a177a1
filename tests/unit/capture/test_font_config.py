import xml.etree.ElementTree as ET
from pathlib import Path

from hf_lambda.capture.font_config import font_config


def test_file_names_its_folders_in_order() -> None:
    """The folders and the cache stand in a well-formed file, whatever their names hold."""
    tree = ET.fromstring(font_config([Path("/a&b"), Path("/c")], Path("/<cache>")))
    assert [node.text for node in tree.iter("dir")] == ["/a&b", "/c"]
    assert [node.text for node in tree.iter("cachedir")] == ["/<cache>"]


def test_every_generic_family_ends_in_a_base_font() -> None:
    """Serif and monospace have fonts of their own, and the last rule of families holds for every request."""
    tree = ET.fromstring(font_config([], Path("/cache")))
    rules = {
        match.findtext("test/string") or "any": [node.text for node in match.iterfind("edit/string")]
        for match in tree.iter("match")
    }
    assert rules["serif"] == ["DejaVu Serif"]
    assert rules["monospace"] == ["DejaVu Sans Mono"]
    assert rules["any"][0] == "DejaVu Sans"
