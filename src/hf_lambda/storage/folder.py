"""Storage in folders, by file:// URI: what S3 is in the cloud, on one machine."""

import json
import shutil
import uuid
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from urllib.parse import unquote, urlsplit

from hf_lambda.errors import OBJECT_NOT_FOUND, STORAGE_UNAVAILABLE
from hf_lambda.files import is_file
from hf_lambda.hashing import file_sha256
from hf_lambda.storage.base import StoredObject


class FolderStorage:
    """Objects are files; their metadata lies beside them in `.<name>.meta.json`."""

    def download(self, uri: str, path: Path) -> None:
        """See `Storage.download`."""
        source = _path_of(uri)
        if not is_file(source):
            raise OBJECT_NOT_FOUND(f"{uri} does not exist")
        _copy(source, path)

    def upload(self, path: Path, uri: str, *, metadata: Mapping[str, str] | None = None) -> None:
        """See `Storage.upload`."""
        target = _path_of(uri)
        with suppress(OSError):
            _meta_path(target).unlink()
        _copy(path, target)
        if metadata is not None:
            record = {
                "sha256": file_sha256(target),
                "size": target.stat().st_size,
                "metadata": dict(metadata),
            }
            temporary = _temporary_beside(target)
            temporary.write_text(json.dumps(record))
            temporary.replace(_meta_path(target))

    def upload_blob(self, path: Path, uri: str) -> None:
        """See `Storage.upload_blob`."""
        target = _path_of(uri)
        if not is_file(target) or target.stat().st_size != path.stat().st_size:
            _copy(path, target)

    def find_intact(self, uri: str) -> StoredObject | None:
        """See `Storage.find_intact`."""
        target = _path_of(uri)
        try:
            record = json.loads(_meta_path(target).read_text())
            if file_sha256(target) != record["sha256"]:
                return None
            return StoredObject(record["size"], record["sha256"], record["metadata"])
        except (OSError, ValueError, KeyError, TypeError):
            return None


def folder_uri(path: Path) -> str:
    """The file:// URI of a path."""
    return path.resolve().as_uri()


def _path_of(uri: str) -> Path:
    return Path(unquote(urlsplit(uri).path))


def _meta_path(target: Path) -> Path:
    return target.with_name(f".{target.name}.meta.json")


def _temporary_beside(target: Path) -> Path:
    return target.with_name(f".{target.name}.{uuid.uuid4().hex}.part")


def _copy(source: Path, target: Path) -> None:
    """Copy through a temporary name, so that a reader never sees half a file."""
    temporary = _temporary_beside(target)
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source, temporary)
        temporary.replace(target)
    except OSError as error:
        with suppress(OSError):
            temporary.unlink()
        raise STORAGE_UNAVAILABLE(f"{source.name} could not be copied to {target}: {error}") from error
