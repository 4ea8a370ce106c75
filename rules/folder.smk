# Needle's own folder, of programs, schemas and cards, as the working directory sees it.
#
# In that folder itself it is `.`. From any other (by `-d`, or in a module of another workflow) it is
# a link that always has the same name, so that no result depends on where Needle lies.
#
# Needs:  nothing
# Gives:  NEEDLE, the path of the folder; the library can be imported; start_again
import os
import sys
import tarfile
import tempfile
from pathlib import Path

from snakemake.sourcecache import HostingProviderFile, LocalSourceFile


def start_again(**environ):
    """Start this Snakemake again in its place, where its command and its first folder are known."""
    by_hand = "snakemake" in Path(sys.argv[0]).parts[-2:]  # and not by a program of somebody else's
    if by_hand and workflow.overwrite_workdir is None:
        os.chdir(workflow.workdir_init)
        os.execve(sys.executable, sys.orig_argv, os.environ | environ)


# The names of files are in UTF-8 whatever the locale, which Python decides as it starts.
if sys.getfilesystemencoding() != "utf-8":
    start_again(PYTHONUTF8="1")


def own_folder():
    """The folder above this file's; where a module names a repository, its files are fetched."""
    rules_folder = workflow.current_basedir  # `basedir` is that of the workflow with the module
    if isinstance(rules_folder, LocalSourceFile):
        return Path(rules_folder.path).parent
    if isinstance(rules_folder, HostingProviderFile):
        return files_of_commit(rules_folder.hosted_repo.repo, rules_folder.ref)
    sys.exit(f"error: {rules_folder}: programs are missing; name Needle by a path or by github()")


def files_of_commit(repository, name):
    """The files of a commit, written once."""
    commit = repository.commit(name).hexsha
    folder = Path(f".snakemake/needle-{commit}").absolute()
    if not folder.exists():
        with tempfile.TemporaryDirectory(dir=".snakemake") as new, tempfile.TemporaryFile() as tar:
            repository.archive(tar, commit)
            tar.seek(0)
            with tarfile.open(fileobj=tar) as files:
                files.extractall(f"{new}/needle", filter="data")
            os.rename(f"{new}/needle", folder)
    return folder


def seen_from_here(folder):
    """A path of the folder that is the same wherever it lies."""
    if folder.samefile("."):
        return Path()
    link = Path(".snakemake/needle")
    if not link.is_symlink() or link.readlink() != folder:
        new = link.with_suffix(f".{os.getpid()}")
        new.symlink_to(folder)
        new.replace(link)
    return link


if {"{", "}"} & {*str(own_folder())}:
    sys.exit(f"error: {own_folder()}: Snakemake fails on braces in this path; rename the folder")

try:
    os.makedirs(".snakemake", exist_ok=True)
    NEEDLE = seen_from_here(own_folder())
except OSError as error:
    sys.exit(f"error: .snakemake: cannot be written ({error.strerror}); work in another folder")

sys.path.insert(0, str((NEEDLE / "workflow/scripts").absolute()))
