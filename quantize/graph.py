"""Look inside a converted graph: is it int8 all through?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from edge_runtime.errors import CheckFailed
from edge_runtime.interpreters import build

_INTEGERS = {"int8", "int32", "int64"}
"""int8 for weights and activations, int32 for biases and shapes, int64 for shapes."""

_CONVERTERS = {"DEQUANTIZE", "QUANTIZE", "CAST", "FAKE_QUANT"}


@dataclass(frozen=True)
class Graph:
    """What a flatbuffer holds, as far as a check needs it."""

    inputs: tuple[tuple[tuple[int, ...], str], ...]
    """(shape, dtype) of each input."""
    outputs: tuple[tuple[tuple[int, ...], str], ...]
    """(shape, dtype) of each output."""
    tensors: dict[str, str]
    """Name -> dtype of every tensor."""
    operators: tuple[str, ...]
    """Names of the operators, in order."""


def read_graph(flatbuffer: bytes) -> Graph:
    """Read a flatbuffer by building an interpreter without delegates, which would hide operators."""
    interpreter, _ = build(flatbuffer, "litert-builtin")
    ends = [
        tuple((tuple(t["shape"].tolist()), np.dtype(t["dtype"]).name) for t in details)
        for details in (interpreter.get_input_details(), interpreter.get_output_details())
    ]
    tensors = {f"{t['index']} {t['name']}": np.dtype(t["dtype"]).name for t in interpreter.get_tensor_details()}
    operators = tuple(op["op_name"] for op in interpreter._get_ops_details())
    return Graph(ends[0], ends[1], tensors, operators)


def faults(graph: Graph, tile_px: int, dtype: str = "int8") -> Sequence[str]:
    """Return what keeps a graph from being the int8 graph that was asked for; nothing when it is."""
    found = []
    for what, ends, shape in (("input", graph.inputs, (1, tile_px, tile_px, 3)), ("output", graph.outputs, (1, 1))):
        if ends != ((shape, dtype),):
            found.append(f"expected one {what} {shape} {dtype}, found {ends}")
    if dtype == "int8":
        floats = [f"{name} ({kind})" for name, kind in graph.tensors.items() if kind not in _INTEGERS]
        if floats:
            found.append(f"{len(floats)} tensors are not integers: {', '.join(floats[:4])}")
        inner = [name for name in graph.operators if name in _CONVERTERS]
        if inner:
            found.append(f"operators between types: {', '.join(inner)}")
    return found


def require_int8(flatbuffer: bytes, tile_px: int) -> Graph:
    """Return the graph, or raise CheckFailed where it is not int8 from end to end."""
    graph = read_graph(flatbuffer)
    found = faults(graph, tile_px)
    if found:
        raise CheckFailed(
            f"the converted graph is not full int8: {'; '.join(found)}; "
            "check the order Conv-BN-ReLU and that every layer was annotated"
        )
    return graph
