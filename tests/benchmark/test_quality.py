import tarfile
from pathlib import Path

import pytest
from bench.quality import EQUAL_DB, compare_pictures
from PIL import Image

from hf_lambda.settings import Settings
from hf_lambda.toolchain import locate_toolchain


@pytest.mark.parametrize(("grey", "db"), [(90, EQUAL_DB), (91, 49.38)], ids=["equal", "one-level"])
def test_tar_is_read_as_the_folder_in_it(grey: int, db: float, tmp_path: Path) -> None:
    """A png-sequence is either, on every Python that we support."""
    pictures = []
    for name, level in (("ours", grey), ("original", 90)):
        folder = tmp_path / name / "folder.png-sequence"
        folder.mkdir(parents=True)
        for number in range(2):
            Image.new("RGBA", (16, 16), (level, level, level, 255)).save(folder / f"{number:04}.png")
        pictures.append(folder)
    packed = tmp_path / "packed.png-sequence"
    with tarfile.open(packed, "w") as archive:
        archive.add(pictures[0], "frames")
    compared = compare_pictures(locate_toolchain(Settings.from_environment()), packed, pictures[1])
    assert compared.frames == (2, 2)
    assert compared.pooled_db == pytest.approx(
        db, abs=1.3
    )  # premultiplied alpha, which does not differ, is counted too
