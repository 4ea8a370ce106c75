"""Make the checkpoint of one model from its published weights, checked to be what its card says."""

import argparse
import json

import torch

from needle.base.errors import run
from needle.models.checkpoints import save_checkpoint
from needle.models.convert import convert


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--card", type=json.loads, required=True)
    parser.add_argument("--weights", required=True, help="the file as fetched")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--output", required=True)
    args = parser.parse_args()

    torch.set_num_threads(args.threads)
    model, card = convert(args.card, args.weights)
    save_checkpoint(args.output, model, card)


if __name__ == "__main__":
    run(main)
