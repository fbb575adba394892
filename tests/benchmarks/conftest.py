import cv2
import numpy as np
import pytest

from edge_runtime.contract import Calibration, Contract, Mode, OperatingPoint, TissueGate
from edge_runtime.model_file import ModelFile, shipped_path


@pytest.fixture
def make_model():
    """Build a model file that holds a contract and no graph."""

    def make(name="lean", dtype="int8", threshold=0.0):
        contract = Contract(
            name=name,
            version="0",
            task="a test",
            tile_px=50,
            um_per_px=4.0,
            labels=("no_idc", "idc"),
            tile=Mode({"balanced_accuracy": OperatingPoint(threshold, "a test", 0.9, 0.9)}, Calibration()),
            tissue_gate=TissueGate(0.13, 0.03, 0.25),
            graph_dtype=dtype,
            training={"multiply_accumulates": 5_000_000},
        )
        return ModelFile(f"{name}.tflite", b"12345", "0" * 64, contract)

    return make


@pytest.fixture
def archive(tmp_path):
    """Write a tiny IDC folder and its splits: three slides for test, of which two are one specimen, and one for train.

    Class 1 is dark, class 0 is bright; one tile of class 0 is glass.
    """
    folder, splits = tmp_path / "idc", tmp_path / "splits.csv"
    for slide in ("101", "102", "103", "201"):
        for n, label in enumerate((0, 1, 0, 1)):
            grey = 250 if (slide, n) == ("101", 0) else 60 if label else 170
            where = folder / slide / str(label)
            where.mkdir(parents=True, exist_ok=True)
            picture = np.full((50, 50, 3), grey, np.uint8)
            cv2.imwrite(str(where / f"{slide}_idx5_x{50 * n + 1}_y1_class{label}.png"), picture)
    splits.write_text("patient_id,group,split\n101,a,test\n102,b,test\n103,b,test\n201,d,train\n")
    return folder, splits


@pytest.fixture
def shipped_model():
    """Return the path of the default model, or skip."""
    path = shipped_path()
    if not path.exists():
        pytest.skip("the shipped model is not in this checkout; make one: python -m quantize pack")
    return path
