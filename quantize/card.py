"""Write the model card that travels in the file: what it is for, what it is not for, how well it does."""

from __future__ import annotations

from typing import Any

from edge_runtime.contract import Contract

_CARD = """# {name} {version}

**Research use only. Not a diagnosis, not a medical device.**

{task}.

- Input: one tile of {tile_px}x{tile_px} px, {colour}, at {um_per_px:g} µm per px ({tile_um:g} µm of tissue). Other scales are
  resampled to it by area; the model means nothing at a scale that is not known.
- Output: one logit. Threshold (default operating point `{point}`): {threshold:.4f}. Probability: sigmoid({scale:.4f} * logit {bias:+.4f}).
- {macs:.2f} million multiply-accumulates and {parameters:,} parameters, int8 from end to end.

## Trained on
{train_tiles:,} tiles of {train_patients} slides of the public IDC archive (Cruz-Roa et al. 2014, doi 10.1117/12.2043872; Janowczyk & Madabhushi
2016, PMID 27563488; CC0), candidate `{chosen}` of {candidates}. Thresholds and calibration come from {val_tiles:,} tiles of {val_patients} other slides.

## Reaches, on {tiles:,} tiles of held-out patients (split `{split}`), tile by tile, gates off
| | AUC | balanced accuracy | F1 | sensitivity | specificity | ECE |
| --- | --- | --- | --- | --- | --- | --- |
{rows}

Decisions of int8 and float agree on {agreement:.2%} of the tiles; parity {verdict}.

## Limits
- Tested on one archive, one scanner, one stain laboratory. No picture taken by the microscope's own camera was in training or test.
- In-situ carcinoma is `no_idc` in the archive's annotation, whose outlines are coarse.
- Glass is refused by the runtime's gates, not by the network.
"""


def model_card(contract: Contract, parity: dict[str, Any]) -> str:
    """Return the card as Markdown."""
    point, at = contract.operating_point()
    training, calibration = contract.training, contract.tile.calibration
    return _CARD.format(
        name=contract.name,
        version=contract.version,
        task=contract.task[0].upper() + contract.task[1:],
        tile_px=contract.tile_px,
        colour=contract.colour_order,
        um_per_px=contract.um_per_px,
        tile_um=contract.tile_um,
        point=point,
        threshold=at.threshold_logit,
        scale=calibration.scale,
        bias=calibration.bias,
        macs=training["multiply_accumulates"] / 1e6,
        parameters=training["parameters"],
        chosen=training["chosen"],
        candidates=", ".join(training["val_auc"]),
        **training["data"],
        tiles=parity["tiles"],
        split=parity["split"],
        rows="\n".join(_row(name, parity[name]) for name in ("int8", "float")),
        agreement=parity["agreement"],
        verdict="passed" if parity["passed"] else "FAILED: " + "; ".join(parity["failures"]),
    )


def _row(name: str, score: dict[str, float]) -> str:
    figures = ("auc", "balanced_accuracy", "f1", "sensitivity", "specificity", "ece")
    return f"| {name} | " + " | ".join(f"{score[figure]:.4f}" for figure in figures) + " |"
