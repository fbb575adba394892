"""From a trained network to the one model file: int8 conversion, graph check, parity with the float parent, packing."""
