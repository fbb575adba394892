"""The gates' record as Markdown."""

from __future__ import annotations

from typing import Any

from .markdown import table

_TISSUE, _PEN = "no_tissue", "pen_or_dirt"


def gates_markdown(record: dict[str, Any]) -> str:
    """Return the tables of a record, with what they were measured on between them."""
    parts = [_splits(record), _about(record), _pictures(record), _measures(record), _inks(record)]
    parts += [_lights(record), _sweep(record)]
    return "\n\n".join(filter(None, parts)) + "\n"


def _splits(record: dict[str, Any]) -> str:
    rows = (
        (side["split"], label, f"{found['tiles']:,}", *_of(found), f"{1 - found['judged'] / found['tiles']:.2%}")
        for side in record["splits"]
        for label, found in side["classes"].items()
        if found["tiles"]
    )
    return table(("tissue: split", "class", "tiles", f"`{_TISSUE}`", f"`{_PEN}`", "refused"), rows)


def _of(found: dict[str, Any]) -> tuple[int, int]:
    return found["reasons"].get(_TISSUE, 0), found["reasons"].get(_PEN, 0)


def _about(record: dict[str, Any]) -> str:
    constants = {**record["gates"]["tissue_gate"], **record["gates"]["pen_gate"]}
    values = ", ".join(f"`{name}` {value:g}" for name, value in constants.items())
    return f"Constants: {values}; chosen on train and val alone. Measured {record['measured_at']}."


def _pictures(record: dict[str, Any]) -> str:
    rows = ((found["picture"], found["tiles"], *_of(found), found["judged"]) for found in record["pictures"])
    return table(("picture", "tiles", f"`{_TISSUE}`", f"`{_PEN}`", "judged"), rows)


def _measures(record: dict[str, Any]) -> str:
    rows = (
        (row["measure"], f"{row['auc']:.4f}", f"{row['tissue']:.3f}", f"{row['other']:.3f}", f"{row['limit']:g}")
        for row in record["measures"]
    )
    split = record["tissue"]["split"]
    header = ("measure, by itself", "AUC", f"{split} tissue, outermost 0.1%", "pictures, worst tile", "limit")
    return table(header, rows)


def _inks(record: dict[str, Any]) -> str:
    films = list(dict.fromkeys((row["density"], row["cover"]) for row in record["inks"]))
    found = {(row["ink"], row["density"], row["cover"]): row["refused"] for row in record["inks"]}
    inks = dict.fromkeys(row["ink"] for row in record["inks"])
    rows = ((ink, *(f"{found[ink, density, cover]:.0%}" for density, cover in films)) for ink in inks)
    header = (f"refused, ink over {record['tissue']['split']} tissue", *(f"{d:g} on {c:.0%}" for d, c in films))
    return table(header, rows)


def _lights(record: dict[str, Any]) -> str:
    header = (f"refused, {record['tissue']['split']} tissue in another light", *record["labels"])
    rows = ((row["light"], *(f"{row['refused'][label]:.2%}" for label in record["labels"])) for row in record["lights"])
    return table(header, rows)


def _sweep(record: dict[str, Any]) -> str:
    rows = (
        (
            f"`{row['constant']}`",
            f"**{row['value']:g}**" if row["chosen"] else f"{row['value']:g}",
            *(f"{row['refused'][label]:.2%}" for label in record["labels"]),
            f"{row['inked_refused']:.0%}",
            row["pen_tiles_judged"],
        )
        for row in record["sweep"]
    )
    refused = tuple(f"refused, {label}" for label in record["labels"])
    return table(("constant", "value", *refused, "refused, ink of 0.8 on 50%", "tiles of pen judged"), rows)
