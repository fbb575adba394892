"""Draw how well each gate's measure tells bad tiles from good ones, and what the gates say of what was made bad."""

from __future__ import annotations

import io
from typing import Any

from edge_runtime.errors import BadInput
from edge_runtime.gates import GATED

_COLOURS = {
    "judged": "#dddddd",
    **dict(
        zip(
            GATED,
            ("#999999", "#000000", "#0072b2", "#e69f00", "#f0e442", "#cc79a7", "#009e73"),
            strict=True,
        )
    ),
}


def draw(record: dict[str, Any]) -> bytes:
    """Return an SVG of the first scale of a record: curves on the left, shares of reasons on the right."""
    import matplotlib.pyplot as plt

    if not record["views"]:
        raise BadInput("expected a record with fields of whole slides, found none; the index needs tiles side by side")
    found = record["views"][0]
    figure, (left, right) = plt.subplots(1, 2, figsize=(12, 6.2), layout="constrained")
    for number, curve in enumerate(found["curves"]):
        fpr, tpr = zip(*sorted([*curve["points"], [0.0, 0.0], [1.0, 1.0]]), strict=True)
        words = f"{curve['measure']} of {curve['of']}, {curve['bad']}: AUC {curve['auc']:.3f}"
        left.step([100 * x for x in fpr], [100 * y for y in tpr], where="post", color=f"C{number}", label=words)
    left.set(xscale="symlog", xlim=(0, 100), ylim=(0, 102))
    left.set_xscale("symlog", linthresh=0.5)
    left.set_xticks([0, 1, 3, 10, 30, 100], ["0", "1", "3", "10", "30", "100"])
    left.set(xlabel="refused of good ones, %", ylabel="refused of bad ones, %")
    left.legend(fontsize=7.5, ncols=2, loc="lower center", bbox_to_anchor=(0.5, 1.0))
    _bars(right, found["conditions"])
    scale = f"{found['fields']} fields of {found['slides']} slides at {found['um_per_px']:g} µm per px"
    figure.suptitle(f"{record['split_of_views']}: {scale}", fontsize=10)
    buffer = io.BytesIO()
    with plt.rc_context({"svg.hashsalt": "gates"}):
        figure.savefig(buffer, format="svg", metadata={"Date": None})
    plt.close(figure)
    return buffer.getvalue()


def _bars(axis: Any, conditions: list[dict[str, Any]]) -> None:
    names = [row["condition"] for row in conditions]
    ends = [0.0] * len(names)
    for reason, colour in _COLOURS.items():
        shares = [100 * row["said"].get(reason, 0) / max(1, row["tiles"]) for row in conditions]
        if any(shares):
            axis.barh(names, shares, left=ends, color=colour, label=reason, edgecolor="white", linewidth=0.4)
        ends = [end + share for end, share in zip(ends, shares, strict=True)]
    axis.invert_yaxis()
    axis.set(xlim=(0, 100), xlabel="tiles, %")
    axis.tick_params(axis="y", labelsize=8)
    axis.legend(fontsize=8, ncols=4, loc="lower center", bbox_to_anchor=(0.4, 1.0))
