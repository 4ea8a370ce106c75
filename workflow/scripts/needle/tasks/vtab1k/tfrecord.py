"""Read TFRecord files of tf.train.Example messages without TensorFlow.

A record is its length (uint64, little endian), a checksum of the length, the data and a checksum
of the data. The data is a protocol buffer: a map from names to lists of bytes, floats or integers.
"""

import struct
from functools import cache

import numpy as np

from needle.base.errors import NeedleError

BLOCK = 1024
POLYNOMIAL = 0x82F63B78
LENGTH_BYTES = 12
VARINT, FIXED64, DELIMITED, FIXED32 = 0, 1, 2, 5


def read_examples(path):
    """Read all examples of a file in order; both checksums of every record are verified.

    Parameters
    ----------
    path : path

    Yields
    ------
    offset : int
        Where the record starts, for `read_example`.
    features : dict of str to list
        Lists of bytes, float or int by feature name.

    Raises
    ------
    NeedleError
        If the file is cut or damaged.

    References
    ----------
    https://www.tensorflow.org/tutorials/load_data/tfrecord
    """
    with open(path, "rb") as file:
        offset = 0
        while (data := _read_record(file, path, offset)) is not None:
            yield offset, _parse(data, path, offset)
            offset = file.tell()


def read_example(path, offset):
    """Read the example whose record starts at this offset: dict of str to list."""
    with open(path, "rb") as file:
        file.seek(offset)
        return _parse(_read_record(file, path, offset), path, offset)


def crc32c(data):
    """CRC-32C (Castagnoli) of bytes.

    A CRC is linear over GF(2): each byte adds a term that depends on its value and on its distance
    from the end only. So a block of bytes is one look-up in a table and one sum (XOR).

    Examples
    --------
    >>> hex(crc32c(b"123456789"))
    '0xe3069283'
    """
    terms, ones = _tables()
    values = np.frombuffer(data, np.uint8)
    first = len(values) % BLOCK
    state = int(ones[first]) ^ _sum(terms[BLOCK - first :], values[:first])
    for start in range(first, len(values), BLOCK):
        block = values[start : start + BLOCK].copy()
        block[:4] ^= np.frombuffer(struct.pack("<I", state), np.uint8)
        state = _sum(terms, block)
    return state ^ 0xFFFFFFFF


def _sum(terms, values):
    return int(np.bitwise_xor.reduce(terms[np.arange(len(values)), values], initial=0))


@cache
def _tables():
    """The terms of every byte value by position in a block, and all ones after n zero bytes."""
    table = np.arange(256, dtype=np.uint32)
    for _ in range(8):
        table = np.where(table & 1, (table >> 1) ^ np.uint32(POLYNOMIAL), table >> 1)
    terms = np.empty((BLOCK, 256), np.uint32)
    terms[-1] = table
    for position in range(BLOCK - 1, 0, -1):
        terms[position - 1] = (terms[position] >> 8) ^ table[terms[position] & 0xFF]
    ones = np.empty(BLOCK, np.uint32)
    ones[0] = 0xFFFFFFFF
    for length in range(1, BLOCK):
        ones[length] = (ones[length - 1] >> 8) ^ table[ones[length - 1] & 0xFF]
    return terms, ones


def masked_crc32c(data):
    """The CRC-32C of bytes in the disguise that TFRecord files store."""
    crc = crc32c(data)
    return ((crc >> 15 | crc << 17) + 0xA282EAD8) & 0xFFFFFFFF


def _read_record(file, path, offset):
    """Read the data of the next record; None at the end of the file."""
    head = file.read(LENGTH_BYTES)
    if not head:
        return None
    if len(head) < LENGTH_BYTES or _stored(head[8:]) != masked_crc32c(head[:8]):
        raise _damaged(path, offset, "its length")
    (length,) = struct.unpack("<Q", head[:8])
    data, checksum = file.read(length), file.read(4)
    if len(checksum) < 4 or _stored(checksum) != masked_crc32c(data):
        raise _damaged(path, offset, "its data")
    return data


def _stored(checksum):
    return int.from_bytes(checksum, "little")


def _damaged(path, offset, part):
    return NeedleError(
        f"{path}: the record at byte {offset} is cut or damaged ({part} and checksum differ); "
        "get the file anew"
    )


def _parse(data, path, offset):
    try:
        return parse_example(data)
    except (IndexError, ValueError, struct.error) as error:
        raise NeedleError(
            f"{path}: the record at byte {offset} is no tf.train.Example ({error}); get the file "
            "anew"
        ) from error


def parse_example(data):
    """Read a serialised tf.train.Example.

    Parameters
    ----------
    data : bytes

    Returns
    -------
    dict of str to list
        Lists of bytes, float or int by feature name.

    Raises
    ------
    ValueError, IndexError, struct.error
        If `data` is no such message.
    """
    features = {}
    for example in _submessages(data, 1):
        for entry in _submessages(example, 1):
            name = b"".join(_submessages(entry, 1)).decode()
            features[name] = [v for f in _submessages(entry, 2) for v in _values(f)]
    return features


def _values(feature):
    """The list of a Feature message: field 1 holds bytes, 2 floats, 3 integers."""
    values = []
    for kind, _, message in _fields(feature):
        for _, wire, value in _fields(message):
            if kind == 1:
                values.append(value)
            elif kind == 2:
                values.extend(struct.unpack(f"<{len(value) // 4}f", value))
            elif kind == 3:
                values.extend(_integers(value) if wire == DELIMITED else [_signed(value)])
    return values


def _integers(packed):
    position = 0
    while position < len(packed):
        value, position = _varint(packed, position)
        yield _signed(value)


def _signed(value):
    return value - (1 << 64) if value >> 63 else value


def _submessages(data, number):
    """The contents of the length-delimited fields with this number."""
    return [value for field, wire, value in _fields(data) if (field, wire) == (number, DELIMITED)]


def _fields(data):
    """Read the fields of a message: (number, wire type, value), an int for VARINT, else bytes."""
    position = 0
    while position < len(data):
        tag, position = _varint(data, position)
        number, wire = tag >> 3, tag & 7
        if wire == VARINT:
            value, position = _varint(data, position)
        else:
            if wire == DELIMITED:
                length, position = _varint(data, position)
            else:
                length = {FIXED64: 8, FIXED32: 4}.get(wire)
            if length is None or position + length > len(data):
                raise ValueError(f"field {number} is cut or of unknown type {wire}")
            value, position = data[position : position + length], position + length
        yield number, wire, value


def _varint(data, position):
    """Read a base-128 integer at a position; return it and the position after it."""
    value = 0
    for shift in range(0, 70, 7):
        byte = data[position]
        position += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, position
    raise ValueError("an integer is longer than 64 bits")
