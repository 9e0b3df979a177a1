"""Rules about what a page fetches while it renders."""

import re
from collections.abc import Iterator

from hf_lambda.composition.lint.findings import Finding, Rule
from hf_lambda.composition.lint.javascript import Code
from hf_lambda.composition.lint.sources import Project, Script, imported_urls

REQUEST = Rule(
    "network_request",
    "Every page of every worker asks anew, when it likes: answers differ, come late or not at all, and frames differ "
    "with them.",
    "Put the data into the project, and fetch it by a relative path.",
)
REMOTE_SCRIPT = Rule(
    "remote_script",
    "Every page of every worker loads it anew. A render fails or changes with the other server, and cannot be "
    "repeated when the file there changes.",
    "Put the file into the project and refer to it by a relative path.",
)
REMOTE_ASSET = Rule(
    "remote_asset_in_script",
    "The plan does not see addresses inside scripts: every page of every worker loads the file anew, and a frame may "
    "be taken before it has come.",
    "Put the file into the project and refer to it by a relative path.",
)
MAP = Rule(
    "live_map",
    "A map loads its tiles over the network when the camera moves; the frame does not wait for all of them.",
    "Use a picture of the map, or tiles that lie in the project.",
)
WEBGPU = Rule(
    "webgpu",
    "The browser of the renderer has no GPU and offers no WebGPU adapter.",
    "Draw with WebGL or a 2D canvas.",
)

RULES = (REQUEST, REMOTE_SCRIPT, REMOTE_ASSET, MAP, WEBGPU)

_REMOTE = re.compile(r"\s*(https?:|wss?:)?//\w", re.IGNORECASE)
_ASSET = re.compile(
    r"(https?:)?//[^\s\"'<>]+\.(png|jpe?g|gif|webp|avif|svg|mp4|webm|mov|mp3|wav|m4a|ogg|woff2?|ttf|otf|glb|gltf|hdr|"
    r"exr|json|lottie|riv|csv|cube)([?#]\S*)?",
    re.IGNORECASE,
)
_MAPS = (("mapboxgl", "Map"), ("maplibregl", "Map"), ("google", "maps", "Map"), ("L", "map"))


def check(project: Project) -> Iterator[Finding]:
    """Findings in scripts and script elements."""
    for document, element in project.elements():
        if element.tag == "script" and _REMOTE.match(url := element.attributes.get("src", "")):
            offset = document.attribute_offset(element, "src")
            yield REMOTE_SCRIPT.at(document.file, offset, f"{url} is loaded over the network")
    for script in project.scripts:
        yield from _check_requests(script)
        yield from _check_strings(script)
        for path in _MAPS:
            for bracket in script.code.calls(*path):
                yield MAP.at(script.file, script.offset(bracket - 1), f"{'.'.join(path)} shows live tiles")
        yield from _check_webgpu(script)


def _check_requests(script: Script) -> Iterator[Finding]:
    code = script.code
    brackets = [(name, bracket, 0) for name in ("fetch", "WebSocket", "EventSource") for bracket in code.calls(name)]
    if any(True for _ in code.calls("XMLHttpRequest")):
        brackets += [("XMLHttpRequest", bracket, 1) for bracket in code.methods("open")]
    for name, bracket, position in brackets:
        items = code.arguments(bracket)
        if len(items) > position and _REMOTE.match(_first_text(code, items[position][0])):
            yield REQUEST.at(script.file, script.offset(bracket - 1), f"{name} asks another server")


def _first_text(code: Code, index: int) -> str:
    """What a string or template begins with."""
    index += code.is_code(index, "`")
    is_text = index < len(code.tokens) and code.tokens[index].kind in ("string", "template")
    return code.text(index).strip("\"'") if is_text else ""


def _check_strings(script: Script) -> Iterator[Finding]:
    code = script.code
    imported = {url for url in imported_urls(code) if _REMOTE.match(url)}
    requests = {code.arguments(bracket)[0][0] for bracket in code.calls("fetch") if code.arguments(bracket)}
    for index, token in enumerate(code.tokens):
        if token.kind != "string" or index in requests:
            continue
        text = token.text[1:-1]
        if text in imported:
            yield REMOTE_SCRIPT.at(script.file, script.offset(index), f"{text} is imported over the network")
        elif _ASSET.fullmatch(text.strip()):
            yield REMOTE_ASSET.at(script.file, script.offset(index), f"{text} is loaded over the network")


def _check_webgpu(script: Script) -> Iterator[Finding]:
    code = script.code
    for index in range(len(code.tokens)):
        is_gpu = code.is_code(index, "gpu") and code.is_code(index - 1, ".") and code.is_code(index - 2, "navigator")
        if is_gpu:
            yield WEBGPU.at(script.file, script.offset(index), "navigator.gpu has no adapter")
            return
