from hf_lambda.config import parse_config
from hf_lambda.media.recipes.prores import prores_recipe


def test_profile_is_4444_with_alpha() -> None:
    """The one profile that has alpha, under the vendor that editors expect, in ten bits."""
    options = prores_recipe(parse_config({"format": "mov"})).options
    assert (options["c:v"], options["profile:v"], options["vendor"]) == ("prores_ks", "4444", "apl0")
    assert options["pix_fmt"] == "yuva444p10le"


def test_quality_has_no_part_in_it() -> None:
    """Every quality is the same profile, so their recipes are equal."""
    recipes = [prores_recipe(parse_config({"format": "mov", "quality": name})) for name in ("draft", "high")]
    assert recipes[0] == recipes[1]


def test_threads_are_pinned() -> None:
    """The number of threads is the plan's, not the machine's."""
    assert prores_recipe(parse_config({"format": "mov", "encoderThreads": 3})).options["threads"] == "3"


def test_finest_step_is_given() -> None:
    """Or ffmpeg searches for it, in each slice of each frame."""
    assert prores_recipe(parse_config({"format": "mov"})).options["q:v"] == "1"
