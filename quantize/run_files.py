"""Names of what `quantize` puts into the folder of a run."""

QAT, PTQ = "qat", "ptq"
"""Quantization-aware fine-tuning; post-training calibration."""

INT8, FLOAT, PARITY = "int8.tflite", "float.tflite", "parity.json"
