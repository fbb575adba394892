import dataclasses
import importlib.util
import json

import numpy as np
import pytest

from edge_runtime.errors import BadInput
from train.pretrained import FILE, IMAGENET, Weights
from train.recipe import FineTune, Recipe
from train.recipe_parts import Transfer
from train.tiles import TileSet

pytestmark = [
    pytest.mark.tf,
    pytest.mark.skipif(importlib.util.find_spec("tensorflow") is None, reason="TensorFlow is not installed"),
    pytest.mark.filterwarnings("default"),
]

VGG = Recipe("vgg16", epochs=2, batch=4, learning_rate=1e-4, average=0.0, transfer=Transfer(head_epochs=1))
PREPROCESSED_AS = {"mobilenet_v2": "tf", "vgg16": "caffe", "efficientnet_b0": "torch"}


@pytest.fixture
def small(monkeypatch):
    """Every backbone is two convolutions with batch norm, so that a fit takes seconds."""
    from train.keras import keras, layers
    from train.networks.backbones import Backbone

    def build(self, weights=None, input_tensor=None, input_shape=None):
        x = inputs = keras.Input(input_shape) if input_tensor is None else input_tensor
        for n in range(2):
            x = layers.Conv2D(4, 3, strides=4, use_bias=False, name=f"conv{n}")(x)
            x = layers.ReLU(name=f"relu{n}")(layers.BatchNormalization(name=f"bn{n}")(x))
        return keras.Model(keras.utils.get_source_inputs(inputs), x)

    monkeypatch.setattr(Backbone, "build", build)


@pytest.fixture
def file(small, tmp_path):
    """The weights of such a backbone, as Keras saves them."""
    from train.keras import keras
    from train.networks import BACKBONES

    keras.utils.set_random_seed(7)
    path = tmp_path / "backbone.h5"
    BACKBONES["vgg16"].build(input_shape=(50, 50, 3)).save_weights(str(path))
    return path


def some_tiles(count=8, seed=0):
    tiles = np.random.default_rng(seed).integers(0, 256, (count, 50, 50, 3), np.uint8)
    return TileSet(tiles, (np.arange(count) % 2).astype(np.uint8), np.array(["a"] * count), ("",) * count)


def weights_of(network, folder):
    from train.fit import BEST_WEIGHTS
    from train.networks import NETWORKS

    built = NETWORKS[network]()
    built.load_weights(str(folder / BEST_WEIGHTS))
    return {layer.name: layer.get_weights() for layer in built.layers if layer.weights}


def same(one, other):
    return all(np.array_equal(a, b) for a, b in zip(one, other, strict=True))


@pytest.mark.parametrize("name", PREPROCESSED_AS)
def test_the_fixed_convolution_is_what_imagenet_weights_expect(name):
    from train.keras import keras
    from train.networks import NETWORKS

    network = NETWORKS[name]()
    pixels = np.random.default_rng(0).random((2, 50, 50, 3)).astype(np.float32)
    found = keras.Model(network.input, network.get_layer("preprocess").output)(pixels)
    wanted = keras.applications.imagenet_utils.preprocess_input(255 * pixels, mode=PREPROCESSED_AS[name])
    assert np.allclose(found, wanted, atol=1e-3)
    assert not network.get_layer("preprocess").trainable


def test_efficientnet_says_the_same_with_our_preprocessing_as_with_its_own(tmp_path):
    from train.keras import keras
    from train.networks import NETWORKS
    from train.start import read_start

    theirs = keras.applications.EfficientNetB0(include_top=False, weights=None, input_shape=(50, 50, 3), pooling="avg")
    mean, deviation = np.array([0.485, 0.456, 0.406]), np.array([0.229, 0.224, 0.225])
    theirs.get_layer(index=2).set_weights([mean, deviation**2, np.int64(0)])  # as the ImageNet weights have it
    theirs.save_weights(str(tmp_path / "theirs.h5"))
    start = read_start(Recipe("efficientnet_b0"), Weights(FILE, tmp_path / "theirs.h5"))
    ours = start.put_into(NETWORKS["efficientnet_b0"]())
    pixels = np.random.default_rng(0).random((2, 50, 50, 3)).astype(np.float32)
    found = keras.Model(ours.input, ours.get_layer("mean").output)(pixels)
    assert np.std(found) > 0 and np.allclose(found, theirs(255 * pixels), atol=1e-4 * float(np.std(found)))


def fit_vgg(folder, file, emit):
    from train.crew import alone
    from train.fit import Plan
    from train.networks import NETWORKS
    from train.start import read_start
    from train.transfer import fit_in_phases

    start, plan = read_start(VGG, Weights(FILE, file)), Plan(NETWORKS["vgg16"], VGG.epochs, 1e-3, 0.0)
    fit_in_phases(plan, start, some_tiles(), some_tiles(4, 1), VGG, 0, folder / "seed0", emit, alone())
    return start


def test_two_phases_keep_the_backbone_first_and_move_it_then(tmp_path, file):
    records = []
    start = fit_vgg(tmp_path, file, records.append)
    head, whole = weights_of("vgg16", tmp_path / "seed0" / "head"), weights_of("vgg16", tmp_path / "seed0")
    assert [(record["run"], record["epoch"]) for record in records] == [
        ("seed0/head", 1),
        (f"{tmp_path.name}/seed0", 1),
        (f"{tmp_path.name}/seed0", 2),
    ]
    assert sorted(start.of_layers) == ["bn0", "bn1", "conv0", "conv1"]
    assert all(same(head[name], kept) for name, kept in start.of_layers.items())  # batch norm's statistics, too
    assert not any(same(head[name], whole[name]) for name in start.of_layers)
    assert same(head["preprocess"], whole["preprocess"])


def test_a_run_killed_in_its_second_phase_goes_on_there(tmp_path, file):
    class Killed(Exception):
        pass

    def kill(record):
        if record["run"] == "b/seed0":
            raise Killed

    fit_vgg(tmp_path / "a", file, lambda record: None)
    with pytest.raises(Killed):
        fit_vgg(tmp_path / "b", file, kill)
    seen = []
    fit_vgg(tmp_path / "b", file, seen.append)
    assert [(record["run"], record["epoch"]) for record in seen] == [("b/seed0", 2)]
    one, other = (weights_of("vgg16", tmp_path / run / "seed0") for run in "ab")
    assert all(np.allclose(a, b, atol=1e-5) for name in one for a, b in zip(one[name], other[name], strict=True))


def test_only_the_top_of_the_backbone_learns_where_the_recipe_says_so(small):
    from train.networks import NETWORKS
    from train.transfer import _frozen, _thawed, backbone_layers

    frozen = _frozen(NETWORKS["vgg16"]())
    assert [value.name for value in frozen.trainable_variables] == ["logit/kernel:0", "logit/bias:0"]
    top = _thawed(NETWORKS["vgg16"](), 3)
    assert [layer.name for layer in backbone_layers(top) if layer.trainable] == ["conv1", "bn1", "relu1"]
    assert all(layer.trainable for layer in backbone_layers(_thawed(NETWORKS["vgg16"](), 0)))
    with pytest.raises(BadInput, match="top_layers up to 6, found 9"):
        _thawed(NETWORKS["vgg16"](), 9)


def test_a_file_of_another_network_is_refused(tmp_path, file, monkeypatch):
    from train.start import read_start

    monkeypatch.undo()
    with pytest.raises(BadInput, match=r"applications\.MobileNetV2 without its top"):
        read_start(Recipe("mobilenet_v2"), Weights(FILE, file))
    damaged = tmp_path / "damaged.h5"
    damaged.write_bytes(b"not HDF5 at all")
    with pytest.raises(BadInput, match=r"applications\.VGG16 without its top"):
        read_start(VGG, Weights(FILE, damaged))


def test_weights_that_cannot_be_had_are_said_with_what_to_do(monkeypatch):
    from train.networks.backbones import Backbone
    from train.start import read_start

    def offline(self, **how):
        raise Exception("URL fetch failure on https://example.org/vgg16.h5: None -- no route to host")

    monkeypatch.setattr(Backbone, "build", offline)
    with pytest.raises(BadInput, match=r"vgg16_weights.*notop\.h5, and could not fetch them \(URL.*--weights none"):
        read_start(VGG, Weights(IMAGENET))


def test_imagenet_weights_come_out_of_the_cache_of_keras(monkeypatch, tmp_path):
    from train.keras import keras
    from train.networks.backbones import Backbone
    from train.pretrained import keras_cache
    from train.start import read_start

    keras.utils.set_random_seed(3)
    monkeypatch.setenv("HOME", str(tmp_path))
    path = keras_cache("mobilenet_v2")
    path.parent.mkdir(parents=True)
    stored = Backbone("MobileNetV2", (), ()).build(weights=None, input_shape=(50, 50, 3))
    stored.save_weights(str(path))
    start = read_start(Recipe("mobilenet_v2"), Weights(IMAGENET))
    assert same(start.of_layers["Conv1"], stored.get_layer("Conv1").get_weights())


def test_a_recipe_of_two_phases_is_refused_where_there_is_no_backbone():
    from train.start import read_start

    with pytest.raises(BadInput, match=r"recipe \[transfer\].*found it for lean"):
        read_start(Recipe("lean", transfer=Transfer(head_epochs=5)), Weights())


def test_a_run_is_bound_to_the_weights_that_it_started_from(tmp_path, file):
    from train.experiment import run_experiment

    recipe = dataclasses.replace(VGG, seeds=(0,), transfer=Transfer(head_epochs=0), fine_tune=FineTune(epochs=0))
    sides = some_tiles(), some_tiles(4, 1)
    result = run_experiment(recipe, *sides, tmp_path / "run", weights=Weights(FILE, file))
    assert result["weights"]["source"] == FILE and len(result["weights"]["sha256"]) == 64
    assert result["quantization"] == "ptq" and result["fine_tuned"] is None
    assert json.loads((tmp_path / "run/run.json").read_text())["weights"] == result["weights"]
    with pytest.raises(BadInput, match="other data, weights or teachers"):
        run_experiment(recipe, *sides, tmp_path / "run", weights=Weights())
