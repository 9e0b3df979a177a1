"""Which files a page takes out of folders that are otherwise left out of the project, such as node_modules.

Authors load `node_modules/gsap/dist/gsap.min.js` as it lies there. Such files are named by the project's own texts,
and load others that lie beside them.
"""

import re
from collections.abc import Collection, Iterable, Iterator
from pathlib import Path
from urllib.parse import unquote

from hf_lambda.files import is_file, read_text

_TEXTS = frozenset((".html", ".htm", ".css", ".js", ".mjs", ".json", ".svg"))
_LARGEST_TEXT_BYTES = 4 << 20
_MAPPED_FOLDER = re.compile(r'"([^"\s]+/)"\s*:\s*"([^"\s]+/)"')
"""An entry of an import map: the beginning of names, and where what they name lies."""
_RELATIVE = re.compile(r"""["'(](\.{1,2}/[^"'()\s]+)["')]""")


def files_in_left_out(project: Path, kept: Iterable[Path], folders: Collection[str]) -> list[Path]:
    """The files in top-level `folders` that `kept`, the project's other files, refer to, and those that these load."""
    named = re.compile(rf"(?<![\w.-])(?:{'|'.join(map(re.escape, sorted(folders)))})/[^\s\"'`()<>?#\\]+")
    texts = list(_texts(kept))
    mapped = [
        (prefix, folder[0])
        for text in texts
        for prefix, target in _MAPPED_FOLDER.findall(text)
        if (folder := named.search(target))
    ]
    found: set[Path] = set()
    for text in texts:
        names = [*named.findall(text), *_mapped_names(text, mapped)]
        found.update(_existing(project, (project / unquote(name) for name in names)))
    waiting = sorted(found)
    while waiting:
        path = waiting.pop()
        beside = (path.parent / reference for text in _texts([path]) for reference in _RELATIVE.findall(text))
        new = set(_existing(project, beside)) - found
        found |= new
        waiting += sorted(new)
    return sorted(found)


def _mapped_names(text: str, mapped: Iterable[tuple[str, str]]) -> Iterator[str]:
    """What a text names by way of an import map."""
    for prefix, folder in mapped:
        yield from (folder + rest for rest in re.findall(rf"[\"'`]{re.escape(prefix)}([^\s\"'`]+)", text))


def _texts(paths: Iterable[Path]) -> Iterator[str]:
    for path in paths:
        if path.suffix.lower() in _TEXTS and path.stat().st_size <= _LARGEST_TEXT_BYTES:
            yield read_text(path)


def _existing(project: Path, candidates: Iterable[Path]) -> Iterator[Path]:
    for candidate in candidates:
        parts: list[str] = []
        for part in candidate.relative_to(project).parts:
            if part == "..":
                del parts[-1:]
            else:
                parts.append(part)
        if is_file(path := project.joinpath(*parts)):
            yield path
