import pytest

from hf_lambda.config import RESOLUTIONS, parse_config
from hf_lambda.errors import INVALID_CONFIG
from hf_lambda.plan.resolution import OutputSize, output_size


def size(name: str | None, width: int, height: int, *, may_turn: bool = False) -> OutputSize:
    """The output size of a composition for an `outputResolution`."""
    config = parse_config({"outputResolution": name, "outputResolutionAspectAgnostic": may_turn})
    return output_size(config, width, height)


def finding(name: str, width: int, height: int) -> str:
    """Why an `outputResolution` is refused."""
    with pytest.raises(INVALID_CONFIG) as caught:
        size(name, width, height)
    return caught.value.cause


def test_without_a_wish_the_composition_decides() -> None:
    """The output of a plain render has the composition's size."""
    assert size(None, 1234, 568) == OutputSize(1234, 568, 1)


@pytest.mark.parametrize(
    ("name", "composition", "expected"),
    [
        ("landscape", (1920, 1080), (1920, 1080, 1)),
        ("landscape-4k", (1920, 1080), (3840, 2160, 2)),
        ("landscape-4k", (1280, 720), (3840, 2160, 3)),
        ("portrait-4k", (1080, 1920), (2160, 3840, 2)),
        ("square-4k", (1080, 1080), (2160, 2160, 2)),
        ("4k-square", (720, 720), (2160, 2160, 3)),
        ("landscape-720p", (320, 180), (1280, 720, 4)),
        ("4K", (640, 360), (3840, 2160, 6)),
        ("portrait-1080p", (540, 960), (1080, 1920, 2)),
    ],
)
def test_output_is_a_whole_multiple(name: str, composition: tuple[int, int], expected: tuple[int, int, int]) -> None:
    """A preset, an alias, in any case of its letters, gives its size and the factor to it."""
    assert size(name, *composition) == OutputSize(*expected)


@pytest.mark.parametrize("name", ["4k", "uhd"])
@pytest.mark.parametrize(
    ("composition", "expected"),
    [((1920, 1080), (3840, 2160)), ((1080, 1920), (2160, 3840)), ((1080, 1080), (2160, 2160))],
)
def test_a_name_without_an_orientation_takes_the_compositions(
    name: str, composition: tuple[int, int], expected: tuple[int, int]
) -> None:
    """4k says how large, the composition which way up."""
    assert size(name, *composition) == OutputSize(*expected, 2)


@pytest.mark.parametrize("name", ["landscape-4k", "portrait-4k", "square-4k"])
def test_any_preset_may_be_turned_on_request(name: str) -> None:
    """With outputResolutionAspectAgnostic a preset stands for its tier."""
    assert size(name, 1080, 1920, may_turn=True) == OutputSize(2160, 3840, 2)
    assert size(name, 1080, 1080, may_turn=True) == OutputSize(2160, 2160, 2)


def test_another_shape_is_refused_with_what_fits() -> None:
    """A preset of another shape is refused with both sizes, and with the presets that would do."""
    message = finding("portrait", 1280, 720)
    assert "portrait is 1080x1920, the composition 1280x720: its shape is another; take " in message
    assert "landscape-4k" in message
    assert "square" not in message


def test_smaller_output_is_refused() -> None:
    """An output is never smaller than its composition."""
    assert "hd is 1920x1080, the composition 3840x2160: it would be made smaller" in finding("hd", 3840, 2160)


def test_fraction_of_a_pixel_is_refused() -> None:
    """A factor such as 1.5 would blur every line of the composition."""
    assert "1.5 is no whole factor" in finding("landscape", 1280, 720)


def test_factor_beyond_the_browsers_is_refused() -> None:
    """Chromium enlarges up to ten times."""
    assert "it is 12 times as large, and 10 is the limit" in finding("4k", 320, 180)


def test_composition_that_no_preset_fits_is_told_so() -> None:
    """Where nothing fits the advice is not an empty list."""
    assert "no preset fits" in finding("4k", 1000, 700)


def test_every_name_fits_a_composition_of_its_size() -> None:
    """Each name is its own size at a factor of 1."""
    for name, (width, height) in RESOLUTIONS.items():
        assert size(name, width, height) == OutputSize(width, height, 1)
