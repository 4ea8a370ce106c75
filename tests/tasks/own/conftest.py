"""Fixtures of a user's pictures."""

import pytest

from needle.tasks.own.pictures import Square, decode_picture


@pytest.fixture(scope="module")
def decode(tmp_path_factory):
    path = tmp_path_factory.mktemp("pictures") / "picture"

    def decode_bytes(content, size=8):
        path.write_bytes(content)
        return decode_picture(path, Square(size))

    return decode_bytes
