"""The gates' record as Markdown."""

from __future__ import annotations

from typing import Any

from .markdown import table

_TISSUE, _PEN = "no_tissue", "pen_or_dirt"
_JUDGED = "judged"


def gates_markdown(record: dict[str, Any]) -> str:
    """Return the tables of a record, with what they were measured on between them."""
    parts = [_splits(record), _about(record), *_views(record), _pictures(record), _measures(record), _inks(record)]
    parts += [_lights(record), _sweep(record)]
    return "\n\n".join(filter(None, parts)) + "\n"


def _splits(record: dict[str, Any]) -> str:
    rows = (
        (
            side["split"],
            label,
            f"{found['tiles']:,}",
            *_of(found),
            sum(found["reasons"].values()) - sum(_of(found)),
            f"{1 - found['judged'] / found['tiles']:.2%}",
        )
        for side in record["splits"]
        for label, found in side["classes"].items()
        if found["tiles"]
    )
    return table(("tissue: split", "class", "tiles", f"`{_TISSUE}`", f"`{_PEN}`", "other reasons", "refused"), rows)


def _of(found: dict[str, Any]) -> tuple[int, int]:
    return found["reasons"].get(_TISSUE, 0), found["reasons"].get(_PEN, 0)


def _about(record: dict[str, Any]) -> str:
    constants = (
        f"`{name}` {value:g}"
        for gate in filter(None, record["gates"].values())
        for name, value in gate.items()
        if isinstance(value, (int, float))
    )
    return f"Constants: {', '.join(constants)}; chosen on train and val alone. Measured {record['measured_at']}."


def _views(record: dict[str, Any]) -> list[str]:
    """Return what is said of fields made bad, a column a scale, and how well each measure tells them."""
    views = record["views"]
    if not views:
        return []
    shown = [f"{found['um_per_px']:g} µm per px, {found['fields']} fields" for found in views]
    rows = (
        (row["condition"], row["wanted"] or "", *(_said(found["conditions"][n]) for found in views))
        for n, row in enumerate(views[0]["conditions"])
    )
    made_bad = table((f"{record['split_of_views']}, whole slides enlarged", "right reason", *shown), rows)
    curves = (
        (f"{row['measure']} of {row['of']}", row["bad"], *(f"{found['curves'][n]['auc']:.4f}" for found in views))
        for n, row in enumerate(views[0]["curves"])
    )
    return [made_bad, table(("measure", "against as it is", *(f"AUC at {f['um_per_px']:g}" for f in views)), curves)]


def _said(row: dict[str, Any]) -> str:
    """Return the shares of what was said of tiles, the right reason first."""
    first = row["wanted"] or _JUDGED
    said = {first: row["said"].get(first, 0), **row["said"]}
    return ", ".join(f"{name} {count / max(1, row['tiles']):.1%}" for name, count in said.items())


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
