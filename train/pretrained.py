"""Say where the weights of a backbone come from: ImageNet's, as Keras hands them out, a file, or nowhere."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from edge_runtime.errors import BadInput

IMAGENET, NONE, FILE = "imagenet", "none", "file"

KERAS_FILES = {
    "mobilenet_v2": "mobilenet_v2_weights_tf_dim_ordering_tf_kernels_1.0_224_no_top.h5",
    "resnet50": "resnet50_weights_tf_dim_ordering_tf_kernels_notop.h5",
    "vgg16": "vgg16_weights_tf_dim_ordering_tf_kernels_notop.h5",
    "efficientnet_b0": "efficientnetb0_notop.h5",
}
"""Network with a backbone -> the name that Keras gives to its ImageNet weights without the top."""


@dataclass(frozen=True)
class Weights:
    """What a network is to start from."""

    source: str = NONE
    """imagenet, file or none: random."""
    path: Path | None = None
    """The file."""


def keras_cache(network: str) -> Path:
    """Return where Keras keeps a network's ImageNet weights."""
    return Path.home() / ".keras" / "models" / KERAS_FILES[network]


def choose_weights(network: str, wanted: str | None) -> Weights:
    """Return what `--weights` means for a network: by default ImageNet's where it has a backbone.

    Refuses a file that is not there, and weights for a network that has no backbone.
    """
    if network not in KERAS_FILES:
        if wanted not in (None, NONE):
            raise BadInput(
                f"expected --weights for a network with a backbone ({', '.join(KERAS_FILES)}), found it for {network}, "
                "which starts from random weights; leave it away"
            )
        return Weights()
    if wanted in (None, IMAGENET):
        return Weights(IMAGENET)
    if wanted == NONE:
        return Weights()
    path = Path(str(wanted))
    if not path.is_file() or path.suffix != ".h5":
        found = "no such file" if not path.is_file() else f"a name that ends in {path.suffix or 'nothing'}"
        raise BadInput(
            f"expected --weights to be {IMAGENET}, {NONE} or a file of Keras weights (.h5), found {wanted}: {found}"
        )
    return Weights(FILE, path)
