from pathlib import Path

import pytest

from hf_lambda.composition.markup import scan_elements
from hf_lambda.composition.payloads import check_media_payloads, describe_text, read_head
from hf_lambda.errors import NOT_MEDIA_PAYLOAD

# What Illustrator writes: the picture's element comes late.
DOCTYPE = b"""<?xml version="1.0" encoding="utf-8"?>
<!-- Generator: Adobe Illustrator 24.0.1, SVG Export Plug-In . SVG Version: 6.00 Build 0)  -->
<!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN" "http://www.w3.org/Graphics/SVG/1.1/DTD/svg11.dtd" [
	<!ENTITY ns_extend "http://ns.adobe.com/Extensibility/1.0/">
"""
POINTER = b"version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 12345\n"


@pytest.mark.parametrize(
    ("head", "kind"),
    [
        (POINTER, "a git-LFS pointer"),
        (b"\xef\xbb\xbf \n<!DOCTYPE html><html>", "an HTML page"),
        (b"<HTML><body>Not found", "an HTML page"),
        (b'<?xml version="1.0"?><Error><Code>AccessDenied</Code></Error>', "an XML document"),
        (b'{"error": "not found"}', "JSON"),
        (b"[]", "JSON"),
    ],
)
def test_text_in_a_files_place_is_recognised(head: bytes, kind: str) -> None:
    """Error pages, error documents and pointers are known by how they begin."""
    assert describe_text(head) == kind


@pytest.mark.parametrize(
    "head",
    [
        *(b"\x89PNG\r\n\x1a\n", b"\0\0\0\x18ftypmp42", b"ID3\4", b"RIFF....WAVE", b"wOF2", b"", b"GIF89a"),
        *(DOCTYPE, b"<?xml version='1.0'?><svg:svg xmlns:svg='http://www.w3.org/2000/svg'>"),
        *(b"<svg xmlns='http://www.w3.org/2000/svg'>", b"<?xml version='1.0'?><!-- x --><svg>", b"{\\rtf", b"[1"),
    ],
)
def test_media_and_drawings_are_no_text(head: bytes) -> None:
    """Binary files, and pictures that are text, are left alone."""
    assert describe_text(head) is None


@pytest.mark.parametrize(
    "html",
    [
        "<video src='m/clip.mp4'></video>",
        "<video><source src='/m/clip.mp4?v=1#t=2'></video>",
        "<img src='./m/clip.mp4'>",
        "<audio src='m/cl%69p.mp4'></audio>",
        "<video poster='m/clip.mp4'></video>",
    ],
)
def test_pointer_in_place_of_a_clip_is_named_with_its_cure(html: str, tmp_path: Path) -> None:
    """The error names the file and what fetches the real one."""
    (tmp_path / "m").mkdir()
    (tmp_path / "m" / "clip.mp4").write_bytes(POINTER)
    with pytest.raises(
        NOT_MEDIA_PAYLOAD, match=r"m/clip\.mp4, which a <\w+> shows, is a git-LFS pointer; run `git lfs pull"
    ):
        check_media_payloads(scan_elements(html), tmp_path)


def test_drawing_behind_a_long_notice_passes(tmp_path: Path) -> None:
    """A licence may stand before a picture's element."""
    (tmp_path / "a.svg").write_text(f"<?xml version='1.0'?><!-- {'licence ' * 400} --><svg></svg>")
    check_media_payloads(scan_elements("<img src=a.svg>"), tmp_path)


def test_other_elements_and_missing_files_pass(tmp_path: Path) -> None:
    """Text is fine where text belongs, and what is not there is another complaint."""
    (tmp_path / "a.json").write_text('{"v": 1}')
    html = "<script src=a.json></script><img src=none.png><img src='https://x/a.json'><img src='data:a'><img src='#a'>"
    check_media_payloads(scan_elements(html), tmp_path)


def test_head_of_what_cannot_be_read_is_empty(tmp_path: Path) -> None:
    """Missing files, folders and impossible names have no bytes."""
    assert [read_head(path) for path in (tmp_path / "none", tmp_path, tmp_path / "a\0b")] == [b"", b"", b""]
