"""Write the model card that travels in the file: what it is for, what it is not for, how well it does."""

from __future__ import annotations

from typing import Any

from edge_runtime.contract import CONTEXT, Contract
from train.patch_index import BY_PICTURE

from .contracts import data_format

_CARD = """# {name} {version}

**Research use only. Not a diagnosis, not a medical device.**

{task}.

- Input: one tile of {tile_px}x{tile_px} px, {colour}, at {um_per_px:g} µm per px ({tile_um:g} µm of tissue). Other scales are
  resampled to it by area; the model means nothing at a scale that is not known.
- Output: one logit. Threshold (default operating point `{point}`): {threshold:.4f}. Probability: sigmoid({scale:.4f} * logit {bias:+.4f}).
- {macs:.2f} million multiply-accumulates and {parameters:,} parameters, int8 from end to end.

## Trained on
{train_tiles:,} tiles of {train_patients} {unit} of {source}, candidate `{chosen}` of {candidates}. Thresholds and calibration come from {val_tiles:,} tiles of {val_patients} other {unit}.{doubt}

## Reaches, on {tiles:,} tiles of held-out patients (split `{split}`), tile by tile, gates off
{header}
{rows}

Decisions of int8 and float agree on {agreement:.2%} of the tiles; parity {verdict}.

{context}

## Limits
- Tested on one archive, one scanner, one stain laboratory. No picture taken by the microscope's own camera was in training or test.
- {limit}
- Glass and pen are refused by the runtime's gates, not by the network.
"""


_HEADER = """| | AUC | balanced accuracy | F1 | sensitivity | specificity | ECE |
| --- | --- | --- | --- | --- | --- | --- |"""
_DOUBT = " **No patient was known: pictures of one may lie on several sides, which flatters every figure below.**"


def model_card(contract: Contract, parity: dict[str, Any]) -> str:
    """Return the card as Markdown."""
    point, at = contract.operating_point()
    training, calibration = contract.training, contract.tile.calibration
    kind, unknown = data_format(training["data"]), training["data"].get("split_by") == BY_PICTURE
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
        source=kind.source,
        limit=kind.limit,
        unit="pictures of unknown slides" if unknown else "slides",
        doubt=_DOUBT if unknown else "",
        tiles=parity["tiles"],
        split=parity["split"],
        header=_HEADER,
        rows="\n".join(_row(name, parity[name]) for name in ("int8", "float")),
        agreement=parity["agreement"],
        verdict="passed" if parity["passed"] else "FAILED: " + "; ".join(parity["failures"]),
        context=_context(contract, parity.get("context")),
    )


def _context(contract: Contract, found: dict[str, Any] | None) -> str:
    """Return what the card says of the context stage."""
    if contract.context is None:
        return "Every tile is judged by itself: the file has no context stage."
    point, calibration = contract.operating_point(mode=CONTEXT)[1], contract.context.mode.calibration
    side = len(contract.context.kernel)
    lines = [
        "## Among neighbours",
        f"A tile's logit becomes its weighted mean with those of the {side}x{side} tiles around it ({_chosen(contract)}), "
        f"as far as they were judged. With all of them: threshold {point.threshold_logit:.4f}, probability "
        f"sigmoid({calibration.scale:.4f} * logit {calibration.bias:+.4f}); with fewer, between these and those above.",
    ]
    if found is None:
        return "\n".join([*lines, "", "Not measured: the split has no tiles with neighbours."])
    about = (
        f"On the {found['tiles']:,} of these tiles, of {found['patients']} slides, that have at least "
        f"{found['least_support']:.0%} of their neighbours:"
    )
    rows = [
        _row("int8, in context", found["int8"]),
        _row("int8, tile by tile", found["int8_tile_by_tile"]),
        _row("float, in context", found["float"]),
    ]
    agreement = f"Decisions of int8 and float in context agree on {found['agreement']:.2%} of them."
    return "\n".join([*lines, "", about, "", _HEADER, *rows, "", agreement])


def _chosen(contract: Contract) -> str:
    assert contract.context is not None
    return contract.context.chosen_by or "a stated kernel"


def _row(name: str, score: dict[str, float]) -> str:
    figures = ("auc", "balanced_accuracy", "f1", "sensitivity", "specificity", "ece")
    return f"| {name} | " + " | ".join(f"{score[figure]:.4f}" for figure in figures) + " |"
