import pytest

from edge_runtime.errors import BadInput
from train.recipe import RECIPES, load_recipe, recipe_of, shipped_recipe


@pytest.mark.parametrize("path", sorted(RECIPES.glob("*.toml")), ids=lambda path: path.stem)
def test_every_recipe_that_ships_is_one(path):
    assert load_recipe(path).network == path.stem


def test_an_option_of_the_command_line_overrides_the_file():
    assert load_recipe(shipped_recipe("lean"), epochs=3).epochs == 3
    assert load_recipe(shipped_recipe("lean"), epochs=None).epochs > 3


def test_an_unknown_network_is_refused_with_the_known_ones():
    with pytest.raises(BadInput, match=r"cancernet, .*lean"):
        shipped_recipe("resnet")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('network = "lean"\nepoch = 3', "unknown key epoch; known are network, epochs"),
        ('network = "lean"\nepochs = "three"', "epochs to be int, found 'three'"),
        ('network = "lean"\nbatch = true', "batch to be int, found True"),
        ('network = "lean"\nepochs = 0', "epochs between 1"),
        ('network = "lean"\n[augmentation]\nhue = 1', "unknown key hue"),
        ("epochs = 3", "network"),
        ("epochs 3", "is not TOML"),
    ],
)
def test_a_recipe_with_a_mistake_is_refused_before_hours_are_lost(tmp_path, text, message):
    path = tmp_path / "own.toml"
    path.write_text(text)
    with pytest.raises(BadInput, match=message):
        load_recipe(path)


def test_a_missing_recipe_is_said(tmp_path):
    with pytest.raises(BadInput, match="expected a recipe"):
        load_recipe(tmp_path / "none.toml")


def test_a_run_reads_its_recipe_back_from_json():
    import dataclasses

    recipe = load_recipe(shipped_recipe("lean"))
    assert recipe_of(dataclasses.asdict(recipe)) == recipe
