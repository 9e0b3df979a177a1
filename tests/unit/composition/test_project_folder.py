import os
from pathlib import Path

import pytest

from hf_lambda.composition.archive import pack_project, unpack_project
from hf_lambda.composition.project_folder import remove_nameless, take_project
from hf_lambda.errors import PROJECT_NOT_FOUND
from tests.unit.composition.test_archive import contents


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project with all that a folder can hold."""
    project, shared = tmp_path / "project", tmp_path / "shared"
    for folder in (project / "assets" / "deep", project / "node_modules" / "gsap", project / ".git", shared):
        folder.mkdir(parents=True)
    (project / "index.html").write_text('<script src="node_modules/gsap/gsap.js"></script>')
    (project / "node_modules" / "gsap" / "gsap.js").write_text("gsap")
    (project / "node_modules" / "gsap" / "README.md").write_text("not named")
    (project / ".git" / "HEAD").write_text("ref")
    (project / "assets" / "deep" / "ü b.MP4").write_bytes(b"film")
    (project / "assets" / "photo.png").write_bytes(b"photo")
    (project / "assets" / "photo.png").chmod(0o400)
    (shared / "logo.svg").write_text("<svg/>")
    (shared / "talk.mov").write_bytes(b"talk")
    (project / "linked").symlink_to(shared)
    (project / "talk.mov").symlink_to(shared / "talk.mov")
    (project / "assets" / "up").symlink_to("..")
    (project / "dangling.png").symlink_to("nothing")
    os.mkfifo(project / "pipe.mp4")
    return project


def test_taken_project_has_the_files_of_a_packed_one(tmp_path: Path, project: Path) -> None:
    """A render from the folder sees what a render from its archive sees; and all of it is files."""
    pack_project(project, tmp_path / "p.tar.gz")
    unpack_project(tmp_path / "p.tar.gz", tmp_path / "unpacked")
    take_project(project, tmp_path / "site")
    assert contents(tmp_path / "site") == contents(tmp_path / "unpacked")
    assert len(contents(tmp_path / "site")) == 7
    assert not [path for path in (tmp_path / "site").rglob("*") if path.is_symlink()]


def test_media_are_not_copied(tmp_path: Path, project: Path) -> None:
    """Large files cost nothing, whatever the case of their suffix and whether or not the project links to them."""
    take_project(project, tmp_path / "site")
    for name in ("assets/deep/ü b.MP4", "assets/photo.png", "talk.mov", "linked/talk.mov"):
        assert (tmp_path / "site" / name).samefile(project / name)


def test_texts_are_copied(tmp_path: Path, project: Path) -> None:
    """What a compiled page may rewrite is not the author's own file."""
    before = contents(project)
    take_project(project, tmp_path / "site")
    for name in ("index.html", "node_modules/gsap/gsap.js", "linked/logo.svg"):
        (tmp_path / "site" / name).write_text("rewritten")
    assert contents(project) == before


@pytest.mark.parametrize("name", ["none", "file"])
def test_taking_needs_a_folder(tmp_path: Path, name: str) -> None:
    """A path that is no folder is named, and nothing is made."""
    (tmp_path / "file").write_text("x")
    with pytest.raises(PROJECT_NOT_FOUND, match="is not a folder"):
        take_project(tmp_path / name, tmp_path / "site")
    assert not (tmp_path / "site").exists()


@pytest.mark.parametrize("is_packed", [False, True])
def test_files_that_no_url_can_name_are_left_out(tmp_path: Path, project: Path, is_packed: bool) -> None:
    """Names from before UTF-8, of files or of their folders, cannot be in a plan; the others stay."""
    site = tmp_path / "site"
    for name in (b"caf\xe9.png", b"\xff/a.png"):
        file = project / os.fsdecode(name)
        file.parent.mkdir(exist_ok=True)
        file.write_bytes(b"x")
    if is_packed:
        pack_project(project, tmp_path / "p.tar.gz")
        unpack_project(tmp_path / "p.tar.gz", site)
    else:
        take_project(project, site)
    assert remove_nameless(site) == [
        "left out, because its name is not UTF-8: caf\ufffd.png",
        "left out, because its name is not UTF-8: \ufffd/a.png",
    ]
    assert len(contents(site)) == 7
