"""Where the original files of the VTAB tasks are, and how to know them.

URLs, SHA-256 and sizes are those of tensorflow-datasets 4.9.10 (its `checksums.tsv` of each
dataset, `url_checksums/` for DTD and DMLab), with two exceptions from torchvision 0.29.2:

- CIFAR-100: TFDS reads the binary version; URL and MD5 of the Python version are those of
  `torchvision.datasets.CIFAR100`, its size is what PyTorch's tutorials print while they load it.
- EuroSAT: URL and MD5 are those of `torchvision.datasets.EuroSAT`, a copy on the Hugging Face hub
  pinned to one revision. Its MD5 is the one that torchvision gave for the original host
  (madm.dfki.de); the size is the one that TFDS lists for it there.

PatchCamelyon is taken from Zenodo (torchvision's links need Google Drive), KITTI without login
from the bucket that TFDS and torchvision use. Retinopathy's solution is listed by TFDS too. The
size and SHA-256 of RESISC45's zip are those of its pointer on the hub, revision c01546f. That the
host of SUN397 answers 404 is reported in pytorch/vision#9348.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Download:
    """A file of a dataset.

    Attributes
    ----------
    url : str
    file : str
        Name in the dataset's folder.
    checksum : str
        ``"sha256:..."`` or ``"md5:..."``.
    size : int
        Bytes.
    """

    url: str
    file: str
    checksum: str
    size: int


def _under(base, *files):
    """Downloads of (file, SHA-256, size) under one address."""
    return [Download(f"{base}/{file}", file, f"sha256:{sha}", size) for file, sha, size in files]


DOWNLOADS = {
    "cifar100": [
        Download(
            "https://www.cs.toronto.edu/~kriz/cifar-100-python.tar.gz",
            "cifar-100-python.tar.gz",
            "md5:eb9058c3a382ffc7106e4002c42a8d85",
            169001437,
        )
    ],
    "svhn": _under(
        "http://ufldl.stanford.edu/housenumbers",
        (
            "test_32x32.mat",
            "cdce80dfb2a2c4c6160906d0bd7c68ec5a99d7ca4831afa54f09182025b6a75b",
            64275384,
        ),
        (
            "train_32x32.mat",
            "435e94d69a87fde4fd4d7f3dd208dfc32cb6ae8af2240d066de1df7508d083b8",
            182040794,
        ),
    ),
    "dsprites": [
        Download(
            "https://github.com/deepmind/dsprites-dataset/blob/master/"
            "dsprites_ndarray_co1sh3sc6or40x32y32_64x64.hdf5?raw=true",
            "dsprites_ndarray_co1sh3sc6or40x32y32_64x64.hdf5",
            "sha256:729fa22e884c9c500e1f17415d580746b4c5894fbbb780a1319bbcfa39a745bb",
            28024106,
        )
    ],
    "smallnorb": _under(
        "https://cs.nyu.edu/~ylclab/data/norb-v1.0-small",
        (
            "smallnorb-5x01235x9x18x6x2x96x96-testing-cat.mat.gz",
            "ecaf6d5bb8c3bc5eab9cf0258f6d2198dd474e016e374836fc097f2e5ff509ff",
            347,
        ),
        (
            "smallnorb-5x01235x9x18x6x2x96x96-testing-dat.mat.gz",
            "cf7104eed3e51174d2f65b66d1e5878b9da233b886f161b0d88f4510ba2c7474",
            130799817,
        ),
        (
            "smallnorb-5x01235x9x18x6x2x96x96-testing-info.mat.gz",
            "16adf314226327ee006d1a44db8cfef52773c06c829951d5653a9f6f310248a2",
            10428,
        ),
        (
            "smallnorb-5x46789x9x18x6x2x96x96-training-cat.mat.gz",
            "2784e542c1922060691090952b6cd6278879a216c90f81476f0f00256d42cdaa",
            348,
        ),
        (
            "smallnorb-5x46789x9x18x6x2x96x96-training-dat.mat.gz",
            "5ffd6272a07d32695ee1082a26a41a93a37aab8c28da047f8c34ed348d214873",
            131896188,
        ),
        (
            "smallnorb-5x46789x9x18x6x2x96x96-training-info.mat.gz",
            "de7eb932ebe7a4ee16217fead60660d0eb3d23632c2f4d1c51f88c501c17bf32",
            71052,
        ),
    ),
    "patch_camelyon": _under(
        "https://zenodo.org/record/2546921/files",
        (
            "camelyonpatch_level_2_split_test_x.h5.gz",
            "79174c2201ad521602a5888be8f36ee10875f37403dd3f2086caf2182ef87245",
            800875929,
        ),
        (
            "camelyonpatch_level_2_split_test_y.h5.gz",
            "0a522005fccc8bbd04c5a117bfaf81d8da2676f03a29d7499f71d0a0bd6068ef",
            3040,
        ),
        (
            "camelyonpatch_level_2_split_train_x.h5.gz",
            "d619e741468a7ab35c7e4a75e6821b7e7e6c9411705d45708f2a0efc8960656c",
            6421353462,
        ),
        (
            "camelyonpatch_level_2_split_train_y.h5.gz",
            "b74126d2c01b20d3661f9b46765d29cf4e4fba6faba29c8e0d09d406331ab75a",
            21378,
        ),
        (
            "camelyonpatch_level_2_split_valid_x.h5.gz",
            "f82ee1670d027b4ec388048d9eabc2186b77c009655dae76d624c0ecb053ccb2",
            805965320,
        ),
        (
            "camelyonpatch_level_2_split_valid_y.h5.gz",
            "ce1ae30f08feb468447971cfd0472e7becd0ad96d877c64120c72571439ae48c",
            3038,
        ),
    ),
    "dtd": _under(
        "https://www.robots.ox.ac.uk/~vgg/data/dtd/download",
        (
            "dtd-r1.0.1.tar.gz",
            "e42855a52a4950a3b59612834602aa253914755c95b0cff9ead6d07395f8e205",
            625239812,
        ),
    ),
    "oxford_flowers102": _under(
        "https://www.robots.ox.ac.uk/~vgg/data/flowers/102",
        (
            "102flowers.tgz",
            "2d01ecc807db462958cfe3d92f57a8c252b4abd240eb955770201e45f783b246",
            344862509,
        ),
        (
            "imagelabels.mat",
            "4903e94206bac23bf772aadf06451916df56b58fc483a62db32a97b82656651d",
            502,
        ),
        (
            "setid.mat",
            "46b8678f91fd95d3c8f4feab80d271a6c834a1dd896fe29fd3e6ad9ce5c8dccd",
            14989,
        ),
    ),
    "oxford_iiit_pet": _under(
        "https://thor.robots.ox.ac.uk/~vgg/data/pets",
        (
            "annotations.tar.gz",
            "52425fb6de5c424942b7626b428656fcbd798db970a937df61750c0f1d358e91",
            19173078,
        ),
        (
            "images.tar.gz",
            "67195c5e1c01f1ab5f9b6a5d22b8c27a580d896ece458917e61d459337fa318d",
            791918971,
        ),
    ),
    "clevr": _under(
        "https://dl.fbaipublicfiles.com/clevr",
        (
            "CLEVR_v1.0.zip",
            "5cd61cf1096ed20944df93c9adb31e74d189b8459a94f54ba00090e5c59936d1",
            19021600724,
        ),
    ),
    "dmlab": _under(
        "https://storage.googleapis.com/dmlab-vtab",
        (
            "dmlab.tar.gz",
            "638b18fa69a5d61bbc310cd0b87ac603a39f41de0fdb07b6e77de274a24480a4",
            3017022789,
        ),
    ),
    "kitti": _under(
        "https://s3.eu-central-1.amazonaws.com/avg-kitti",
        (
            "data_object_image_2.zip",
            "351c5a2aa0cd9238b50174a3a62b846bc5855da256b82a196431d60ff8d43617",
            12569945557,
        ),
        (
            "data_object_label_2.zip",
            "4efc76220d867e1c31bb980bbf8cbc02599f02a9cb4350effa98dbb04aaed880",
            5601213,
        ),
        (
            "devkit_object.zip",
            "ce0b76b69c0c5f89690a0d65b7302bbbdb962a0c7e8aba6efc7050d1b04b4cf1",
            63794,
        ),
    ),
    "eurosat": [
        Download(
            "https://huggingface.co/datasets/torchgeo/eurosat/resolve/"
            "c877bcd43f099cd0196738f714544e355477f3fd/EuroSAT.zip",
            "EuroSAT.zip",
            "md5:c8fa014336c82ac7804f0398fcb19387",
            94280567,
        )
    ],
}

# What to put into a dataset's folder by hand.
MANUAL = {
    "caltech101": (
        "its VTAB split follows a listing of TFDS's disk and cannot be made from the original "
        "files: take the task from the community's VTAB-1K folder (source: vtab1k_folder)"
    ),
    "diabetic_retinopathy": (
        "needs a login: from https://www.kaggle.com/c/diabetic-retinopathy-detection/data (82 GB) "
        "unpack train.zip.001 to .005 to train/, test.zip.001 to .007 to test/ and "
        "trainLabels.csv.zip; and get https://storage.googleapis.com/kaggle-forum-message-"
        "attachments/90528/2877/retinopathy_solution.csv (sha256 "
        "a6af3d66804e81887da89b9261bcfb7da4f5bacedb070f1b5db83fa879ab60c9)"
    ),
    "resisc45": (
        "the authors publish it through file-sharing pages only: take NWPU-RESISC45.rar from them "
        "and unpack it to NWPU-RESISC45/, or NWPU-RESISC45.zip from https://huggingface.co/"
        "datasets/torchgeo/resisc45 (427389445 bytes, sha256 "
        "beeecd0b63656290ae6d65cf7763185b0c1c4c54a753ef8088d6fba3faaf1f53)"
    ),
    "sun397": (
        "its address https://vision.princeton.edu/projects/2010/SUN/SUN397.tar.gz answers 404 "
        "since 2025: get SUN397.tar.gz (39077296924 bytes, sha256 "
        "f404130965a7ad77bed5ececc71e720ab50f3cc1e1bb257257610d38f3b928ec) from somebody who has it"
    ),
}


def size_of(dataset):
    """Bytes of all files of a dataset of `DOWNLOADS`.

    >>> size_of("oxford_iiit_pet")
    811092049
    """
    return sum(download.size for download in DOWNLOADS[dataset])
