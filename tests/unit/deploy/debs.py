"""Debian packages, made by hand."""

import io
import lzma
import tarfile
from collections.abc import Mapping
from hashlib import sha256

from hf_lambda.deploy.debian import DebianPackage


def build_deb(files: Mapping[str, bytes], links: Mapping[str, str] | None = None) -> bytes:
    """A package with these files, and links by what they lead to."""
    raw = io.BytesIO()
    with tarfile.open(fileobj=raw, mode="w", format=tarfile.GNU_FORMAT) as archive:
        for name, target in (links or {}).items():
            link = tarfile.TarInfo(f"./{name}")
            link.type, link.linkname = tarfile.SYMTYPE, target
            archive.addfile(link)
        for name, contents in files.items():
            member = tarfile.TarInfo(f"./{name}")
            member.size = len(contents)
            archive.addfile(member, io.BytesIO(contents))
    parts = {"debian-binary": b"2.0\n", "control.tar.xz": b"odd", "data.tar.xz": lzma.compress(raw.getvalue())}
    return b"!<arch>\n" + b"".join(_member(name, contents) for name, contents in parts.items())


def describe(contents: bytes, name: str = "any") -> DebianPackage:
    """What is known of a package before it is fetched."""
    return DebianPackage(name, "1.0", f"pool/{name}_1.0~x+b1_amd64.deb", sha256(contents).hexdigest())


def _member(name: str, contents: bytes) -> bytes:
    header = f"{name:<16}{0:<12}{0:<6}{0:<6}{'100644':<8}{len(contents):<10}`\n"
    return header.encode() + contents + b"\n" * (len(contents) % 2)
