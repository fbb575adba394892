"""Names of what `quantize` puts into the folder of a run."""

INT8, FLOAT, PARITY = "int8.tflite", "float.tflite", "parity.json"
