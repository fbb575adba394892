"""The command that measures what the gates refuse."""

from __future__ import annotations

import argparse
from pathlib import Path

from edge_runtime.console import whole_number

from .options import add_record_targets, today


def add_gates_command(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add gates to the benchmarks' commands."""
    gates = commands.add_parser("gates", help="what the gates refuse of tissue, glass, pen, ink, and slides made bad")
    gates.add_argument("--index", type=Path, default=Path("runs/index.csv"), help="default: runs/index.csv")
    gates.add_argument(
        "--split", nargs="+", default=["train", "val"], metavar="SPLIT", help="sides to measure (default: train val)"
    )
    gates.add_argument("--reject", type=Path, metavar="DIR", help="pictures of glass and, where named so, of pen")
    gates.add_argument("--um-per-px", type=float, default=4.0, metavar="X", help="of these pictures (default: 4)")
    gates.add_argument(
        "--model", metavar="MODEL", help="measure the gates of a model file or shipped name (default: as packed next)"
    )
    gates.add_argument(
        "--fields",
        type=whole_number(0),
        default=24,
        metavar="N",
        help="fields of the last split's whole slides that are made bad, at most (default: 24)",
    )
    gates.add_argument(
        "--camera-um-per-px",
        type=float,
        nargs="+",
        default=[0.8],
        metavar="X",
        help="scales that these are enlarged to (default: 0.8)",
    )
    gates.add_argument("--plot", type=Path, metavar="SVG", help="draw how well each gate tells bad from good here")
    add_record_targets(gates)
    gates.set_defaults(run=_gates)


def _gates(args: argparse.Namespace) -> int:
    from edge_runtime.atomic import write_bytes
    from edge_runtime.errors import BadInput
    from edge_runtime.scale import check_um_per_px
    from train.formats import IDC

    from .gates import Fields, measure_gates
    from .gates_inputs import read_gates, read_pictures, read_sides
    from .gates_plot import draw
    from .record import check_targets, give_record

    check_targets(args, "gates")
    if args.plot and args.plot.suffix != ".svg":
        raise BadInput(f"expected a name that ends in .svg, found {args.plot.name}")
    fields = Fields(args.fields, tuple(check_um_per_px(scale) for scale in args.camera_um_per_px))
    gates = read_gates(args.model, args.index)
    pictures = read_pictures(args.reject, check_um_per_px(args.um_per_px)) if args.reject else []
    record = measure_gates(gates, read_sides(args.index, args.split), pictures, IDC.labels, today(), fields)
    give_record(record, args)
    if args.plot:
        write_bytes(args.plot, draw(record))
    return 0
