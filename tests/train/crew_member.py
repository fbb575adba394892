"""Fit a small network with dropout and batch norm in a process of its own, as one of a crew.

crew_member.py FOLDER STRATEGY DEVICES [EPOCH AFTER WHICH IT IS KILLED]
"""

import json
import os
import signal
import sys
from pathlib import Path

import numpy as np

from train.cluster import read_cluster
from train.crew import open_crew, others_may_fail
from train.fit import Plan, fit
from train.keras import keras, layers
from train.recipe import Augmentation, Recipe
from train.tiles import TileSet


def build():
    x = inputs = keras.Input((50, 50, 3))
    x = layers.Conv2D(4, 5, strides=5, use_bias=False)(x)
    x = layers.ReLU()(layers.BatchNormalization(momentum=0.9)(x))
    x = layers.Dropout(0.3)(layers.GlobalAveragePooling2D()(x))
    return keras.Model(inputs, layers.Dense(1, dtype="float32")(x))


def easy(count, seed):
    draw = np.random.default_rng(seed)
    labels = (np.arange(count) % 2).astype(np.uint8)
    level = np.where(labels, 90, 200)[:, None, None, None]
    tiles = np.clip(level + draw.normal(0, 20, (count, 50, 50, 3)), 0, 255).astype(np.uint8)
    return TileSet(tiles, labels, np.array([str(n % 8) for n in range(count)]), tuple(map(str, range(count))))


def main(folder, strategy, devices, killed=0):
    def emit(record):
        print(json.dumps(record), flush=True)
        if record["epoch"] == int(killed):
            os.kill(os.getpid(), signal.SIGKILL)

    cluster = read_cluster(os.environ["TF_CONFIG"]) if strategy == "multiworker" else None
    recipe = Recipe("", epochs=3, batch=16, average=0.5, augmentation=Augmentation(mixup=0.5))
    with others_may_fail(cluster):
        crew = open_crew(strategy, int(devices), cluster, threads=1)
        fit(Plan(build, 3, 1e-3, 0.5), easy(64, 0), easy(32, 1), recipe, 0, Path(folder), emit, crew)


if __name__ == "__main__":
    main(*sys.argv[1:])
