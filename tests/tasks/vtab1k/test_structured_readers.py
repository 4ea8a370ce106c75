"""Readers of CLEVR and KITTI, on tiny files in the original formats."""

import json
import zipfile
from itertools import chain

import numpy as np
import pytest
from originals import COUNTS, RULE, check, encoded, shade, unzip, zipped

from needle.base.errors import NeedleError
from needle.tasks.vtab1k.members import Members
from needle.tasks.vtab1k.readers import clevr, kitti
from needle.tasks.vtab1k.registry import raw_classes, read_raw

# CLEVR


def scene(index, distances, name):
    objects = [{"pixel_coords": [10, 20, distance]} for distance in distances]
    return {"image_filename": f"CLEVR_{name}_{index:06d}.png", "objects": objects}


def clevr_files(name, scenes):
    files = {f"CLEVR_v1.0/scenes/CLEVR_{name}_scenes.json": json.dumps({"scenes": scenes})}
    for index, one in enumerate(scenes):
        # The original images have an alpha channel.
        picture = np.dstack([shade(index), np.full((6, 8), 255, np.uint8)])
        files[f"CLEVR_v1.0/images/{name}/{one['image_filename']}"] = encoded(picture)
    return files


@pytest.fixture
def clevr_root(tmp_path):
    rng = np.random.default_rng(0)
    folder = tmp_path / "clevr"
    folder.mkdir()
    files = {}
    for name, count in (("train", 9), ("val", 5)):
        scenes = [
            scene(i, rng.uniform(7.6, 12, size=3 + i % 8).tolist(), name) for i in range(count)
        ]
        files |= clevr_files(name, scenes)
    zipped(folder / clevr.ARCHIVE, files)
    return tmp_path


def clevr_sources(root, label):
    with zipfile.ZipFile(root / "clevr" / clevr.ARCHIVE) as archive:
        scenes = {
            split: json.loads(archive.read(f"CLEVR_v1.0/scenes/CLEVR_{name}_scenes.json"))["scenes"]
            for split, name in (("train", "train"), ("validation", "val"))
        }
    return {
        split: {
            one["image_filename"]: (label(one["objects"]), shade(index))
            for index, one in enumerate(listed)
        }
        for split, listed in scenes.items()
    }


def closest_class(objects):
    closest = min(thing["pixel_coords"][2] for thing in objects)
    return sum(closest > limit for limit in (8, 8.5, 9, 9.5, 10))


@pytest.mark.parametrize(
    ("task", "label"), [("clevr_count", lambda o: len(o) - 3), ("clevr_dist", closest_class)]
)
@pytest.mark.parametrize("extracted", [False, True])
def test_clevr(clevr_root, task, label, extracted):
    sources = clevr_sources(clevr_root, label)
    if extracted:
        unzip(clevr_root / "clevr" / clevr.ARCHIVE)
    splits = read_raw(task, clevr_root, {"train": 4, "val": (6, 8)})
    rule = {"train": ("train", 0, 4), "val": ("train", 6, 8), "test": ("validation", 0, None)}
    check(splits, rule, sources)


@pytest.mark.parametrize(
    ("distance", "label"),
    [(0.1, 0), (8.0, 0), (8.0000001, 0), (8.00001, 1), (8.5, 1), (9.2, 3), (10.0, 4), (10.01, 5)],
)
def test_clevr_distance_exceeds_its_threshold_strictly_in_float32(distance, label):
    assert clevr._distance([{"pixel_coords": [0, 0, 50]}, {"pixel_coords": [0, 0, distance]}]) == (
        label
    )


def test_clevr_classes():
    assert raw_classes("clevr_count") == ["3", "4", "5", "6", "7", "8", "9", "10"]
    assert raw_classes("clevr_dist")[1] == "8 to 8.5"
    assert len(raw_classes("clevr_dist")) == 6


def test_clevr_with_another_number_of_scenes(clevr_root):
    with pytest.raises(NeedleError, match="train has 9 examples, the published train split has"):
        read_raw("clevr_count", clevr_root)


def test_clevr_with_scenes_in_another_order_than_their_images(tmp_path):
    """TFDS pairs sorted image files with scenes by their places."""
    (tmp_path / "clevr").mkdir()
    files = clevr_files("train", [scene(index, [9, 9, 9], "train") for index in (0, 2, 1)])
    zipped(tmp_path / "clevr" / clevr.ARCHIVE, files)
    with pytest.raises(NeedleError, match=r"has CLEVR_train_000001\.png after .*_000002\.png"):
        read_raw("clevr_count", tmp_path, COUNTS)


def test_clevr_with_too_few_objects(tmp_path):
    (tmp_path / "clevr").mkdir()
    zipped(tmp_path / "clevr" / clevr.ARCHIVE, clevr_files("train", [scene(0, [9, 9], "train")]))
    with pytest.raises(NeedleError, match=r"CLEVR_train_scenes\.json does not describe scenes"):
        read_raw("clevr_count", tmp_path, COUNTS)


# KITTI

KINDS = ("Car", "Van", "Truck", "Pedestrian", "Person_sitting", "Cyclist", "Tram", "Misc")


def kitti_line(kind, z):
    return f"{kind} 0.00 0 -1.58 587.01 173.33 614.12 200.12 1.65 1.67 3.64 -0.65 1.71 {z} -1.59"


# Lines of each label file and the class of their closest vehicle.
SCENES = [
    ([("Car", "8.00")], 0),
    ([("Car", "8.01")], 1),
    ([("Van", "20.00"), ("Car", "35.20")], 1),
    ([("Truck", "20.01"), ("Pedestrian", "3.10")], 2),
    ([("Tram", "4.00"), ("Cyclist", "5.00"), ("Misc", "6.00")], 3),
    ([("Car", "60.00"), ("Van", "-1.20"), ("DontCare", "-1000.00")], 0),
    ([("DontCare", "-1000.00")], 3),
    ([], 3),
]


@pytest.fixture
def kitti_root(tmp_path):
    """40 images of 20 videos, in an order of their own as in the original."""
    folder = tmp_path / "kitti"
    folder.mkdir()
    lines = [
        f"2011_09_26 2011_09_26_drive_{video:04d}_sync {frame:010d}"
        for video in range(20)
        for frame in range(2)
    ]
    order = np.random.default_rng(0).permutation(40) + 1
    numbers = ",".join(f"{number:d}" for number in order) + "\n"
    mapping = {"mapping/train_rand.txt": numbers, "mapping/train_mapping.txt": "\n".join(lines)}
    zipped(folder / kitti.DEVKIT, {"readme.txt": "", **mapping})
    labels, images = {}, {"testing/image_2/000000.png": b""}
    for number in range(40):
        objects = "".join(kitti_line(*item) + "\n" for item in SCENES[number % len(SCENES)][0])
        labels[f"training/label_2/{number:06d}.txt"] = objects
        images[f"training/image_2/{number:06d}.png"] = encoded(shade(number))
    zipped(folder / kitti.LABELS, labels)
    zipped(folder / kitti.IMAGES, images)
    return tmp_path


def kitti_sources(root):
    with zipfile.ZipFile(root / "kitti" / kitti.DEVKIT) as archive:
        order = archive.read("mapping/train_rand.txt").decode().split(",")
        lines = archive.read("mapping/train_mapping.txt").decode().split("\n")
    videos = [lines[int(number) - 1].split()[1] for number in order]
    # Drawn once by the rule of TFDS 4.9.10 itself from these 20 names.
    held_out = {"test": {5, 14}, "validation": {7, 11}}
    sources = {"train": {}, "validation": {}, "test": {}}
    for number, video in enumerate(videos):
        drive = int(video[17:21])
        split = next((name for name, drives in held_out.items() if drive in drives), "train")
        label = SCENES[number % len(SCENES)][1]
        sources[split][f"{number:06d}.png"] = (label, shade(number))
    return sources


@pytest.mark.parametrize("extracted", [False, True])
def test_kitti(kitti_root, extracted):
    sources = kitti_sources(kitti_root)
    if extracted:
        for name in (kitti.IMAGES, kitti.LABELS, kitti.DEVKIT):
            unzip(kitti_root / "kitti" / name)
    check(read_raw("kitti_dist", kitti_root, COUNTS), RULE, sources)


def test_kitti_splits_share_no_video():
    videos = [f"drive_{i % 147:04d}" for i in range(1000)]
    numbers = kitti.split_by_video(videos)
    assert sorted(chain(*numbers.values())) == list(range(1000))
    drives = {split: {videos[number] for number in found} for split, found in numbers.items()}
    assert len(drives["test"]) == len(drives["validation"]) == 14
    assert len(set.union(*drives.values())) == sum(map(len, drives.values()))


def test_kitti_without_its_number_of_images(kitti_root):
    with pytest.raises(NeedleError, match="the published train split has 6347"):
        read_raw("kitti_dist", kitti_root)


def test_kitti_with_a_damaged_mapping(kitti_root):
    mapping = {"mapping/train_rand.txt": "1,99", "mapping/train_mapping.txt": "a b 1"}
    zipped(kitti_root / "kitti" / kitti.DEVKIT, mapping)
    with pytest.raises(NeedleError, match=r"train_rand\.txt and train_mapping\.txt do not fit"):
        read_raw("kitti_dist", kitti_root, COUNTS)


# Members


def test_members_of_a_damaged_archive(tmp_path):
    path = tmp_path / "a.zip"
    zipped(path, {"x/one.txt": b"one" * 50})
    assert Members(tmp_path, "a.zip").top_folders() == ["x"]
    data = path.read_bytes()
    path.write_bytes(data.replace(b"oneone", b"onetwo"))
    with pytest.raises(NeedleError, match=r"x/one\.txt is damaged"):
        Members(tmp_path, "a.zip").read("x/one.txt")
    path.write_bytes(data[:50])
    with pytest.raises(NeedleError, match="not a readable zip archive"):
        Members(tmp_path, "a.zip")


def test_members_extracted_beside_or_into_a_folder_of_the_archives_name(tmp_path):
    (tmp_path / "a" / "x").mkdir(parents=True)
    (tmp_path / "y").mkdir()
    (tmp_path / "a" / "x" / "one.txt").write_text("1")
    (tmp_path / "y" / "two.txt").write_text("2")
    members = Members(tmp_path, "a.zip")
    assert (members.read("x/one.txt"), members.read("y/two.txt")) == (b"1", b"2")
    with pytest.raises(NeedleError, match=r"a\.zip: z is missing"):
        members.read("z")
