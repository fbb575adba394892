import dataclasses
import json

import numpy as np
import pytest

from edge_runtime.cli import main
from edge_runtime.contract import CONTRACT_VERSION, contract_from_json
from edge_runtime.errors import BadInput, BadModelFile
from edge_runtime.gates import (
    FOREIGN_STAIN,
    GATED,
    NO_TISSUE,
    PEN_OR_DIRT,
    SATURATED,
    Gatekeeper,
    Gates,
    choose,
    gates_of,
)
from edge_runtime.golden import golden_bytes
from edge_runtime.model_file import CARD, CONTRACT, GOLDEN, PARITY, flatbuffer_of, seal
from edge_runtime.network import Network
from edge_runtime.pipeline import Pipeline
from edge_runtime.records import Frame
from tests.edge_runtime.fakes.gated import (
    ALL,
    BOTH,
    DARK,
    FOCUS,
    INKS,
    MOTION,
    PEN,
    SATURATION,
    STAIN,
    TISSUE,
    inked,
    stained,
    turned,
)


def test_a_model_of_before_has_the_gates_that_it_has(lean):
    old = json.loads(lean.contract.to_json())
    old["contract_version"] = 2
    for name in ("focus_gate", "dark_gate", "saturation_gate", "stain_gate", "motion_gate"):
        old.pop(name, None)
    contract = contract_from_json(json.dumps(old))
    assert gates_of(contract).reasons == [NO_TISSUE, PEN_OR_DIRT]


def test_every_gate_survives_the_way_into_the_file_and_back(lean):
    fields = {f"{name}_gate": gate for name, gate in vars(ALL).items()}
    contract = dataclasses.replace(lean.contract, **fields)
    assert contract_from_json(contract.to_json()) == contract and gates_of(contract) == ALL


@pytest.mark.parametrize(
    ("gate", "change"),
    [
        (PEN, {"green_ratio": 0.0}),
        (PEN, {"min_excess": float("nan")}),
        (PEN, {"max_ink_share": 1.5}),
        (PEN, {"min_roughness": -0.1}),
        (TISSUE, {"stained_density": float("inf")}),
        (FOCUS, {"near_um": 16.0}),
        (FOCUS, {"min_sharpness": 1.5}),
        (DARK, {"white_level": 256.0}),
        (SATURATION, {"stained_level": 254.0}),
        (STAIN, {"sides": ()}),
        (STAIN.sides[0], {"tile": 0.0}),
        (MOTION, {"max_shift_um": 0.0}),
        (MOTION, {"max_anisotropy": 0.5}),
    ],
)
def test_a_gate_that_cannot_be_is_refused(gate, change):
    with pytest.raises(BadModelFile, match="expected a"):
        dataclasses.replace(gate, **change)


def test_a_person_chooses_gates_and_changes_their_constants():
    assert choose(ALL).reasons == list(GATED)
    assert choose(ALL, "off") == Gates()
    assert choose(ALL, "no_tissue, saturated").reasons == [NO_TISSUE, SATURATED]
    changed = choose(ALL, changes=["out_of_focus.min_sharpness=0.3", "foreign_stain.min_tiles=9"])
    assert (changed.focus.min_sharpness, changed.stain.min_tiles) == (0.3, 9)


@pytest.mark.parametrize(
    ("wanted", "changes", "message"),
    [
        ("glass", [], "--gates: expected on, off, or some of no_tissue,.*found 'glass'"),
        ("saturated", [], "this model has no_tissue,pen_or_dirt, and no saturated"),
        ("on", ["out_of_focus.min_sharpness=0.3"], "expected a gate that is at work .*found 'out_of_focus'"),
        ("on", ["pen_or_dirt.min_ink=0.3"], "expected a constant of pen_or_dirt .*found 'min_ink'"),
        ("on", ["pen_or_dirt.max_ink_share=many"], "expected REASON.CONSTANT=NUMBER"),
        ("on", ["pen_or_dirt=3"], "expected REASON.CONSTANT=NUMBER"),
        ("on", ["pen_or_dirt.max_ink_share=3"], "pen_or_dirt.max_ink_share cannot be 3"),
    ],
)
def test_a_choice_that_cannot_be_is_refused_in_one_sentence(wanted, changes, message):
    with pytest.raises(BadInput, match=message):
        choose(BOTH, wanted, changes)


def test_a_number_of_tiles_is_whole():
    with pytest.raises(BadInput, match="expected a whole number"):
        choose(ALL, changes=["foreign_stain.min_tiles=2.5"])


def test_the_record_tells_the_reason_and_the_number_that_led_to_it(lean):
    model = dataclasses.replace(lean, contract=dataclasses.replace(lean.contract, pen_gate=PEN))
    frame = Frame(np.hstack([inked(stained(1), INKS["blue"], 1.5)[0], stained(1)[0]]), 4.0, 0, "test")
    result = Pipeline(model, Network(model)).judge(frame)
    assert [tile.reason for tile in result.tiles] == [PEN_OR_DIRT, None]
    said = result.to_json()["tiles"]
    assert said[0] == {"x": 0, "y": 0, "reason": PEN_OR_DIRT, "measure": "ink_share", "value": 1.0}
    assert "measure" not in said[1]
    assert {tile.reason for tile in Pipeline(model, Network(model), use_gates=False).judge(frame).tiles} == {None}
    chosen = Gatekeeper(Gates(tissue=TISSUE))
    assert {tile.reason for tile in Pipeline(model, Network(model), use_gates=chosen).judge(frame).tiles} == {None}


@pytest.fixture
def gated(lean, tmp_path):
    """A model file with every gate."""
    fields = {f"{name}_gate": gate for name, gate in vars(ALL).items()}
    contract = dataclasses.replace(lean.contract, contract_version=CONTRACT_VERSION, **fields)
    parts = {name: lean.part(name) for name in (PARITY, CARD)} | {GOLDEN: golden_bytes(lean.golden)}
    model = tmp_path / "gated.tflite"
    model.write_bytes(seal(flatbuffer_of(lean), {CONTRACT: contract.to_json().encode(), **parts}))
    return model


def test_a_folder_of_pen_alone_was_looked_at_and_is_no_failure(gated, tmp_path, write_patch, command):
    patch = write_patch(tmp_path / "9_idx5_x1_y1_class0.png", pixels=inked(stained(1), INKS["blue"], 1.0)[0])
    code, out, _ = command(main, "classify", patch, "--model", gated)
    assert code == 0 and out.splitlines()[1].endswith(PEN_OR_DIRT)


def test_gates_are_chosen_and_changed_on_the_command_line(gated, tmp_path, write_patch, command):
    patch = write_patch(tmp_path / "9_idx5_x1_y1_class0.png", pixels=inked(stained(1), INKS["blue"], 1.0)[0])
    for words in (("--gates", "no_tissue,saturated"), ("--gate", "pen_or_dirt.max_ink_share=1")):
        code, out, _ = command(
            main, "classify", patch, "--model", gated, *words, "--gate", "no_tissue.stained_density=1"
        )
        assert code == 0 and PEN_OR_DIRT not in out
    code, _, err = command(main, "classify", patch, "--model", gated, "--gates", "none")
    assert code == 2 and "--gates: expected on, off, or some of" in err


def test_a_picture_is_classified_as_one_view(gated, tmp_path, write_patch, command):
    tiles = turned(stained(6), 30)
    picture = write_patch(tmp_path / "picture.png", pixels=np.hstack(list(tiles)))
    code, out, _ = command(main, "classify", picture, "--model", gated, "--um-per-px", 4)
    assert code == 0 and [row.rsplit(",", 1)[1] for row in out.splitlines()[1:]] == [FOREIGN_STAIN] * 6
