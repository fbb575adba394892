"""How well the scale is read off drawn stage micrometers, turned, dirty, unevenly lit, bent, noisy; and off none."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from edge_runtime.calibrate.micrometer import measure_micrometer
from edge_runtime.console import whole_number
from edge_runtime.errors import BadInput
from edge_runtime.procedural.micrometer import Micrometer

from .options import add_record_targets, today

SIZES = (480, 640), (760, 1014), (1080, 1920), (1520, 2028)
"""(height, width) of the pictures, px."""
PERIODS_PX = 5.0, 140.0
"""From line to line; of a picture's height, a seventh at most."""
WRONG_BY = 0.02
"""A scale is wrong when it is off by more than this share; the drawn lenses bend it by up to 1 to 2 %."""


def add_micrometer_command(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add micrometer to the benchmarks' commands."""
    parser = commands.add_parser("micrometer", help="the scale read off drawn stage micrometers")
    parser.add_argument("--pictures", type=whole_number(1), default=200, metavar="N", help="default: 200")
    parser.add_argument("--seed", type=whole_number(0), default=0, help="of the drawing (default: 0)")
    add_record_targets(parser)
    parser.set_defaults(run=_run)


def _run(args: argparse.Namespace) -> int:
    from .record import check_targets, give_record

    check_targets(args, "micrometer")
    give_record(measure_micrometers(args.pictures, args.seed, today()), args)
    return 0


def measure_micrometers(pictures: int, seed: int, measured_at: str) -> dict[str, Any]:
    """Return the record: of so many drawn pictures, how many were read, how well, and why others were refused."""
    rng = np.random.default_rng(seed)
    errors, within, refused = [], [], []
    for n in range(pictures):
        micrometer, size = _any_micrometer(rng)
        try:
            found = measure_micrometer(_green(micrometer.draw(size, n)), micrometer.pitch_um)
        except BadInput as error:
            refused.append(str(error).split(";")[0])
            continue
        errors.append(abs(found.um_per_px / micrometer.um_per_px - 1))
        within.append(errors[-1] * micrometer.um_per_px <= 3 * found.uncertainty)
    mistaken = [name for name, grey in _no_micrometers(np.random.default_rng(seed)) if _is_read(grey)]
    return {
        "benchmark": "micrometer",
        "schema_version": 1,
        "measured_at": measured_at,
        "pictures": pictures,
        "read": len(errors),
        "wrong": sum(bool(error > WRONG_BY) for error in errors),
        "median_error": float(np.median(errors)) if errors else None,
        "p95_error": float(np.quantile(errors, 0.95)) if errors else None,
        "largest_error": max(errors, default=None),
        "within_three_errors": float(np.mean(within)) if within else None,
        "refused": refused,
        "mistaken_for_one": mistaken,
    }


def _any_micrometer(rng: np.random.Generator) -> tuple[Micrometer, tuple[int, int]]:
    size = SIZES[rng.integers(len(SIZES))]
    pitch_um = float(rng.choice([10, 10, 50, 100]))
    period_px = float(np.exp(rng.uniform(np.log(PERIODS_PX[0]), np.log(min(PERIODS_PX[1], size[0] / 7)))))
    micrometer = Micrometer(
        um_per_px=pitch_um / period_px,
        pitch_um=pitch_um,
        divisions=int(rng.choice([20, 100])),
        angle=float(rng.uniform(-90, 90)),
        length_um=float(rng.choice([4, 8, 12])) * pitch_um,
        distortion=float(rng.uniform(-0.02, 0.02)),
        vignette=float(rng.uniform(0, 0.5)),
        blur_px=float(rng.uniform(0, 0.15 * period_px)),
        noise=float(rng.uniform(0, 5)),
        specks=int(rng.integers(0, 40)),
        contrast=float(rng.uniform(0.3, 0.9)),
        bright=bool(rng.random() < 0.2),
        centre_um=(float(rng.uniform(-3, 3)) * pitch_um, float(rng.uniform(-3, 3)) * pitch_um),
    )
    return micrometer, size


def _no_micrometers(rng: np.random.Generator) -> Iterator[tuple[str, NDArray[np.float32]]]:
    """Yield pictures that show no micrometer: glass, noise, tissue, a graduation out of focus, dirt."""
    from edge_runtime.procedural import make_slide

    size = 760, 1014
    for n in range(5):
        yield f"glass {n}", np.asarray(rng.normal(230, 3, size), np.float32)
        yield f"noise {n}", np.asarray(rng.integers(0, 256, size), np.float32)
        yield f"tissue {n}", _green(make_slide(n, size).rgb)
        yield f"out of focus {n}", _green(Micrometer(0.6 + 0.1 * n, blur_px=14).draw(size, n))
        yield f"dirt {n}", _green(Micrometer(1.0, contrast=0.0, specks=60).draw(size, n))


def _green(picture: NDArray[np.uint8]) -> NDArray[np.float32]:
    return np.asarray(picture[..., 1], np.float32)


def _is_read(grey: NDArray[np.float32]) -> bool:
    try:
        measure_micrometer(grey, 10)
    except BadInput:
        return False
    return True


def micrometer_markdown(record: dict[str, Any]) -> str:
    """Return the record in words."""
    errors = ""
    if record["median_error"] is not None:
        errors = (
            f" Of those, the scale was off by {record['median_error']:.2%} in the median, {record['p95_error']:.2%} at "
            f"the 95th percentile, {record['largest_error']:.2%} at most; {record['wrong']} were off by more than "
            f"{WRONG_BY:.0%}, and {record['within_three_errors']:.0%} lay within three of the standard errors given."
        )
    return (
        f"Measured {record['measured_at']} on {record['pictures']} drawn pictures: {record['read']} read, "
        f"{len(record['refused'])} refused.{errors} Of 25 pictures without a graduation (glass, noise, tissue, far out "
        f"of focus, dirt), {len(record['mistaken_for_one'])} were taken for one.\n"
    )
