"""Write the contract of a trained network: the one place where its scale, labels and gates are stated."""

from __future__ import annotations

from dataclasses import asdict

from edge_runtime.contract import Contract, Mode, TissueGate
from edge_runtime.patches import IDC_UM_PER_PX
from train.recipe import TILE_PX
from train.run_folder import Run

LABELS = ("no_idc", "idc")
TASK = (
    "invasive ductal carcinoma (IDC) against all else in H&E sections of breast tissue; "
    "'no_idc' means that no IDC was annotated: stroma, fat, and also in-situ carcinoma, so it is not 'benign'"
)
TISSUE_GATE = TissueGate(max_mean_density=0.13, max_stained_share=0.03, stained_density=0.25)
"""On the train tiles 0.3 % of class 0 and none of class 1 fall below; of glass, all but what specks of tissue touch."""


def contract_of(run: Run, mode: Mode, version: str, graph_dtype: str, method: str) -> Contract:
    """Return the contract of one graph of a run, with the thresholds and calibration chosen for it."""
    result = run.result
    return Contract(
        name=run.recipe.network,
        version=version,
        task=TASK,
        tile_px=TILE_PX,
        um_per_px=IDC_UM_PER_PX,
        labels=LABELS,
        tile=mode,
        tissue_gate=TISSUE_GATE,
        graph_dtype=graph_dtype,
        training={
            "recipe": asdict(run.recipe),
            "quantization": method,
            "chosen": result["chosen"],
            "val_auc": {name: record["val_auc"] for name, record in result["candidates"].items()},
            "data": result["data"],
            "multiply_accumulates": result["multiply_accumulates"],
            "parameters": result["parameters"],
            "versions": result["versions"],
        },
    )
