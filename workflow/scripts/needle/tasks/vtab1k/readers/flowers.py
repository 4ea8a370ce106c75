"""Oxford Flowers-102: ``102flowers.tgz``, ``imagelabels.mat`` and ``setid.mat``."""

import numpy as np
from scipy.io import loadmat

from needle.base.errors import NeedleError
from needle.tasks.examples import Examples
from needle.tasks.vtab1k.archives import extracted, original
from needle.tasks.vtab1k.images import decode
from needle.tasks.vtab1k.selection import vtab_splits

SET_IDS = {"train": "trnid", "validation": "valid", "test": "tstid"}
SPLITS = {"train": ("train", 0, 800), "val": ("validation", 0, 200), "test": ("test", 0, None)}
SIZES = {"train": 1020, "validation": 1020, "test": 6149}

# The files have only numbers; these are the names that TFDS gives them, in their order.
_NAMES = """
pink primrose, hard-leaved pocket orchid, canterbury bells, sweet pea, english marigold, tiger lily,
moon orchid, bird of paradise, monkshood, globe thistle, snapdragon, colt's foot, king protea,
spear thistle, yellow iris, globe-flower, purple coneflower, peruvian lily, balloon flower,
giant white arum lily, fire lily, pincushion flower, fritillary, red ginger, grape hyacinth,
corn poppy, prince of wales feathers, stemless gentian, artichoke, sweet william, carnation,
garden phlox, love in the mist, mexican aster, alpine sea holly, ruby-lipped cattleya, cape flower,
great masterwort, siam tulip, lenten rose, barbeton daisy, daffodil, sword lily, poinsettia,
bolero deep blue, wallflower, marigold, buttercup, oxeye daisy, common dandelion, petunia,
wild pansy, primula, sunflower, pelargonium, bishop of llandaff, gaura, geranium, orange dahlia,
pink-yellow dahlia?, cautleya spicata, japanese anemone, black-eyed susan, silverbush,
californian poppy, osteospermum, spring crocus, bearded iris, windflower, tree poppy, gazania,
azalea, water lily, rose, thorn apple, morning glory, passion flower, lotus, toad lily, anthurium,
frangipani, clematis, hibiscus, columbine, desert-rose, tree mallow, magnolia, cyclamen, watercress,
canna lily, hippeastrum, bee balm, ball moss, foxglove, bougainvillea, camellia, mallow,
mexican petunia, bromelia, blanket flower, trumpet creeper, blackberry lily
"""
CLASSES = [name.strip() for name in _NAMES.split(",")]


def read(folder, task, counts=None):
    """Read the task; keys are file names such as ``image_00001.jpg``.

    See `needle.tasks.vtab1k.registry`.

    The split with 6149 images is the test set, as its name says. Images are numbered from 1, and so
    are labels in the file.
    """
    images = extracted(folder, "102flowers.tgz", "jpg")
    labels = _array(original(folder, "imagelabels.mat"), "labels") - 1
    path = original(folder, "setid.mat")
    sources = {
        split: _read_split(images, labels, _array(path, name), path)
        for split, name in SET_IDS.items()
    }
    return vtab_splits(sources, SPLITS, SIZES, counts, folder)


def classes(task):
    """Names of the 102 flowers."""
    return CLASSES


def _read_split(images, labels, numbers, path):
    if numbers.size and not 1 <= numbers.min() <= numbers.max() <= len(labels):
        raise NeedleError(
            f"{path}: numbers images that imagelabels.mat, with {len(labels)} labels, has not; get "
            "both files anew"
        )
    keys = [f"image_{number:05d}.jpg" for number in numbers]
    return Examples(keys, labels[numbers - 1], lambda i: decode(images / keys[i]))


def _array(path, name):
    try:
        return loadmat(path, variable_names=[name])[name].ravel().astype(np.int64)
    except Exception as error:
        raise NeedleError(
            f"{path}: not a file of Flowers-102 ({error}); delete it and get the original anew"
        ) from error
