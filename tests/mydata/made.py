"""Data of users, made for the tests."""

from PIL import Image


def fill(root, counts, start=0):
    """Write `counts[name]` files, each of its own content, as if they were pictures."""
    for name, count in counts.items():
        for number in range(start, start + count):
            write(root / name / f"{number:03d}.jpg", f"{root} {name} {number}")


def write(path, content):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content.encode())


def paint(root, counts, start=0, size=(3, 2)):
    """Save `counts[name]` pictures, each of its own colour: class, number, how full `start` is."""
    for label, (name, count) in enumerate(counts.items()):
        for number in range(start, start + count):
            path = root / name / f"{number:03d}.png"
            path.parent.mkdir(parents=True, exist_ok=True)
            Image.new("RGB", size, (label, number % 256, start)).save(path)
