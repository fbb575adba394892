"""What runs on the device: a camera's frame becomes tiles, each with a probability or a reason."""

__version__ = "0.3.0"
