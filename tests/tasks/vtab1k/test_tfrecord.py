"""TFRecord files, and DMLab, which comes in them."""

import io
import struct
import tarfile

import numpy as np
import pytest
from originals import COUNTS, RULE, check, encoded, shade

from needle.base.errors import NeedleError
from needle.tasks.vtab1k.images import decode
from needle.tasks.vtab1k.readers import dmlab
from needle.tasks.vtab1k.registry import read_raw
from needle.tasks.vtab1k.tfrecord import (
    crc32c,
    masked_crc32c,
    parse_example,
    read_example,
    read_examples,
)


def varint(value):
    value &= (1 << 64) - 1
    groups = []
    while value >= 0x80:
        groups.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*groups, value])


def field(number, data):
    return varint(number << 3 | 2) + varint(len(data)) + data


def feature(values):
    if isinstance(values[0], bytes):
        return field(1, b"".join(field(1, value) for value in values))
    if isinstance(values[0], float):
        return field(2, field(1, struct.pack(f"<{len(values)}f", *values)))
    return field(3, field(1, b"".join(map(varint, values))))


def example(features):
    entries = (field(1, name.encode()) + field(2, feature(v)) for name, v in features.items())
    return field(1, b"".join(field(1, entry) for entry in entries))


def record(data):
    length = struct.pack("<Q", len(data))
    checksums = [struct.pack("<I", masked_crc32c(part)) for part in (length, data)]
    return length + checksums[0] + data + checksums[1]


@pytest.mark.parametrize(
    ("data", "expected"),
    # RFC 3720, appendix B.4.
    [
        (bytes(32), 0x8A9136AA),
        (b"\xff" * 32, 0x62A8AB43),
        (bytes(range(32)), 0x46DD794E),
        (bytes(range(31, -1, -1)), 0x113FDB5C),
        (b"", 0),
    ],
)
def test_crc32c(data, expected):
    assert crc32c(data) == expected


@pytest.mark.parametrize("length", [1, 3, 4, 1023, 1024, 1025, 1027, 2048, 5000])
def test_crc32c_of_several_blocks(length):
    data = np.random.default_rng(length).bytes(length)
    state = 0xFFFFFFFF
    for byte in data:
        state ^= byte
        for _ in range(8):
            state = state >> 1 ^ (0x82F63B78 if state & 1 else 0)
    assert crc32c(data) == state ^ 0xFFFFFFFF


# An example and its record as tensorflow 2.21.0 wrote them.
FROM_TENSORFLOW = bytes.fromhex(
    "4800000000000000fe92489d0a460a0c0a016212070a050a01780a000a110a0166120c120a0a080000c03f00"
    "0010c00a190a016912141a120a10fbffffffffffffffff018080808080200a080a046e6f6e65120017792385"
)


def test_a_record_that_tensorflow_wrote(tmp_path):
    path = tmp_path / "one.tfrecord"
    path.write_bytes(FROM_TENSORFLOW)
    expected = {"b": [b"x", b""], "i": [-5, 1 << 40], "f": [1.5, -2.25], "none": []}
    assert list(read_examples(path)) == [(0, expected)]
    assert record(FROM_TENSORFLOW[12:-4]) == FROM_TENSORFLOW


def test_examples_of_a_file_by_offset(tmp_path):
    path = tmp_path / "some.tfrecord"
    features = [{"number": [i], "text": [b"t" * i * 700]} for i in range(5)]
    path.write_bytes(b"".join(record(example(one)) for one in features) + record(b""))
    found = list(read_examples(path))
    assert [one for _, one in found] == [*features, {}]
    for offset, one in found:
        assert read_example(path, offset) == one


def test_unpacked_integers():
    message = field(1, field(1, field(1, b"i") + field(2, field(3, b"\x08\x05\x08" + varint(-1)))))
    assert parse_example(message) == {"i": [5, -1]}


@pytest.mark.parametrize("at", [0, 9, 13, -2])
def test_a_flipped_bit_in_a_record(tmp_path, at):
    data = bytearray(record(example({"label": [3]})))
    data[at] ^= 1
    path = tmp_path / "damaged.tfrecord"
    path.write_bytes(data)
    with pytest.raises(NeedleError, match=r"damaged\.tfrecord: the record at byte 0 is cut or dam"):
        list(read_examples(path))


@pytest.mark.parametrize("length", [5, 20, -1])
def test_a_cut_record(tmp_path, length):
    path = tmp_path / "cut.tfrecord"
    path.write_bytes(record(example({"label": [3]}))[:length])
    with pytest.raises(NeedleError, match=r"cut\.tfrecord: the record at byte 0 is cut or damaged"):
        list(read_examples(path))


@pytest.mark.parametrize("data", [b"\x0a\x05ab", b"\x0b", b"\xff" * 11, b"\x0a\x80"])
def test_a_record_that_is_no_example(tmp_path, data):
    path = tmp_path / "other.tfrecord"
    path.write_bytes(record(data))
    with pytest.raises(NeedleError, match=r"the record at byte 0 is no tf\.train\.Example"):
        list(read_examples(path))


def dmlab_record(key, label, picture):
    frame = {"image": [picture], "filename": [key.encode()], "label": [label]}
    return record(example(frame))


def dmlab_frames(split, count):
    return {
        f"{split}_{i:03d}.jpeg": (5 - i % 6, encoded(shade(9 * i), "JPEG")) for i in range(count)
    }


@pytest.fixture
def dmlab_root(tmp_path):
    """A dmlab.tar.gz with two shards of each split."""
    (tmp_path / "dmlab").mkdir()
    with tarfile.open(tmp_path / "dmlab" / dmlab.ARCHIVE, "w:gz") as archive:
        for split, count in (("train", 7), ("validation", 4), ("test", 5)):
            frames = [dmlab_record(key, *v) for key, v in dmlab_frames(split, count).items()]
            for shard in range(2):
                data = b"".join(frames[shard::2])
                member = tarfile.TarInfo(f"dmlab-{split}.tfrecord-{shard:05d}-of-00002")
                member.size = len(data)
                archive.addfile(member, io.BytesIO(data))
    return tmp_path


def test_dmlab(dmlab_root):
    sources = {
        split: {k: (label, decode(p)) for k, (label, p) in dmlab_frames(split, count).items()}
        for split, count in (("train", 7), ("validation", 4), ("test", 5))
    }
    # The keys of a split are in the order of its shards.
    for split, frames in sources.items():
        sources[split] = {k: frames[k] for k in [*list(frames)[::2], *list(frames)[1::2]]}
    check(read_raw("dmlab", dmlab_root, COUNTS), RULE, sources)
    folder = dmlab_root / "dmlab"
    (folder / dmlab.ARCHIVE).unlink()
    check(read_raw("dmlab", dmlab_root, COUNTS), RULE, sources)
    for shard in (folder / "dmlab").iterdir():
        shard.rename(folder / shard.name)
    check(read_raw("dmlab", dmlab_root, COUNTS), RULE, sources)


def test_dmlab_errors(dmlab_root):
    with pytest.raises(NeedleError, match="train has 7 examples, the published train split has"):
        read_raw("dmlab", dmlab_root)
    shard = dmlab_root / "dmlab" / "dmlab" / "dmlab-test.tfrecord-00000-of-00002"
    shard.write_bytes(record(example({"label": [1]})))
    with pytest.raises(NeedleError, match="record at byte 0 is no frame of DMLab"):
        read_raw("dmlab", dmlab_root, COUNTS)
    for path in shard.parent.glob("dmlab-test*"):
        path.unlink()
    with pytest.raises(NeedleError, match=r"has no dmlab-test\.tfrecord files"):
        read_raw("dmlab", dmlab_root, COUNTS)
    with pytest.raises(NeedleError, match=r"dmlab\.tar\.gz: no such file"):
        dmlab.read(dmlab_root / "elsewhere", "dmlab")
