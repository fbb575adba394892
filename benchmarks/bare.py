"""A model in an interpreter and nothing around it: what any other program would call, and what ours is held against."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from edge_runtime.interpreters import build
from edge_runtime.model_file import ModelFile
from edge_runtime.quantization import quantization_of


class BareInterpreter:
    """Owns one interpreter with a fixed batch. Not for two threads at once."""

    def __init__(self, model: ModelFile, runtime: str, threads: int, batch: int = 1) -> None:
        """Load the model's bytes; raises MissingDependency or BadModelFile where the runtime cannot."""
        self._interpreter, self.runtime = build(model.content, runtime, threads)
        given = self._interpreter.get_input_details()[0]
        self._input, self._output = given["index"], self._interpreter.get_output_details()[0]["index"]
        if batch != 1:
            self._interpreter.resize_tensor_input(self._input, (batch, *(int(n) for n in given["shape"][1:])))
            self._interpreter.allocate_tensors()
        self._table = quantization_of(given).pixel_table(model.contract.pixel_scale, model.contract.pixel_offset)

    def store(self, tiles: NDArray[np.uint8]) -> NDArray[np.generic]:
        """Return uint8 tiles (n, h, w, 3), RGB, as the input tensor stores them."""
        return np.ascontiguousarray(self._table[tiles])

    def load(self, stored: NDArray[np.generic]) -> None:
        """Copy one batch into the input tensor."""
        self._interpreter.set_tensor(self._input, stored)

    def invoke(self) -> None:
        """Run the graph on what was loaded: the network's own time."""
        self._interpreter.invoke()

    def run(self, stored: NDArray[np.generic]) -> NDArray[np.generic]:
        """Return the raw outputs of one stored batch: copy in, run, copy out."""
        self.load(stored)
        self.invoke()
        return np.asarray(self._interpreter.get_tensor(self._output))
