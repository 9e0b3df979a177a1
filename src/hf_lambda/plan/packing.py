"""Plans in storage: `plan.tar.gz` with the document and small files, blobs for everything else."""

import gzip
import json
import math
import tarfile
import threading
import zlib
from collections.abc import Collection, Mapping
from hashlib import sha256
from io import BytesIO
from pathlib import Path, PurePosixPath

from hf_lambda.deadline import Deadline
from hf_lambda.errors import (
    MISSING_PLAN_ARTIFACT,
    OBJECT_NOT_FOUND,
    PLAN_ARTIFACT_DIGEST_MISMATCH,
    PLAN_HASH_MISMATCH,
)
from hf_lambda.files import temporary_beside
from hf_lambda.hashing import canonical_json, file_sha256
from hf_lambda.parallel import run_in_lanes
from hf_lambda.plan.document import Plan, PlanFile
from hf_lambda.plan.split import Chunk
from hf_lambda.storage.base import TRANSFERS_AT_ONCE, Storage, join_uri

PLAN_NAME = "plan.tar.gz"
_DOCUMENT_NAME = "plan.json"
_SITE_FOLDER = "site"
_TEXT_SUFFIXES = {".html", ".htm", ".css", ".js", ".mjs", ".json", ".svg", ".txt", ".csv"}
_LARGE_BYTES = 1 << 18
_DAMAGE = (OSError, EOFError, zlib.error, tarfile.TarError, ValueError, LookupError, TypeError, AttributeError)
"""What reading a damaged archive or document can raise."""


def describe_files(site: Path, *, without: Collection[str] = ()) -> dict[str, PlanFile]:
    """Every file of a compiled site by its path, but those that no worker needs; large files and media are blobs."""
    return {
        str(path.relative_to(site)): PlanFile(file_sha256(path), path.stat().st_size, _is_blob(path))
        for path in sorted(site.rglob("*"))
        if path.is_file() and str(path.relative_to(site)) not in without
    }


def write_plan(plan: Plan, site: Path, archive: Path) -> None:
    """Write `plan.tar.gz`: the document and the files that are not blobs. Equal plans give equal bytes."""
    with (
        archive.open("wb") as raw,
        gzip.GzipFile(fileobj=raw, mode="wb", mtime=0, filename="") as packed,
        tarfile.open(fileobj=packed, mode="w|") as tar,
    ):
        _add(tar, _DOCUMENT_NAME, canonical_json(plan.to_json()).encode())
        for path, file in plan.files.items():
            if not file.is_blob:
                _add(tar, f"{_SITE_FOLDER}/{path}", (site / path).read_bytes())


def read_plan(storage: Storage, plan_uri: str, folder: Path, *, expected_hash: str | None) -> "StoredPlan":
    """Fetch and unpack a plan, and check that it is the expected one.

    Raises:
        MISSING_PLAN_ARTIFACT: there is no plan, or it is truncated.
        PLAN_HASH_MISMATCH: it is another plan.
        PLAN_ARTIFACT_DIGEST_MISMATCH: one of its files was changed.
    """
    archive = folder / PLAN_NAME
    try:
        storage.download(plan_uri, archive)
    except OBJECT_NOT_FOUND as error:
        raise MISSING_PLAN_ARTIFACT(f"there is no plan at {plan_uri}") from error
    try:
        members = _read_members(archive)
        plan = Plan.from_json(json.loads(members.pop(_DOCUMENT_NAME)))
    except _DAMAGE as error:
        raise MISSING_PLAN_ARTIFACT(f"{plan_uri} is damaged: {error}") from error
    actual = plan.hash()
    if expected_hash is not None and actual != expected_hash:
        raise PLAN_HASH_MISMATCH(f"the request is for plan {expected_hash[:12]}, {plan_uri} is plan {actual[:12]}")
    site = folder / _SITE_FOLDER
    _write_site(plan.files, members, site)
    return StoredPlan(plan, actual, site, storage, plan_uri)


class StoredPlan:
    """A plan with its files: small ones unpacked, blobs fetched and checked when first asked for. Thread-safe."""

    def __init__(self, plan: Plan, plan_hash: str, site: Path, storage: Storage, plan_uri: str) -> None:
        self.plan = plan
        self.hash = plan_hash
        self._site = site
        self._storage = storage
        self._blob_prefix = plan_uri.rsplit("/", 1)[0]
        self._locks = {path: threading.Lock() for path, file in plan.files.items() if file.is_blob}
        self._until_closed = Deadline(math.inf)

    def close(self) -> None:
        """Fetch nothing more, and give up what is being fetched: nothing may be written into a folder that is going."""
        self._until_closed.cancel()

    def chunk_path(self, chunk: Chunk) -> str:
        """Where a chunk is stored below `chunks`: its name carries the plan's hash and its index."""
        return f"{self.hash[:12]}/{chunk.index:04d}{self.plan.recipe.suffix}"

    def use_blobs_of(self, prefix: str | None) -> None:
        """Look for blobs below `prefix` instead of beside the plan."""
        self._blob_prefix = prefix or self._blob_prefix

    def file(self, path: str) -> Path | None:
        """The file that the page knows as `path`, or None where the plan has none.

        Raises:
            MISSING_PLAN_ARTIFACT, PLAN_ARTIFACT_DIGEST_MISMATCH: its blob is gone, or is another file.
        """
        entry = self.plan.files.get(path)
        if entry is None:
            return None
        target = self._site / path
        if entry.is_blob:
            with self._locks[path]:
                if self._until_closed.is_cancelled():
                    return None
                if not target.exists():
                    self._fetch(path, entry, target)
        return target

    def _fetch(self, path: str, entry: PlanFile, target: Path) -> None:
        fetched = temporary_beside(target)
        fetched.parent.mkdir(parents=True, exist_ok=True)
        try:
            uri = blob_uri(self._blob_prefix, entry.sha256)
            self._storage.download(uri, fetched, deadline=self._until_closed)
        except OBJECT_NOT_FOUND as error:
            raise MISSING_PLAN_ARTIFACT(f"the blob of {path} is not in storage") from error
        if file_sha256(fetched) != entry.sha256:
            raise PLAN_ARTIFACT_DIGEST_MISMATCH(f"the blob of {path} is not the file that was planned")
        fetched.replace(target)


def upload_blobs(storage: Storage, plan: Plan, site: Path, prefix: str, *, deadline: Deadline) -> None:
    """Store the blobs of a plan below `prefix`, each once, several at a time."""
    blobs = {file.sha256: site / path for path, file in plan.files.items() if file.is_blob}

    def upload(blob: tuple[str, Path], _: Deadline) -> None:
        storage.upload_blob(blob[1], blob_uri(prefix, blob[0]))

    run_in_lanes(list(blobs.items()), upload, lanes=TRANSFERS_AT_ONCE, deadline=deadline)


def blob_uri(prefix: str, sha256: str) -> str:
    """Where a blob lies."""
    return join_uri(prefix, "blobs", "sha256", sha256[:2], sha256)


def _is_blob(path: Path) -> bool:
    return path.suffix.lower() not in _TEXT_SUFFIXES or path.stat().st_size > _LARGE_BYTES


def _add(tar: tarfile.TarFile, name: str, contents: bytes) -> None:
    member = tarfile.TarInfo(name)
    member.size = len(contents)
    tar.addfile(member, BytesIO(contents))


def _read_members(archive: Path) -> dict[str, bytes]:
    members = {}
    with gzip.open(archive) as packed, tarfile.open(fileobj=packed, mode="r:") as tar:
        for member in tar:
            source = tar.extractfile(member)
            if source is not None:
                members[member.name] = source.read()
        packed.read()  # to its end, where the checksum is
    return members


def _write_site(files: Mapping[str, PlanFile], members: Mapping[str, bytes], site: Path) -> None:
    for path, entry in files.items():
        if PurePosixPath(path).is_absolute() or ".." in PurePosixPath(path).parts:
            raise PLAN_ARTIFACT_DIGEST_MISMATCH(f"{path!r} leaves the plan's folder")
        if entry.is_blob:
            continue
        contents = members.get(f"{_SITE_FOLDER}/{path}")
        if contents is None:
            raise MISSING_PLAN_ARTIFACT(f"the plan archive lacks {path}")
        if sha256(contents).hexdigest() != entry.sha256:
            raise PLAN_ARTIFACT_DIGEST_MISMATCH(f"{path} is not the file that was planned")
        target = site / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(contents)
