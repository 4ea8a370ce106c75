"""What a model gives for the images of one split, gathered batch by batch."""

import numpy as np
import torch

from needle.base.errors import NeedleError


class Rows:
    """Features, kept on the device until all are there."""

    def __init__(self):
        self.batches = []

    def append(self, batch):
        """Take features (N, D)."""
        self.batches.append(batch)

    def array(self):
        """Give all as float32."""
        return torch.cat(self.batches).float().cpu().numpy()


class FileRows:
    """Tokens, kept as float16 in a file: 0.3 GB for 1000 images of ViT-B/16 at 224 pixels.

    Parameters
    ----------
    path : path
        Of the file, which is not there yet; who names it removes it.
    name : str
        Of the model, for messages.
    """

    def __init__(self, path, name):
        self.path, self.name = path, name
        self.count, self.shape = 0, None

    def append(self, batch):
        """Take tokens (N, L, D).

        Raises
        ------
        NeedleError
            If one is beyond the range of float16, or no number.
        """
        tokens = batch.half().cpu().numpy()
        if not np.isfinite(tokens).all():
            raise NeedleError(
                f"model {self.name}: has tokens that are NaN or above 65504, too large for "
                "float16; leave it out of models, or set embedding.features to last"
            )
        with open(self.path, "ab") as file:
            file.write(np.ascontiguousarray(tokens))
        self.count, self.shape = self.count + len(tokens), tokens.shape[1:]

    def array(self):
        """Give all, of which one takes some at a time: rows of float16 (N, L, D)."""
        return self

    def __len__(self):
        return self.count

    def __getitem__(self, rows):
        # Mapped each time, so that no more than these count as memory of the process.
        mapped = np.memmap(self.path, np.float16, "r", shape=(self.count, *self.shape))
        return np.array(mapped[rows])
