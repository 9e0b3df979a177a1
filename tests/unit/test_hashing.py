import hashlib
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hf_lambda.hashing import canonical_json, file_sha256, json_sha256, tree_sha256

JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


@pytest.mark.parametrize("contents", [b"", b"abc", b"x" * 300_000])
def test_file_digest_is_sha256_in_hex(tmp_path: Path, contents: bytes) -> None:
    """A file's digest is that of its bytes."""
    path = tmp_path / "file"
    path.write_bytes(contents)
    assert file_sha256(path) == hashlib.sha256(contents).hexdigest()


def test_canonical_json_is_sorted_compact_and_readable() -> None:
    """Keys are sorted, spaces left out, letters kept as they are."""
    assert canonical_json({"b": [1, 2.5, None], "a": "ü", "A": True}) == '{"A":true,"a":"ü","b":[1,2.5,null]}'


@given(JSON_VALUES)
def test_canonical_json_loses_nothing(value: Any) -> None:
    """The text can be read back as the value."""
    assert json.loads(canonical_json(value)) == value


@given(st.dictionaries(st.text(), JSON_VALUES, max_size=5))
def test_digest_does_not_depend_on_the_order_of_keys(value: dict[str, Any]) -> None:
    """Equal objects have equal digests however they were built."""
    assert json_sha256(dict(reversed(value.items()))) == json_sha256(value)


def test_different_values_have_different_digests() -> None:
    """Values that look alike are told apart."""
    values: list[Any] = [1, "1", [1], {"1": 1}, 1.5, None, "", [], {}, True]
    assert len({json_sha256(value) for value in values}) == len(values)


@pytest.mark.parametrize("value", [float("nan"), float("inf"), [float("-inf")]])
def test_numbers_that_json_lacks_are_refused(value: Any) -> None:
    """A value that other programs could not read has no digest."""
    with pytest.raises(ValueError, match="JSON"):
        json_sha256(value)


def test_folder_digest_knows_names_and_contents(tmp_path: Path) -> None:
    """Equal folders have equal digests; another name or byte gives another."""
    for name, file, contents in (("a", "x", "1"), ("b", "x", "1"), ("c", "y", "1"), ("d", "x", "2")):
        (tmp_path / name / "sub").mkdir(parents=True)
        (tmp_path / name / "sub" / file).write_text(contents)
    a, b, c, d = (tree_sha256(tmp_path / name) for name in "abcd")
    assert a == b
    assert len({a, c, d}) == 3
