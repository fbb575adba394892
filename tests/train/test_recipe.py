import math
import subprocess
import sys

import pytest

from edge_runtime.errors import BadInput
from train.cli import main
from train.recipe import RECIPES, Recipe, load_recipe, recipe_of, shipped_recipe
from train.recipe_parts import Augmentation, ContextKernel


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
        ('network = "lean"\nepoch = 3', "unknown key epoch; known are network, seeds, epochs"),
        ('network = "lean"\nepochs = "three"', "epochs to be a whole number, found 'three'"),
        ('network = "lean"\nbatch = true', "batch to be a whole number, found True"),
        ('network = "lean"\nepochs = 0', "epochs between 1"),
        ('network = "lean"\n[augmentation]\nhue = 1', "unknown key hue"),
        ('network = "lean"\noptimizer = "sgd"', "optimizer to be one of adamw, adam, found 'sgd'"),
        ('network = "lean"\nclass_weight = "full"', "class_weight to be one of none, balanced"),
        ('network = "lean"\nslide_weight = 1', "slide_weight to be a word in quotes, found 1"),
        ('network = "lean"\nfinal_rate = 1.5', "final_rate between 0.0 and 1.0, found 1.5"),
        ('network = "lean"\nlearning_rate = nan', "learning_rate between"),
        ('network = "lean"\nmixed_precision = 1', "mixed_precision to be true or false, found 1"),
        ('network = "lean"\nstain_strength = -0.1', "stain_strength between 0.0 and 1.0"),
        ('network = "lean"\naugmentation = 3', "expected a table of keys, found 3"),
        ('network = "lean"\n[augmentation]\njpeg = 101', "jpeg between 0 and 100, found 101"),
        ('network = "lean"\n[augmentation]\nmixup = 2', "mixup between 0.0 and 1.0, found 2"),
        ('network = "lean"\n[context]\nradius = 9', "radius between 0 and 8"),
        ('network = "lean"\n[context]\nown = 0', "own above 0 where radius is 0"),
        ('network = "lean"\nseeds = 3', "seeds to be a list of whole numbers, found 3"),
        ('network = "lean"\nseeds = [1, 2.5]', "seeds to be a whole number, found 2.5"),
        ('network = "lean"\nseeds = [1, 1]', "seeds that differ, from 0 on"),
        ('network = "lean"\n[distillation]\nepochs = 3\nfolds = 1', "folds of 0, or from 2 on"),
        ('network = "lean"\n[distillation]\nfolds = 5', "with epochs above 0, found folds 5"),
        ("epochs = 3", "network"),
        ('network = "lena"', "network to be one of cancernet, .*lean.*, found 'lena'"),
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


def test_what_is_new_is_off_unless_a_recipe_asks_for_it():
    how, recipe = Augmentation(), Recipe("lean")
    assert not any((how.zoom, how.shift, how.rotation, how.blur, how.jpeg, how.white_balance, how.mixup))
    assert not any(
        (recipe.mixed_precision, recipe.xla, recipe.stain_strength, recipe.context.radius, recipe.final_rate)
    )


def test_a_context_kernel_falls_off_with_the_distance_between_tiles():
    (corner, side, _), (_, own, _), _ = ContextKernel(radius=1, sigma=1.0, own=2.0).kernel()
    assert (own, side, corner) == pytest.approx((2.0, math.exp(-0.5), math.exp(-1.0)))


def test_a_flat_context_kernel_counts_every_tile_alike_but_its_own():
    assert ContextKernel(radius=1, own=3.0).kernel() == ((1.0, 1.0, 1.0), (1.0, 3.0, 1.0), (1.0, 1.0, 1.0))
    assert ContextKernel().kernel() == ((1.0,),)


def test_a_recipe_with_an_unknown_key_is_refused_before_tensorflow_is_loaded(tmp_path):
    (tmp_path / "own.toml").write_text('network = "lean"\nepoch = 3')
    script = (
        "import sys; from train.cli import main\n"
        f"code = main(['fit', '--recipe', {str(tmp_path / 'own.toml')!r}, '--index', 'none.csv'])\n"
        "assert code == 2 and not any(name.split('.')[0] == 'tensorflow' for name in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert done.returncode == 0 and "unknown key epoch" in done.stderr


def test_a_recipe_that_nobody_could_teach_is_refused_before_tiles_are_read(command, tmp_path):
    code, _, talk = command(main, "fit", "--network", "tiny", "--index", tmp_path / "none.csv")
    assert code == 2 and "found neither; give --seeds, or --teachers RUN" in talk
