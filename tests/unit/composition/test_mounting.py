from pathlib import Path

import pytest

from hf_lambda.composition.asset_paths import AssetPaths
from hf_lambda.composition.markup import scan_elements
from hf_lambda.composition.mounting import HostName, Mount
from hf_lambda.composition.mounting import mount as mount_source
from hf_lambda.composition.sub_composition import SubComposition

HOST_TAG = '<div class="clip" data-composition-id="a" data-composition-src="scenes/a.html" data-start="1">'
NAMED = HostName("a", "a")


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project with a picture beside its sub-compositions."""
    (tmp_path / "scenes").mkdir()
    (tmp_path / "scenes" / "near.png").touch()
    return tmp_path


def mount(project: Path, html: str, name: HostName = NAMED, host_tag: str = HOST_TAG) -> Mount:
    """The file mounted in a host."""
    source = SubComposition(html, AssetPaths(project, "scenes/a.html"))
    return mount_source(source, scan_elements(host_tag)[0], host_tag, name)


@pytest.mark.parametrize(
    "html",
    [
        "<html><head><style>.x{}</style></head><body><template><i data-composition-id=a>1</i></template></body></html>",
        "<html><head></head><body><i data-composition-id=a>1</i></body></html>",
        "<html><i data-composition-id=a>1</i></html>",
        "<i data-composition-id=a>1</i>",
    ],
)
def test_content_is_template_else_body_else_all(project: Path, html: str) -> None:
    """Whatever shape the file has, its root reaches the host; a template leaves the head to its own page."""
    mounted = mount(project, html)
    assert mounted.markup == '<i style="width:100%;height:100%" data-hf-inner-root="true">1</i>'
    assert mounted.styles == []


def test_inner_root_gives_up_name_and_place(project: Path) -> None:
    """Id and timing go to the host; size becomes style; everything else stays as written."""
    root = (
        '<div  id="main" class=x data-composition-id="a" data-start="0" data-duration="2" data-track-index="1" '
        'data-width="100" data-height="60" style="color: red" data-timeline-locked>t</div>'
    )
    mounted = mount(project, root)
    assert mounted.markup == (
        '<div class=x data-width="100" data-height="60" style="color: red;width:100px;height:60px" '
        'data-timeline-locked data-hf-authored-id="main" data-hf-inner-root="true">t</div>'
    )
    assert mounted.host_tag == (
        '<div class="clip" data-composition-id="a" data-start="1" data-composition-file="scenes/a.html" '
        'data-timeline-locked="" data-width="100" data-height="60" style="width:100px;height:60px">'
    )


def test_size_and_style_of_the_host_win(project: Path) -> None:
    """A host keeps its own size, and the sides that its style sets already."""
    tag = HOST_TAG.replace(">", ' data-width="10" style="width:50%">')
    host_tag = mount(project, "<i data-composition-id=a data-width=7 data-height=8>", host_tag=tag).host_tag
    assert 'data-width="10" style="width:50%;height:8px"' in host_tag
    assert 'data-height="8"' in host_tag


def test_shared_name_gets_a_runtime_name(project: Path) -> None:
    """Host, styles and scripts of a renamed mount agree on the new name; scripts know the old one."""
    html = "<style>.x{}</style><i data-composition-id=a></i><script>1</script>"
    mounted = mount(project, html, HostName("a", "a__hf2"))
    assert 'data-composition-id="a__hf2"' in mounted.host_tag
    assert 'data-hf-original-composition-id="a"' in mounted.host_tag
    assert mounted.styles == ['<style>[data-composition-id="a__hf2"] .x {}</style>']
    assert '"authoredId": "a", "runtimeId": "a__hf2"' in mounted.scripts[0].element


def test_name_of_an_earlier_mounting_is_dropped(project: Path) -> None:
    """A saved document may call the host what the page called it then."""
    tag = HOST_TAG.replace('id="a"', 'id="a__hf1" data-hf-original-composition-id="a"')
    assert mount(project, "<i data-composition-id=a></i>", host_tag=tag).host_tag.startswith(
        '<div class="clip" data-composition-id="a" data-start="1"'
    )


def test_anonymous_host_leaves_the_name_on_the_inner_root(project: Path) -> None:
    """Without a name of its own, the host takes the first root, which stays the composition, by the page's name."""
    tag = '<div data-composition-src="scenes/a.html">'
    html = "<i data-composition-id=b data-start=0></i><script>1</script>"
    mounted = mount(project, html, HostName(None, "b__hf1"), tag)
    assert mounted.runtime_id == "b__hf1"
    assert "data-composition-id" not in mounted.host_tag
    assert mounted.markup.startswith('<i data-composition-id="b__hf1" data-hf-original-composition-id="b" style=')
    assert '"authoredId": "b", "runtimeId": "b__hf1"' in mounted.scripts[0].element


def test_root_of_another_name_stays_a_composition(project: Path) -> None:
    """Only an exact match is flattened; scripts go by the name inside, styles by the host's."""
    html = "<style>.x{}</style><i data-composition-id=b data-start=0></i><script>1</script>"
    mounted = mount(project, html)
    assert mounted.markup == "<i data-composition-id=b data-start=0></i>"
    assert '[data-composition-id="a"] .x' in mounted.styles[0]
    assert '"authoredId": "b", "runtimeId": "a"' in mounted.scripts[0].element


def test_document_parts_are_collected(project: Path) -> None:
    """Links, styles and scripts leave the markup, head first, with their attributes and new URLs."""
    html = (
        "<html><head><link rel=stylesheet href=../f.css><style media=print>.h{}</style>"
        "<script src=../lib.js async data-x></script></head>"
        "<body><div data-composition-id=a>t<style>.c{}</style><script>2</script>"
        "<link rel=icon href=i.png></div><script type=module>3</script></body></html>"
    )
    mounted = mount(project, html)
    assert mounted.links == [("f.css", '<link rel=stylesheet href="f.css">')]
    assert [style[:13] for style in mounted.styles] == ["<style media=", "<style>[data-"]
    assert [(script.kind, script.src) for script in mounted.scripts] == [
        ("classic", "lib.js"), ("classic", ""), ("module", ""),
    ]  # fmt: skip
    assert mounted.scripts[0].element == '<script src="lib.js" data-x></script>'
    assert mounted.markup.endswith("t<link rel=icon href=i.png></div>")


def test_style_of_a_drawing_is_scoped(project: Path) -> None:
    """Drawing programs wrap it in a CDATA section."""
    html = "<svg data-composition-id=a><style><![CDATA[.x{} .y{}]]></style></svg>"
    scoped = '[data-composition-id="a"] .x {} [data-composition-id="a"] .y {}'
    assert mount(project, html).styles == [f"<style>{scoped}</style>"]


def test_remote_libraries_are_hoisted(project: Path) -> None:
    """What other scripts may need from elsewhere comes first; files of the project keep their turn."""
    html = "<i data-composition-id=a></i><script src=https://x/y.js></script><script src=z.js></script>"
    assert [script.is_hoisted for script in mount(project, html).scripts] == [True, False]


def test_data_blocks_come_along(project: Path) -> None:
    """Scripts that are not run stay where they are, or follow the root; those in templates are left alone."""
    html = (
        "<div data-composition-id=a><script type=application/json>1</script>"
        "<template><style>.x{}</style><script>2</script></template></div><script type=text/data>3</script>"
    )
    mounted = mount(project, html)
    assert mounted.scripts == []
    assert mounted.styles == []
    assert "application/json" in mounted.markup
    assert "<template><style>.x{}</style><script>2</script></template>" in mounted.markup
    assert mounted.markup.endswith("</div><script type=text/data>3</script>")


def test_assets_are_found_from_the_entry_document(project: Path) -> None:
    """URLs in attributes, style attributes and stylesheets are rewritten by the one rule."""
    html = (
        "<style>.x{a:url(near.png)}</style><div data-composition-id=a style='b:url(near.png)'>"
        "<img src=near.png><img src=far.png><a href=../q>q</a></div>"
    )
    mounted = mount(project, html)
    assert 'url("scenes/near.png")' in mounted.styles[0]
    assert "b:url(&quot;scenes/near.png&quot;);width:100%;height:100%" in mounted.markup
    assert '<img src="scenes/near.png"><img src=far.png><a href="q">q</a>' in mounted.markup


def test_starts_behind_a_clip_of_the_file_are_numbers(project: Path) -> None:
    """So that no other mount's clip of the same id is meant."""
    clips = '<b id="x" data-start="0" data-duration="2"></b><b data-start="x + 1"></b>'
    markup = mount(project, f"<i data-composition-id=a>{clips}</i>").markup
    assert markup.endswith('<b id="x" data-start="0" data-duration="2"></b><b data-start="3.0"></b></i>')


def test_values_of_the_host_overlay_defaults(project: Path) -> None:
    """Defaults of the html element, then of the root, then what the host passes."""
    html = (
        """<html data-composition-variables='[{"id":"x","default":1},{"id":"y","default":1},{"id":"z","default":1}]'>"""
        """<body><i data-composition-id=a data-composition-variables='[{"id":"y","default":2}]'></i></body></html>"""
    )
    tag = HOST_TAG.replace(">", """ data-variable-values='{"z": 3}'>""")
    assert mount(project, html, host_tag=tag).variables == {"x": 1, "y": 2, "z": 3}
