"""Fit a small network with dropout and batch norm in a process of its own, alone or as one of a crew.

crew_member.py FOLDER [--strategy S] [--devices N] [--after EPOCH --then killed|full]
"""

import argparse
import json
import os
import resource
import signal
import sys
from pathlib import Path

import numpy as np

from edge_runtime.console import run_command
from train.cluster import MULTIWORKER, NONE, read_cluster
from train.crew import open_crew, others_may_fail
from train.fit import Plan, fit
from train.keras import keras, layers
from train.recipe import Augmentation, Recipe
from train.tiles import TileSet

BYTES_A_FILE = 1500
"""Enough for a line of history an epoch, too little for a checkpoint."""


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


def work(args):
    def emit(record):
        print(json.dumps(record), flush=True)
        if record["epoch"] == args.after and args.then == "killed":
            os.kill(os.getpid(), signal.SIGKILL)
        if record["epoch"] == args.after and args.then == "full":
            resource.setrlimit(resource.RLIMIT_FSIZE, (BYTES_A_FILE, resource.RLIM_INFINITY))

    cluster = read_cluster(os.environ.get("TF_CONFIG")) if args.strategy == MULTIWORKER else None
    recipe = Recipe("", epochs=3, batch=16, average=0.5, augmentation=Augmentation(mixup=0.5))
    with others_may_fail(cluster):
        crew = open_crew(args.strategy, args.devices, cluster, threads=1)
        fit(Plan(build, 3, 1e-3, 0.5), easy(64, 0), easy(32, 1), recipe, 0, args.folder, emit, crew)
    return 0


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path)
    parser.add_argument("--strategy", default=NONE)
    parser.add_argument("--devices", type=int, default=0)
    parser.add_argument("--after", type=int)
    parser.add_argument("--then", choices=("killed", "full"))
    parser.set_defaults(run=work)
    sys.exit(run_command(parser))
