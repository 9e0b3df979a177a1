"""Storage in folders, by file:// URI: what S3 is in the cloud, on one machine."""

import json
import shutil
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from urllib.parse import unquote, urlsplit

from hf_lambda.deadline import Deadline
from hf_lambda.errors import OBJECT_NOT_FOUND, STORAGE_UNAVAILABLE
from hf_lambda.files import exists, is_file, link_or_copy, temporary_beside
from hf_lambda.hashing import file_sha256
from hf_lambda.storage.base import StoredObject


class FolderStorage:
    """Objects are files; their metadata lies beside them in `.<name>.meta.json`.

    What is downloaded is the object itself under another name, where the disk can do that: it must not be written to.
    """

    def download(self, uri: str, path: Path, *, deadline: Deadline | None = None) -> None:
        """See `Storage.download`."""
        source = _path_of(uri)
        if not is_file(source):
            raise OBJECT_NOT_FOUND(f"{uri} does not exist")
        _place(source, path, link_or_copy)

    def upload(self, path: Path, uri: str, *, metadata: Mapping[str, str] | None = None) -> None:
        """See `Storage.upload`."""
        target = _path_of(uri)
        with suppress(OSError):
            _meta_path(target).unlink()
        _place(path, target, shutil.copyfile)
        if metadata is not None:
            record = {
                "sha256": file_sha256(target),
                "size": target.stat().st_size,
                "metadata": dict(metadata),
            }
            temporary = temporary_beside(target)
            temporary.write_text(json.dumps(record))
            temporary.replace(_meta_path(target))

    def upload_blob(self, path: Path, uri: str) -> None:
        """See `Storage.upload_blob`."""
        target = _path_of(uri)
        if not is_file(target) or target.stat().st_size != path.stat().st_size:
            _place(path, target, shutil.copyfile)

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


def folder_of(uri: str) -> Path | None:
    """The folder that a file:// URI names, where there is one."""
    parts = urlsplit(uri)
    path = _path_of(uri)
    return path if parts.scheme == "file" and exists(path) and path.is_dir() else None


def _path_of(uri: str) -> Path:
    return Path(unquote(urlsplit(uri).path))


def _meta_path(target: Path) -> Path:
    return target.with_name(f".{target.name}.meta.json")


def _place(source: Path, target: Path, copy: Callable[[Path, Path], object]) -> None:
    """Copy through a temporary name, so that a reader never sees half a file."""
    temporary = temporary_beside(target)
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        copy(source, temporary)
        temporary.replace(target)
        temporary.unlink(missing_ok=True)  # still there where both were names of one file already
    except OSError as error:
        with suppress(OSError):
            temporary.unlink()
        raise STORAGE_UNAVAILABLE(f"{source.name} could not be copied to {target}: {error}") from error
