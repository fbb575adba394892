import json
import logging
import subprocess
import sys

import cv2
import numpy as np
import pytest

from edge_runtime.contract import CONTRACT_VERSION, StainGate
from edge_runtime.gates import FOREIGN_STAIN, Gates, gates_of, look
from edge_runtime.model_file import CARD, GOLDEN, PARITY, open_model, shipped_path
from edge_runtime.pictures import read_picture
from quantize.cli import main
from quantize.gates import PEN_GATE, TISSUE_GATE, gates_at, learned_from, passing
from quantize.stain_gate import learn_stain_gate, turn_hue
from tests.conftest import SLIDES
from tests.edge_runtime.test_stain import stained
from train.patch_index import IndexRow, write_index
from train.tiles import TileSet


def tile_set(tiles, **more):
    slides = np.array([f"s{n % 2}" for n in range(len(tiles))])
    return TileSet(tiles, np.zeros(len(tiles), np.uint8), slides, ("",) * len(tiles), **more)


def various(count, seed=0):
    """Tiles of haematoxylin and eosin whose mixture differs from tile to tile."""
    rng = np.random.default_rng(seed)
    amounts = rng.uniform(0, 0.8, (2, count, 50, 50, 1)) * rng.uniform(0.3, 1, (2, count, 1, 1, 1))
    density = amounts[0] * [0.52, 0.735, 0.435] + amounts[1] * [0.109, 0.827, 0.551]
    return np.rint(np.array([242, 240, 241]) * np.exp(-density)).astype(np.uint8)


def test_roughness_is_judged_at_the_scale_that_it_was_measured_at_alone():
    assert gates_at(4.0).pen == PEN_GATE
    other = gates_at(1.86).pen
    assert other.min_roughness == 0 and other.green_ratio == PEN_GATE.green_ratio


def test_tiles_of_ink_have_no_say_in_what_is_learned_of_stain():
    inked = np.rint(stained(4) * np.exp(-np.array([2.0, 0.5, 0.7]))).astype(np.uint8)
    clean = learned_from(tile_set(stained(6)))
    assert clean["stain_profile"] is not None and clean["stain_gate"] is not None
    assert learned_from(tile_set(np.concatenate([stained(6), inked]))) == clean


def test_train_tiles_without_tissue_give_no_profile_no_gate_and_a_warning(caplog):
    with caplog.at_level(logging.WARNING):
        found = learned_from(tile_set(np.full((4, 50, 50, 3), 245, np.uint8)))
    assert found == {"stain_profile": None, "stain_gate": None}
    assert "no stain profile and gate" in caplog.text


def test_tiles_with_a_little_ink_say_nothing_of_the_stain_gate_though_they_pass():
    little = stained(4, seed=5)
    little[:, :, :6] = np.rint(little[:, :, :6] * np.exp(-np.array([2.0, 0.5, 0.7]))).astype(np.uint8)
    assert passing(little, gates_at(4.0)).all()
    one, other = (
        learned_from(tile_set(tiles))["stain_gate"] for tiles in (stained(6), np.concatenate([stained(6), little]))
    )
    assert one == other


@pytest.fixture(scope="module")
def learned():
    return learn_stain_gate(various(60), np.array([f"s{n % 4}" for n in range(60)]), 0.15)


@pytest.mark.parametrize("degrees", [-120, -90, -60, -30, 30, 60, 90, 120, 180])
def test_what_is_learned_refuses_a_turned_hue_and_passes_other_tiles_of_the_same_stain(learned, degrees):
    gates, unseen = Gates(stain=learned), various(12, seed=9)
    assert set(look(unseen, gates, is_view=True).reasons) == {None}
    assert set(look(turn_hue(unseen, degrees), gates, is_view=True).reasons) == {FOREIGN_STAIN}


def test_a_hue_turned_all_the_way_round_is_itself_but_for_rounding():
    tiles = stained(1)
    there_and_back = turn_hue(turn_hue(tiles, 90), -90)
    assert np.abs(there_and_back.astype(int) - tiles).max() <= 8
    assert (turn_hue(np.full((1, 2, 2, 3), 200, np.uint8), 77) == 200).all()


@pytest.fixture
def index(tmp_path):
    """Two slides of ten tiles each for training."""
    rows = []
    for n, tile in enumerate(various(20)):
        path = tmp_path / f"{n % 2}_idx5_x{50 * n + 1}_y1_class{n // 10}.png"
        assert cv2.imwrite(str(path), tile[..., ::-1])
        rows.append(IndexRow(str(path), str(n % 2), str(n % 2), 50 * n + 1, 1, n // 10, "train"))
    write_index(rows, tmp_path / "index.csv")
    return tmp_path / "index.csv"


def test_a_model_gets_the_gates_of_today_and_keeps_all_else(index, tmp_path, command):
    code, out, _ = command(main, "regate", "lean", "--index", index, "--out", tmp_path / "new.tflite", "--version", "9")
    assert code == 0
    old, new = open_model(shipped_path("lean")), open_model(tmp_path / "new.tflite")
    assert json.loads(out)["sha256"] == new.sha256 and new.contract.version == "9"
    assert gates_of(new.contract).only(gates_at(4.0).reasons) == gates_at(4.0)
    assert isinstance(new.contract.stain_gate, StainGate) and new.contract.contract_version == CONTRACT_VERSION
    assert (new.contract.tile, new.contract.context) == (old.contract.tile, old.contract.context)
    assert new.part(GOLDEN) == old.part(GOLDEN) and json.loads(new.part(PARITY)) == json.loads(old.part(PARITY))
    assert new.part(CARD)


def test_regate_refuses_a_name_that_no_runtime_knows_and_an_index_that_is_not_there(tmp_path, command):
    code, _, err = command(main, "regate", "lean", "--index", tmp_path / "no.csv", "--out", tmp_path / "new.tflite")
    assert code == 2 and "no.csv" in err


@pytest.fixture(scope="module")
def validation_tiles(tmp_path_factory):
    """The real validation tiles and their labels."""
    if not (SLIDES / "idc.zip").exists():
        pytest.skip("the real IDC tiles are not beside this checkout")
    folder = tmp_path_factory.mktemp("val")
    subprocess.run(
        [sys.executable, SLIDES / "unpack_idc.py", folder, "--split", "val"], check=True, capture_output=True
    )
    pictures = {path: read_picture(path) for path in sorted(folder.rglob("*.png"))}
    whole = {path: pixels for path, pixels in pictures.items() if pixels.shape == (50, 50, 3)}
    return np.stack(list(whole.values())), np.array([int(path.parent.name) for path in whole])


@pytest.mark.slides
def test_at_most_a_tile_in_a_hundred_of_real_validation_tissue_is_glass_pen_dark_or_clipped(validation_tiles):
    tiles, labels = validation_tiles
    refused = ~passing(tiles, gates_at(4.0))
    assert len(tiles) > 3000 and gates_at(4.0).tissue == TISSUE_GATE
    assert refused[labels == 0].mean() <= 0.01 and refused[labels == 1].mean() <= 0.002
