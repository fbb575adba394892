"""Open what a person chose on a command line: the model, self-tested, in its pipeline."""

from __future__ import annotations

import argparse

from .errors import BadInput
from .gates import Gatekeeper, choose, gates_of
from .model_file import find_model, open_model
from .network import Network
from .pipeline import Pipeline
from .selftest import require_selftest


def open_pipeline(args: argparse.Namespace, looks: int = 0) -> Pipeline:
    """Open and self-test the model that a person chose; one that fails does not serve. `looks` is the pipeline's."""
    model = open_model(find_model(args.model))
    if model.contract.graph_dtype != "int8":
        raise BadInput(
            f"{model.name}: expected an int8 model, found {model.contract.graph_dtype}: a reference for parity only"
        )
    network = Network(model, args.interpreter, args.threads)
    require_selftest(model, network)
    keeper = Gatekeeper(choose(gates_of(model.contract), args.gates, args.gate))
    return Pipeline(model, network, args.operating_point, keeper, args.context == "auto", looks)
