"""Small data sets in the original formats, for Needle's readers and for TensorFlow Datasets alike.

``MAKERS`` has a function for each folder of `needle.tasks.vtab1k.registry.RAW`, which writes its
files there. Some come from the makers of tests/tasks/vtab1k.
"""

import gzip
import io
import json
import tarfile

import h5py
import numpy as np
from originals import encoded, tar, zipped
from PIL import Image
from scipy.io import savemat
from test_array_readers import hdf5_bytes, write_dsprites, write_smallnorb
from test_cifar import write_cifar
from test_structured_readers import SCENES, kitti_line
from test_tfrecord import dmlab_record

from needle.tasks.vtab1k.readers import dtd, eurosat, kitti, pets, resisc45, sun397

COUNTS = {"train": 24, "validation": 8, "test": 8}
ROTATED = Image.Exif()
ROTATED[0x112] = 6
KINDS = [
    {},
    {"quality": 92, "subsampling": "4:2:2"},
    {"quality": 95, "subsampling": "4:4:4"},
    {"quality": 85, "progressive": True},
    {"mode": "L"},
    {"quality": 30},
    {"exif": ROTATED},
    {"mode": "CMYK", "quality": 90},
]


def pixels(number, height, width):
    """Waves with noise, another picture for each number: uint8 (H, W, 3)."""
    draw = np.random.default_rng(number)
    y, x = np.mgrid[:height, :width]
    pitch = draw.uniform(4, 40, (3, 2))
    waves = np.stack([np.sin(x / a + number) + np.cos(y / b) for a, b in pitch], axis=-1)
    return (127 + 55 * waves + draw.normal(0, 9, waves.shape)).clip(0, 255).astype(np.uint8)


def photograph(number, size=None, kinds=KINDS):
    """Bytes of a JPEG, by turns of each kind, of any size or one (H, W)."""
    height, width = size or np.random.default_rng(number).integers(60, 560, 2)
    options = dict(kinds[number % len(kinds)])
    image = Image.fromarray(pixels(number, height, width)).convert(options.pop("mode", "RGB"))
    file = io.BytesIO()
    image.save(file, "JPEG", **options)
    return file.getvalue()


def cifar(folder):
    """Write the pickled version for Needle, and the binary one for TFDS."""
    sources = write_cifar(folder, {split: COUNTS[split] for split in ("train", "test")})
    files = {
        f"{level}_label_names.txt": "\n".join(map(str, range(count))).encode()
        for level, count in (("coarse", 20), ("fine", 100))
    }
    for split, (labels, images) in sources.items():
        rows = zip(labels, images, strict=True)
        files[f"{split}.bin"] = b"".join(
            bytes([0, label]) + image.transpose(2, 0, 1).tobytes() for label, image in rows
        )
    named = {f"cifar-100-binary/{name}": data for name, data in files.items()}
    tar(folder / "cifar-100-binary.tar.gz", named)


def describable_textures(folder):
    files, number = {}, 0
    for split, count in zip(("train", "val", "test"), COUNTS.values(), strict=True):
        keys = []
        for _ in range(count):
            name = dtd.CLASSES[number * 11 % len(dtd.CLASSES)]
            keys.append(f"{name}/{name}_{number:04d}.jpg")
            files[f"dtd/images/{keys[-1]}"] = photograph(number)
            number += 1
        files[f"dtd/labels/{split}1.txt"] = "".join(f"{key}\n" for key in keys).encode()
    tar(folder / "dtd-r1.0.1.tar.gz", files)


def flowers(folder):
    total = sum(COUNTS.values())
    images = {f"jpg/image_{n:05d}.jpg": photograph(n) for n in range(1, total + 1)}
    tar(folder / "102flowers.tgz", images)
    labels = np.arange(total) * 37 % 102 + 1
    savemat(folder / "imagelabels.mat", {"labels": labels[None].astype(np.uint8)})
    numbers = np.random.default_rng(0).permutation(total) + 1
    parts = np.split(numbers, np.cumsum(list(COUNTS.values()))[:2])
    names = ("trnid", "valid", "tstid")
    savemat(folder / "setid.mat", {n: p[None] for n, p in zip(names, parts, strict=True)})


def oxford_pets(folder):
    lists, images, trimaps = {}, {}, {}
    for split, name in (("train", "trainval"), ("test", "test")):
        lines = []
        for number in range(COUNTS[split]):
            label = (7 * number) % len(pets.CLASSES)
            key = f"{pets.CLASSES[label]}_{900 + number}{name}"
            lines.append(f"{key} {label + 1} 1 1\n")
            data = photograph(number + 100 * len(lists))
            if number == 5:
                data = encoded(np.dstack([pixels(5, 90, 80), pixels(6, 90, 80)[..., 0]]))
            images[f"images/{key}.jpg"] = data
            trimaps[f"annotations/trimaps/{key}.png"] = encoded(np.ones((4, 4), np.uint8))
        lists[f"annotations/{name}.txt"] = "".join(lines).encode()
    tar(folder / "images.tar.gz", images)
    tar(folder / "annotations.tar.gz", lists | trimaps)


def sun(folder):
    """Write images of the list in all formats and orientations, some above 120,000 pixels."""
    others = [{"form": form} for form in ("PNG", "BMP")]
    files, number = {}, 0
    for split, count in COUNTS.items():
        listed = sun397._listed()[split]
        for key in listed[:: len(listed) // count][:count]:
            data, image = photograph(number), pixels(number, 300, 500)
            files[f"SUN397{key}"] = (
                encoded(image, **others[number % 2]) if number % 5 == 4 else data
            )
            number += 1
    tar(folder / "SUN397.tar.gz", files)


def svhn(folder):
    for split in ("train", "test", "extra"):
        count = COUNTS.get(split, 1)
        images = np.stack([pixels(n + len(split), 32, 32) for n in range(count)], axis=-1)
        digits = 1 + np.arange(count)[:, None] * 3 % 10
        savemat(folder / f"{split}_32x32.mat", {"X": images, "y": digits.astype(np.uint8)})


def camelyon(folder):
    for name, split in (("train", "train"), ("valid", "validation"), ("test", "test")):
        images = np.stack([pixels(n + len(name), 96, 96) for n in range(COUNTS[split])])
        labels = (np.arange(len(images)) % 3 == 0).astype(np.uint8).reshape(-1, 1, 1, 1)
        for part, array in (("x", images), ("y", labels)):
            path = folder / f"camelyonpatch_level_2_split_{name}_{part}.h5.gz"
            path.write_bytes(gzip.compress(hdf5_bytes(part, array), 1))


def class_folders(module, top, number, size):
    """Make a maker of a folder of images for each class."""

    def make(folder):
        classes = module.CLASSES
        for name in classes:
            (folder / top / name).mkdir(parents=True)
        for n in range(sum(COUNTS.values())):
            name = classes[n * 3 % len(classes)]
            file = folder / top / name / f"{name}_{n + 1:{number}}.jpg"
            file.write_bytes(photograph(n, size, KINDS[:4]))

    return make


def eye(number):
    """A JPEG of a disc on black."""
    draw = np.random.default_rng(number)
    height, width = draw.integers(400, 700, 2)
    y, x = np.ogrid[:height, :width]
    radius = draw.uniform(0.4, 0.6) * width
    disc = (y - height / 2) ** 2 + (x - width / 2) ** 2 < radius**2
    image = np.where(disc[..., None], pixels(number, height, width), np.uint8(0))
    return encoded(image, "JPEG", quality=93, **({"exif": ROTATED} if number % 3 == 0 else {}))


def retinopathy(folder):
    keys = {part: [f"{n}_{part}" for n in range(24)] for part in ("train", "test")}
    for part, names in keys.items():
        (folder / part).mkdir()
        for n, key in enumerate(names):
            (folder / part / f"{key}.jpeg").write_bytes(eye(n + 50 * (part == "test")))
    (folder / "sample").mkdir()
    (folder / "sample" / "1_left.jpeg").write_bytes(eye(99))
    rows = "".join(f"{key},{n % 5}\n" for n, key in enumerate(keys["train"]))
    (folder / "trainLabels.csv").write_text(f"image,level\n{rows}")
    usage = ("Public", "Private")
    rows = "".join(f"{key},{n % 5},{usage[n % 2]}\n" for n, key in enumerate(keys["test"]))
    (folder / "retinopathy_solution.csv").write_text(f"image,level,Usage\n{rows}")


def clevr(folder):
    draw = np.random.default_rng(0)
    looks = {"color": "red", "material": "metal", "shape": "cube", "size": "small", "rotation": 1.0}
    files = {}
    for name, count in (("train", COUNTS["train"]), ("val", COUNTS["validation"]), ("test", 1)):
        scenes = []
        for n in range(count):
            file = f"CLEVR_{name}_{n:06d}.png"
            things = [
                looks | {"3d_coords": [0, 0, 0], "pixel_coords": [9, 9, float(depth)]}
                for depth in draw.uniform(7.6, 12, 3 + n % 8)
            ]
            scenes.append({"image_filename": file, "objects": things})
            files[f"CLEVR_v1.0/images/{name}/{file}"] = encoded(pixels(n, 320, 480))
        scenes = json.dumps({"scenes": scenes})
        files[f"CLEVR_v1.0/questions/CLEVR_{name}_questions.json"] = '{"questions": []}'
        if name != "test":
            files[f"CLEVR_v1.0/scenes/CLEVR_{name}_scenes.json"] = scenes
    zipped(folder / "CLEVR_v1.0.zip", files)


def dmlab(folder):
    with tarfile.open(folder / "dmlab.tar.gz", "w:gz") as archive:
        for start, (split, count) in enumerate(COUNTS.items()):
            frames = [
                dmlab_record(f"{split}_{n}.jpeg", n % 6, photograph(n + 40 * start, (360, 480)))
                for n in range(count)
            ]
            member = tarfile.TarInfo(f"dmlab-{split}.tfrecord-00000-of-00001")
            member.size = len(data := b"".join(frames))
            archive.addfile(member, io.BytesIO(data))


def kitti_objects(folder):
    drives = [f"x 2011_09_26_drive_{video:04d}_sync y" for video in range(20) for _ in range(2)]
    order = np.random.default_rng(0).permutation(40) + 1
    mapping = {"train_rand.txt": ",".join(map(str, order)), "train_mapping.txt": "\n".join(drives)}
    zipped(folder / kitti.DEVKIT, {f"mapping/{name}": text for name, text in mapping.items()})
    labels, images = {}, {}
    for n in range(40):
        lines = (kitti_line(*item) + "\n" for item in SCENES[n % len(SCENES)][0])
        labels[f"training/label_2/{n:06d}.txt"] = "".join(lines)
        images[f"training/image_2/{n:06d}.png"] = encoded(pixels(n, 375 - n % 3, 1242))
    zipped(folder / kitti.LABELS, labels)
    zipped(folder / kitti.IMAGES, images)


def dsprites(folder):
    rows = sum(COUNTS.values())
    write_dsprites(folder, rows)
    with h5py.File(next(folder.glob("*.hdf5")), "a") as file:
        file["latents/values"] = np.zeros((rows, 6))


def smallnorb(folder):
    write_smallnorb(folder, {"train": COUNTS["train"], "test": COUNTS["train"]})


MAKERS = {
    "cifar100": cifar,
    "dtd": describable_textures,
    "oxford_flowers102": flowers,
    "oxford_iiit_pet": oxford_pets,
    "sun397": sun,
    "svhn": svhn,
    "patch_camelyon": camelyon,
    "eurosat": class_folders(eurosat, "2750", "d", (64, 64)),
    "resisc45": class_folders(resisc45, "NWPU-RESISC45", "03d", (256, 256)),
    "diabetic_retinopathy": retinopathy,
    "clevr": clevr,
    "dmlab": dmlab,
    "kitti": kitti_objects,
    "dsprites": dsprites,
    "smallnorb": smallnorb,
}  # fmt: skip
