"""Write what libcamera's virtual camera is to show, as 0.jpg, 1.jpg, ...: `python write_frames.py FOLDER [still]`.

Red grows to the right, green downwards, blue falls along the diagonal; each frame has its own noise, unless `still`.
"""

import sys
from pathlib import Path

import cv2
import numpy as np

COUNT, HEIGHT, WIDTH = 7, 720, 1280


def main(folder: Path, still: bool) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    y, x = np.mgrid[0:HEIGHT, 0:WIDTH]
    red, green = 60 + 120 * x / WIDTH, 60 + 120 * y / HEIGHT
    scene = np.stack([240 - (red + green) / 2, green, red], axis=2)  # B, G, R
    for number in range(COUNT):
        noise = np.random.default_rng(0 if still else number).integers(-6, 7, scene.shape)
        data = cv2.imencode(".jpg", (scene + noise).astype(np.uint8), [cv2.IMWRITE_JPEG_QUALITY, 95])[1]
        (folder / f"{number}.jpg").write_bytes(data.tobytes())


if __name__ == "__main__":
    main(Path(sys.argv[1]), "still" in sys.argv[2:])
