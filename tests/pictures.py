"""Pictures of one's own, for runs that recommend a model."""

import numpy as np
from PIL import Image

CLASSES = ["naïve café", "<b>bold", "o'brien & söhne"]


def save_pictures(folder, count=16):
    """Pictures of a colour for each class, in several modes and formats; one is cut off."""
    for label, name in enumerate(CLASSES):
        (folder / name).mkdir(parents=True)
        for number in range(count):
            generator = np.random.default_rng([label, number])
            pixels = generator.integers(0, 120, (40, 50, 3), dtype=np.uint8)
            pixels[..., label] += 100
            mode, suffix = [("RGB", "jpg"), ("RGBA", "png"), ("L", "png"), ("CMYK", "jpg")][
                number % 4
            ]
            Image.fromarray(pixels).convert(mode).save(folder / name / f"{number:02d}.{suffix}")
    cut = folder / CLASSES[0] / "00.jpg"
    cut.write_bytes(cut.read_bytes()[:400])
