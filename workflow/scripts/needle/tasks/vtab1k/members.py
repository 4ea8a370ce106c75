"""Files of a zip archive read in place, or of the folder that it was extracted to."""

import io
import zipfile
import zlib
from contextlib import ExitStack
from pathlib import Path

from needle.base.errors import NeedleError


class Members:
    """The files of an archive, by their names in it.

    They are read from ``{folder}/{archive}``, or from its parts ``{archive}.001``, ``.002``, ... as
    a splitter cut it, or, where neither is, from what was extracted into `folder` or into a folder
    of the archive's name. Without an archive they are the files of the folder.

    Parameters
    ----------
    folder : path
    archive : str, optional
        Name of a zip archive, with its suffix.

    Raises
    ------
    NeedleError
        If the archive is broken.
    """

    def __init__(self, folder, archive=None):
        self.path = Path(folder, archive or "")
        self._roots = [Path(folder), *([self.path.with_suffix("")] if archive else [])]
        parts = self._parts() if archive else []
        self._zip = self._open(parts) if parts else None
        self._names = frozenset(self._zip.namelist() if parts else ())

    def _parts(self):
        if self.path.is_file():
            return [self.path]
        return sorted(self.path.parent.glob(f"{self.path.name}.[0-9][0-9][0-9]"))

    def _open(self, parts):
        try:
            return zipfile.ZipFile(io.BufferedReader(_Joined(parts)))
        except (zipfile.BadZipFile, OSError) as error:
            raise NeedleError(
                f"{self.path}: not a readable zip archive ({error}); get it, or all its parts, anew"
            ) from error

    def top_folders(self):
        """Names of the folders at the top, sorted."""
        if self._zip:
            return sorted({name.split("/")[0] for name in self._names if "/" in name})
        found = (path for root in self._roots if root.is_dir() for path in root.iterdir())
        return sorted({path.name for path in found if path.is_dir()})

    def has(self, name):
        """Whether there is a file of this name."""
        return name in self._names if self._zip else self._extracted(name) is not None

    def _extracted(self, name):
        return next((root / name for root in self._roots if (root / name).is_file()), None)

    def require(self, names):
        """Raise a `NeedleError` if one of these files is missing."""
        missing = [name for name in names if not self.has(name)]
        if missing:
            raise NeedleError(
                f"{self.path}: {missing[0]} is missing there and where it may be extracted "
                f"({len(missing)} such); get all of it as docs/vtab1k.md says"
            )

    def read(self, name):
        """Read a file: bytes."""
        self.require([name])
        if not self._zip:
            return self._extracted(name).read_bytes()
        try:
            return self._zip.read(name)
        except (zipfile.BadZipFile, zlib.error, EOFError, RuntimeError) as error:
            raise NeedleError(f"{self.path}: {name} is damaged ({error}); get it anew") from error


class _Joined(io.RawIOBase):
    """Files read as one, in order."""

    def __init__(self, paths):
        self._stack = ExitStack()
        self._files = [self._stack.enter_context(path.open("rb")) for path in paths]
        self._sizes = [path.stat().st_size for path in paths]
        self._position = 0

    def close(self):
        self._stack.close()
        super().close()

    def readable(self):
        return True

    def seekable(self):
        return True

    def tell(self):
        return self._position

    def seek(self, offset, whence=io.SEEK_SET):
        start = {io.SEEK_SET: 0, io.SEEK_CUR: self._position, io.SEEK_END: sum(self._sizes)}
        if start[whence] + offset < 0:
            raise OSError("seek before the start")
        self._position = start[whence] + offset
        return self._position

    def readinto(self, buffer):
        offset = self._position
        for file, size in zip(self._files, self._sizes, strict=True):
            if offset < size:
                file.seek(offset)
                count = file.readinto(memoryview(buffer)[: size - offset])
                self._position += count
                return count
            offset -= size
        return 0
