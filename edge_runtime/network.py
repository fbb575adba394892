"""A model in an interpreter: tiles in, logits out, in batches, with no copy that can be saved."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from .errors import BadModelFile
from .interpreters import AUTO, RUNTIMES, build
from .model_file import ModelFile
from .normalization import look_up
from .quantization import quantization_of

_SIGN = np.uint8(0x80)


class Network:
    """Owns one interpreter. Not for two threads at once."""

    def __init__(self, model: ModelFile, runtime: str = AUTO, threads: int = 1) -> None:
        """Load the model's bytes and hold its graph against its contract; raises BadModelFile where they differ."""
        self._interpreter, self.runtime = build(model.content, runtime, threads)
        self.kernels = RUNTIMES[self.runtime].kernels
        self._input, self._output = _endpoints(self._interpreter, model)
        self._tile_shape = tuple(int(n) for n in self._input["shape"][1:])
        self._batch = int(self._input["shape"][0])
        self.input_quantization = quantization_of(self._input)
        self.output_quantization = quantization_of(self._output)
        contract = model.contract
        self._table = self.input_quantization.pixel_table(contract.pixel_scale, contract.pixel_offset)
        minus_128 = np.arange(256, dtype=np.uint8) ^ _SIGN
        self._is_minus_128 = self._table.dtype == np.int8 and np.array_equal(self._table.view(np.uint8), minus_128)

    def outputs(self, tiles: NDArray[np.uint8], balance: NDArray[np.uint8] | None = None) -> NDArray[np.generic]:
        """Return the raw outputs (n,) of uint8 tiles (n, tile_px, tile_px, 3), RGB, as one batch.

        `balance` uint8 (3, 256) says what each value of R, G, B is to become beforehand; None: it stays.
        """
        if tiles.shape[1:] != self._tile_shape or tiles.dtype != np.uint8:
            raise BadModelFile(f"expected uint8 tiles (n, {self._tile_shape}), found {tiles.dtype} {tiles.shape}")
        if len(tiles) == 0:
            return np.zeros(0, self._output["dtype"])
        self._resize(len(tiles))
        target = self._interpreter.tensor(self._input["index"])()
        self._store(tiles, balance, target)
        del target  # the interpreter refuses to run while a view into it lives
        self._interpreter.invoke()
        return np.asarray(self._interpreter.get_tensor(self._output["index"])).reshape(-1)

    def logits(self, tiles: NDArray[np.uint8], balance: NDArray[np.uint8] | None = None) -> NDArray[np.float32]:
        """Return the float32 logits (n,) of uint8 tiles (n, tile_px, tile_px, 3), RGB, as one batch; see `outputs`."""
        return self.output_quantization.real(self.outputs(tiles, balance))

    def _store(self, tiles: NDArray[np.uint8], balance: NDArray[np.uint8] | None, target: NDArray[np.generic]) -> None:
        """Write tiles into the input tensor, as it stores them: in one pass, with no copy between."""
        if self._table.itemsize == 1 and balance is not None:
            look_up(tiles, self._table[balance].view(np.uint8), target.view(np.uint8))
        elif self._is_minus_128:  # uint8 - 128 is one flipped bit
            np.bitwise_xor(tiles, _SIGN, out=target.view(np.uint8))
        else:
            np.take(self._table, tiles if balance is None else look_up(tiles, balance), out=target)

    def _resize(self, batch: int) -> None:
        if batch != self._batch:
            self._interpreter.resize_tensor_input(self._input["index"], (batch, *self._tile_shape))
            self._interpreter.allocate_tensors()
            self._batch = batch


def _endpoints(interpreter: Any, model: ModelFile) -> tuple[dict[str, Any], dict[str, Any]]:
    inputs, outputs = interpreter.get_input_details(), interpreter.get_output_details()
    contract = model.contract
    side = contract.tile_px
    found = [(t["shape"].tolist(), np.dtype(t["dtype"]).name) for t in (*inputs, *outputs)]
    expected = [([1, side, side, 3], contract.graph_dtype), ([1, 1], contract.graph_dtype)]
    if found != expected:
        raise BadModelFile(
            f"{model.name}: expected a graph with {expected} as its contract says, found {found}; pack it again"
        )
    return inputs[0], outputs[0]
