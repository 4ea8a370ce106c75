"""Render the images of one upstream domain."""

import argparse

from needle.base.errors import run
from needle.base.tensors import write_tensors
from needle.tasks.mini.domains import CLASSES, render_domain


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--domain", required=True)
    parser.add_argument("--images-per-class", type=int, required=True)
    parser.add_argument("--test-images", type=int, required=True)
    parser.add_argument("--seed", type=int, required=True)
    parser.add_argument("--output", required=True)
    args = parser.parse_args()

    classes = CLASSES[args.domain]
    counts = {"train": classes * args.images_per_class, "test": args.test_images}
    tensors = {}
    for split, count in counts.items():
        images, labels = render_domain(args.domain, count, args.seed, split)
        tensors |= {f"{split}_images": images, f"{split}_labels": labels}
    write_tensors(args.output, tensors, {"domain": args.domain, "classes": classes})


if __name__ == "__main__":
    run(main)
