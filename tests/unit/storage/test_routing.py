from collections.abc import Callable
from pathlib import Path

import pytest

from hf_lambda.errors import S3_URI_NOT_ALLOWED
from hf_lambda.storage.folder import folder_uri
from hf_lambda.storage.routing import SchemeStorage

Use = Callable[[SchemeStorage, Path, str], object]
USES: dict[str, Use] = {
    "download": lambda storage, path, uri: storage.download(uri, path),
    "upload": lambda storage, path, uri: storage.upload(path, uri, metadata={"a": "b"}),
    "upload_blob": lambda storage, path, uri: storage.upload_blob(path, uri),
    "find_intact": lambda storage, _, uri: storage.find_intact(uri),
}


def test_file_uri_leads_to_folders(tmp_path: Path) -> None:
    """Every call with a file:// URI reaches the folder, metadata included."""
    (tmp_path / "file").write_text("contents")
    storage, uri = SchemeStorage(), folder_uri(tmp_path / "object")
    storage.upload(tmp_path / "file", uri, metadata={"frames": "3"})
    storage.upload_blob(tmp_path / "file", folder_uri(tmp_path / "blob"))
    storage.download(uri, tmp_path / "copy")
    found = storage.find_intact(uri)
    assert found is not None
    assert found.metadata == {"frames": "3"}
    assert [(tmp_path / name).read_text() for name in ("object", "blob", "copy")] == ["contents"] * 3


@pytest.mark.parametrize("use", USES.values(), ids=USES)
@pytest.mark.parametrize("uri", ["", "key", "http://b/k", "gs://b/k", "S4://b/k", "s3://[b/k"])
def test_other_schemes_are_refused(tmp_path: Path, use: Use, uri: str) -> None:
    """A URI of another kind is refused by every call."""
    with pytest.raises(S3_URI_NOT_ALLOWED, match="neither an s3:// nor a file:// URI"):
        use(SchemeStorage(), tmp_path / "file", uri)
