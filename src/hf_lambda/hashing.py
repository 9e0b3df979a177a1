"""SHA-256 of files, and the canonical JSON that plans are hashed in."""

import json
from hashlib import file_digest, sha256
from pathlib import Path
from typing import Any


def file_sha256(path: Path) -> str:
    """Lowercase hex digest of a file's bytes."""
    with path.open("rb") as file:
        return file_digest(file, "sha256").hexdigest()


def tree_sha256(folder: Path) -> str:
    """Digest of a folder's files with their paths."""
    files = (path for path in sorted(folder.rglob("*")) if path.is_file())
    return json_sha256({str(path.relative_to(folder)): file_sha256(path) for path in files})


def canonical_json(value: Any) -> str:
    """JSON with sorted keys and no spaces: equal values give equal text."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)


def json_sha256(value: Any) -> str:
    """Lowercase hex digest of the canonical JSON of a value."""
    return sha256(canonical_json(value).encode()).hexdigest()
