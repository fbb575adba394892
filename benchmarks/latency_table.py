"""The latency record as Markdown."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from .frame_latency import LEASTS, ONE_BATCH, ONE_BY_ONE, PIPELINE, RESIZE
from .markdown import table


def latency_markdown(record: dict[str, Any]) -> str:
    """Return the tables of a record, with the board and the way of measuring above them."""
    parts = [board_line(record), _tiles(record), _missing(record), _ratios(record), _batches(record)]
    parts += [_frames(record), _stages(record), _processes(record)]
    return "\n\n".join(filter(None, parts)) + "\n"


def board_line(record: dict[str, Any]) -> str:
    """Return a sentence on the board that a record was made on, and the state it was in."""
    board, before, after = record["board"], record["state_before"], record["state_after"]
    packages = ", ".join(f"{name} {version}" for name, version in board["packages"].items())
    return (
        f"Measured {record['measured_at']} on {board['board'] or board['cpu'] or 'an unknown board'} "
        f"({board['cores']} cores, {board['machine']}, {board['os']}), Python {board['python']}, {packages}, "
        f"cancernet-edge {board['cancernet_edge']}, commit {board['git_commit'] or 'unknown'}. "
        f"Governor {_known(before['governor'])}; clock {_from_to('clock_mhz', before, after, ' MHz')}; "
        f"temperature {_from_to('temperature_c', before, after, ' °C')}; "
        f"load {_from_to('load_1min', before, after, '')}; throttled {_known(after['throttled'])}."
    )


def _tiles(record: dict[str, Any]) -> str:
    header = ("one tile, µs", "interpreter", "threads", "median", "p90", "p99", "least", "calls")
    rows = (
        (row["model"], row["interpreter"], row["threads"], *_spread(row["microseconds"], 1)) for row in record["tiles"]
    )
    plan = record["plans"]["tiles"]
    words = (
        f"The graph alone, its input already in place. {plan['warmup']} round of warm-up, then {plan['rounds']} in "
        f"which all take turns in one process; a turn is {plan['settle']} calls unmeasured, then {plan['calls']} "
        "measured."
    )
    return table(header, rows) + "\n\n" + words


def _missing(record: dict[str, Any]) -> str:
    lines = dict.fromkeys(f"{row['interpreter']}: {row['reason']}" for row in record["missing"])
    return "\n".join(f"Not measured: {line}." for line in lines)


def _ratios(record: dict[str, Any]) -> str:
    header = ("one tile, ratio", "interpreter", "threads", "of medians", "median over rounds", "p10 to p90 of rounds")
    rows = (
        (f"{row['model']} / {row['against']}", row["interpreter"], row["threads"], *_ratio(row))
        for row in record["tile_ratios"]
    )
    return table(header, rows)


def _batches(record: dict[str, Any]) -> str:
    sizes = list(dict.fromkeys(row["batch"] for row in record["batches"]))
    found: dict[tuple[object, ...], dict[int, float]] = {}
    for row in record["batches"]:
        key = (row["model"], row["interpreter"], row["threads"])
        found.setdefault(key, {})[row["batch"]] = row["microseconds_a_tile"]["median"]
    header = ("µs a tile, median, copied in and out", "interpreter", "threads", *(f"batch {size}" for size in sizes))
    return table(header, ((*key, *(f"{by_size[size]:.1f}" for size in sizes)) for key, by_size in found.items()))


def _frames(record: dict[str, Any]) -> str:
    header = ["whole frame, ms", "model", "threads", "tiles (judged)", "median", "p90", "p99", "calls"]
    header += ["resize + calls tile by tile", "ratio", "resize + one batch", "ratio", "resize alone", "ratio of leasts"]
    words = (
        "From pixels in memory to the result. Beside it what no program can do without: one area resize and the bare "
        "interpreter calls, on tiles that were cut beforehand; the ratio is the pipeline's time over that, the median "
        "over rounds. OpenCV is held to the same number of threads. The ratio of leasts is the sum of each stage's "
        "least time over that of the resize and the batch: what is left when nobody else uses the machine."
    )
    return table(header, (_frame(row) for row in record["frames"])) + "\n\n" + words


def _frame(row: dict[str, Any]) -> Sequence[object]:
    times, ratios = row["milliseconds"], row["ratios"]
    whole = times[PIPELINE]
    baselines: list[str] = []
    for name in (ONE_BY_ONE, ONE_BATCH):
        baselines += [f"{times[name]['median']:.2f}", f"{ratios[name]['median_of_rounds']:.2f}"]
    return (
        row["frame"],
        row["model"],
        row["threads"],
        f"{row['tiles']} ({row['tiles_judged']})",
        *(f"{whole[key]:.2f}" for key in ("median", "p90", "p99")),
        whole["count"],
        *baselines,
        f"{times[RESIZE]['median']:.2f}",
        f"{ratios[LEASTS]:.2f}" if LEASTS in ratios else "",
    )


def _stages(record: dict[str, Any]) -> str:
    if not record["frames"]:
        return ""
    stages = list(record["frames"][0]["stages"])
    header = ("stages of a frame, ms, median", "model", "threads", *stages)
    rows = (
        (row["frame"], row["model"], row["threads"], *(f"{row['stages'][stage]['median']:.2f}" for stage in stages))
        for row in record["frames"]
    )
    return "\n\n".join((table(header, rows), *_timing_cost(record)))


def _timing_cost(record: dict[str, Any]) -> Iterable[str]:
    cost = record.get("timing_cost_us")
    if cost is not None:
        yield f"To time and count all stages of a frame takes {cost['median']:.0f} µs (least {cost['min']:.0f})."


def _processes(record: dict[str, Any]) -> str:
    header = ["`cancernet run`", "first result, s: least", "median", "whole run, s", "its CPU time, s"]
    header += ["peak memory, MB", "runs", "TensorFlow imported"]
    return table(header, (_process(row) for row in record["processes"]))


def _process(row: dict[str, Any]) -> Sequence[object]:
    memory, cpu = row["peak_memory_mb"], row.get("cpu_s")
    return (
        f"{row['source']}, {row['frames']} frames, {row['model']}",
        f"{row['first_result_s']['min']:.2f}",
        f"{row['first_result_s']['median']:.2f}",
        f"{row['wall_s']['median']:.2f}",
        "unknown" if cpu is None else f"{cpu['median']:.2f}",
        "unknown" if memory is None else f"{memory['max']:.0f}",
        row["wall_s"]["count"],
        ", ".join(row["forbidden_modules"]) or "no",
    )


def _spread(figures: dict[str, float], digits: int) -> Iterable[object]:
    return *(f"{figures[key]:.{digits}f}" for key in ("median", "p90", "p99", "min")), figures["count"]


def _ratio(row: dict[str, float]) -> Iterable[str]:
    return (
        f"{row['of_medians']:.3f}",
        f"{row['median_of_rounds']:.3f}",
        f"{row['rounds_p10']:.3f} to {row['rounds_p90']:.3f}",
    )


def _from_to(key: str, before: dict[str, Any], after: dict[str, Any], unit: str) -> str:
    if before[key] is None or after[key] is None:
        return "not told by this system"
    return f"{before[key]:g} to {after[key]:g}{unit}"


def _known(value: str | None) -> str:
    return value or "not told by this system"
