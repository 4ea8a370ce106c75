"""Archives are extracted once, whole, and never outside of their folder."""

import gzip
import io
import os
import tarfile
import zipfile

import pytest

from needle.base.errors import NeedleError
from needle.tasks.vtab1k.archives import extracted, gunzipped


def write_tar(path, members):
    """Members are (name, bytes), (name, None) for a folder or a whole TarInfo."""
    with tarfile.open(path, "w:gz") as archive:
        for member in members:
            if isinstance(member, tarfile.TarInfo):
                archive.addfile(member)
                continue
            name, data = member
            info = tarfile.TarInfo(name)
            info.type = tarfile.DIRTYPE if data is None else tarfile.REGTYPE
            info.size = len(data or b"")
            archive.addfile(info, io.BytesIO(data or b""))


def write_zip(path, members):
    with zipfile.ZipFile(path, "w") as archive:
        for name, data in members:
            archive.writestr(name, data or b"")


def special(name, kind, target=""):
    info = tarfile.TarInfo(name)
    info.type, info.linkname = kind, target
    return info


@pytest.mark.parametrize(
    ("name", "write"), [("data.tar.gz", write_tar), ("data.zip", write_zip), ("data", write_zip)]
)
def test_an_archive_is_extracted_once(tmp_path, name, write):
    members = [("top/", None), ("top/a.txt", b"a"), ("top/deep/b.txt", b"b" * 9), ("c.txt", b"c")]
    folder = tmp_path / "set"
    folder.mkdir()
    write(folder / name, members)
    top = extracted(folder, name, "top")
    assert top == folder / "top"
    assert (top / "a.txt").read_bytes() == b"a"
    assert (top / "deep/b.txt").read_bytes() == b"b" * 9
    assert sorted(os.listdir(folder)) == sorted([name, "top"])
    # The archive is no longer needed.
    (folder / name).unlink()
    assert extracted(folder, name, "top") == top


@pytest.mark.parametrize("name", ["../evil", "/evil", "top/../../evil", "..\\evil", "C:\\evil"])
@pytest.mark.parametrize("write", [write_tar, write_zip])
def test_paths_outside_are_refused(tmp_path, write, name):
    folder = tmp_path / "set"
    folder.mkdir()
    write(folder / "data", [("top/a", b"a"), (name, b"evil")])
    with pytest.raises(NeedleError, match="evil' is a path outside of the archive"):
        extracted(folder, "data", "top")
    assert os.listdir(folder) == ["data"]
    assert os.listdir(tmp_path) == ["set"]


@pytest.mark.parametrize(
    "member",
    [
        special("top/link", tarfile.SYMTYPE, "../../etc"),
        special("top/link", tarfile.LNKTYPE, "top/a"),
        special("top/pipe", tarfile.FIFOTYPE),
        special("top/device", tarfile.CHRTYPE),
    ],
)
def test_links_and_devices_are_refused(tmp_path, member):
    write_tar(tmp_path / "data.tar", [("top/a", b"a"), member])
    with pytest.raises(NeedleError, match="is a link or a device"):
        extracted(tmp_path, "data.tar", "top")
    assert os.listdir(tmp_path) == ["data.tar"]


def test_links_in_a_zip_are_refused(tmp_path):
    link = zipfile.ZipInfo("top/link")
    link.external_attr = 0o120777 << 16
    write_zip(tmp_path / "data.zip", [("top/a", b"a"), (link, b"/etc/passwd")])
    with pytest.raises(NeedleError, match="top/link' is a link"):
        extracted(tmp_path, "data.zip", "top")
    assert os.listdir(tmp_path) == ["data.zip"]


@pytest.mark.parametrize("write", [write_tar, write_zip])
@pytest.mark.parametrize("damage", [lambda data: data[:-60], lambda data: b"<html>", lambda d: b""])
def test_a_broken_archive_leaves_nothing(tmp_path, write, damage):
    write(tmp_path / "data", [("top/a", os.urandom(50000))])
    (tmp_path / "data").write_bytes(damage((tmp_path / "data").read_bytes()))
    with pytest.raises(NeedleError, match=r"data: not a readable archive .*delete it"):
        extracted(tmp_path, "data", "top")
    assert os.listdir(tmp_path) == ["data"]


def test_missing_archives_and_members_are_named(tmp_path):
    with pytest.raises(NeedleError, match=r"data\.zip: no such file; get the original"):
        extracted(tmp_path, "data.zip", "top")
    write_zip(tmp_path / "data.zip", [("other/a", b"a")])
    with pytest.raises(NeedleError, match=r"data\.zip: holds no top"):
        extracted(tmp_path, "data.zip", "top")


def test_gunzipped_once(tmp_path):
    data = os.urandom(10000)
    (tmp_path / "x.h5.gz").write_bytes(gzip.compress(data))
    assert gunzipped(tmp_path, "x.h5").read_bytes() == data
    (tmp_path / "x.h5.gz").unlink()
    assert gunzipped(tmp_path, "x.h5") == tmp_path / "x.h5"
    with pytest.raises(NeedleError, match=r"y\.h5\.gz: no such file"):
        gunzipped(tmp_path, "y.h5")


@pytest.mark.parametrize("damage", [lambda data: data[:-9], lambda data: b"no" + data])
def test_a_broken_gz_file_leaves_nothing(tmp_path, damage):
    (tmp_path / "x.h5.gz").write_bytes(damage(gzip.compress(os.urandom(10000))))
    with pytest.raises(NeedleError, match=r"x\.h5\.gz: not a readable archive"):
        gunzipped(tmp_path, "x.h5")
    assert os.listdir(tmp_path) == ["x.h5.gz"]
