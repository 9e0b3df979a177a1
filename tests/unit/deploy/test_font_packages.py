from pathlib import Path

import pytest

from hf_lambda.deploy.font_packages import build_font_folder
from hf_lambda.errors import INVALID_CONFIG


@pytest.mark.parametrize("name", ["left-pad", "@fontsource/../x", "--global", "@fontsource/Inter", "@other/inter", ""])
def test_only_font_packages_are_installed(name: str, tmp_path: Path) -> None:
    """Nothing but the names of @fontsource packages reaches npm, and nothing is left behind."""
    with pytest.raises(INVALID_CONFIG, match="not the name of an @fontsource package"):
        build_font_folder(["@fontsource/inter@5.3.0", name], tmp_path / "fonts")
    assert list(tmp_path.iterdir()) == []
