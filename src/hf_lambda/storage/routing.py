"""The storage of a URI by its scheme."""

from collections.abc import Mapping
from pathlib import Path
from urllib.parse import urlsplit

from hf_lambda.deadline import Deadline
from hf_lambda.errors import S3_URI_NOT_ALLOWED
from hf_lambda.storage.base import Storage, StoredObject
from hf_lambda.storage.folder import FolderStorage


class SchemeStorage:
    """Sends each call to the storage that its URI's scheme names; S3 is connected at first use."""

    def __init__(self, *, blob_expiry_days: int | None = None) -> None:
        self._blob_expiry_days = blob_expiry_days
        self._by_scheme: dict[str, Storage] = {"file": FolderStorage()}

    def download(self, uri: str, path: Path, *, deadline: Deadline | None = None) -> None:
        """See `Storage.download`."""
        self._of(uri).download(uri, path, deadline=deadline)

    def upload(self, path: Path, uri: str, *, metadata: Mapping[str, str] | None = None) -> None:
        """See `Storage.upload`."""
        self._of(uri).upload(path, uri, metadata=metadata)

    def upload_blob(self, path: Path, uri: str) -> None:
        """See `Storage.upload_blob`."""
        self._of(uri).upload_blob(path, uri)

    def find_intact(self, uri: str) -> StoredObject | None:
        """See `Storage.find_intact`."""
        return self._of(uri).find_intact(uri)

    def _of(self, uri: str) -> Storage:
        try:
            scheme = urlsplit(uri).scheme
            if scheme == "s3" and scheme not in self._by_scheme:
                self._by_scheme[scheme] = self._connect()
            return self._by_scheme[scheme]
        except (KeyError, ValueError):
            raise S3_URI_NOT_ALLOWED(f"{uri!r} is neither an s3:// nor a file:// URI") from None

    def _connect(self) -> Storage:
        from hf_lambda.storage.s3 import S3Storage  # boto3 takes a quarter of a second that local renders need not pay

        return S3Storage(blob_expiry_days=self._blob_expiry_days)
