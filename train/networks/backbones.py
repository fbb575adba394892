"""Networks with a backbone that Keras offers with ImageNet weights, under a head of one logit.

What the weights expect of their input (scale, mean, order of colours) is a fixed 1x1 convolution behind the pixels, so
that it is quantized with the rest and the device knows nothing of it. Fifty pixels are small for these networks, which
halve their input five times; they take them as they are.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ..keras import keras, layers
from .parts import BN_MOMENTUM, logit, pixels

PREPROCESS = "preprocess"
"""Name of the fixed convolution, which is never trained."""


@dataclass(frozen=True)
class Backbone:
    """A network of keras.applications without its top, and the input that its ImageNet weights know."""

    application: str
    """Name in keras.applications."""
    scale: tuple[float, ...]
    """What a pixel in 0..1 is multiplied by, in R, G, B."""
    offset: tuple[float, ...]
    """What is added then, in R, G, B."""
    bgr: bool = False
    """Whether blue comes first."""

    def build(self, **how: Any) -> Any:
        """Return the application without its top, as Keras builds it."""
        return getattr(keras.applications, self.application)(include_top=False, **how)

    def preprocessing(self) -> tuple[list[list[list[list[float]]]], list[float]]:
        """Return kernel (1, 1, 3, 3) and bias (3,) of the fixed convolution."""
        order = (2, 1, 0) if self.bgr else (0, 1, 2)
        kernel = [[self.scale[source] if source == came_from else 0.0 for came_from in order] for source in range(3)]
        return [[kernel]], [self.offset[source] for source in order]


# keras.applications.imagenet_utils.preprocess_input: "tf" is -1..1, "caffe" BGR less its mean, "torch" standardized
_TF = ((2.0, 2.0, 2.0), (-1.0, -1.0, -1.0))
_CAFFE = ((255.0, 255.0, 255.0), (-123.68, -116.779, -103.939), True)
_MEAN, _DEVIATION = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
_TORCH = (
    tuple(1 / deviation for deviation in _DEVIATION),
    tuple(-mean / deviation for mean, deviation in zip(_MEAN, _DEVIATION, strict=True)),
)

BACKBONES = {
    "mobilenet_v2": Backbone("MobileNetV2", *_TF),
    "resnet50": Backbone("ResNet50", *_CAFFE),
    "vgg16": Backbone("VGG16", *_CAFFE),
    "efficientnet_b0": Backbone("EfficientNetB0", *_TORCH),
}


def mobilenet_v2() -> Any:
    """Build MobileNetV2 (Sandler 2018, arXiv 1801.04381)."""
    return _with_backbone("mobilenet_v2")


def resnet50() -> Any:
    """Build ResNet-50 (He 2015, arXiv 1512.03385)."""
    return _with_backbone("resnet50")


def vgg16() -> Any:
    """Build VGG-16 (Simonyan 2014, arXiv 1409.1556), its convolutions alone."""
    return _with_backbone("vgg16")


def efficientnet_b0() -> Any:
    """Build EfficientNet-B0 (Tan 2019, arXiv 1905.11946)."""
    return _with_backbone("efficientnet_b0")


def _with_backbone(name: str) -> Any:
    backbone = BACKBONES[name]
    inputs = pixels()
    kernel, bias = backbone.preprocessing()
    fixed = layers.Conv2D(
        3,
        1,
        name=PREPROCESS,
        kernel_initializer=keras.initializers.Constant(kernel),
        bias_initializer=keras.initializers.Constant(bias),
        trainable=False,
    )
    body = backbone.build(weights=None, input_tensor=fixed(inputs))
    if any(isinstance(layer, layers.Normalization) for layer in body.layers):
        body = keras.models.clone_model(body, clone_function=_without_own_preprocessing)
    for layer in body.layers:
        if isinstance(layer, layers.BatchNormalization):
            layer.momentum = BN_MOMENTUM
    x = layers.GlobalAveragePooling2D(name="mean")(body.output)
    x = layers.Dropout(0.2, name="dropout")(x)
    return logit(body.input, x, name)


def _without_own_preprocessing(layer: Any) -> Any:
    """Copy a layer, but let through what EfficientNet would scale by itself: its weights decide how, ours do not."""
    if isinstance(layer, (layers.Rescaling, layers.Normalization)):
        return layers.Activation("linear", name=layer.name)
    return type(layer).from_config(layer.get_config())
