"""Files that are there whole or not at all, and where everything lies."""

import hashlib
import os
import re
import secrets
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from pipeline.errors import StoreError

TEMPORARY = ".tmp"
SOURCE_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}")


def checked_source(name: str) -> str:
    """`name`, which becomes part of paths. Raises StoreError where it could lead elsewhere."""
    if not SOURCE_NAME.fullmatch(name):
        raise StoreError(f"{name!r} is no source name: lower-case letters, digits, '-' and '_', at most 64 of them")
    return name


def storable(text: str) -> str:
    r"""`text` without NUL and lone surrogates, which JSON readers and PostgreSQL refuse: they are written out.

    >>> storable("a\x00b")
    'a\\x00b'
    """
    return text.encode("utf-8", "backslashreplace").decode("utf-8").replace("\x00", "\\x00")


def digest(data: bytes) -> str:
    """What a sidecar's name says of its bytes: 16 hexadecimal digits of their SHA-256."""
    return hashlib.sha256(data).hexdigest()[:16]


def make_folder(folder: Path) -> None:
    """Make `folder` and its parents, each durable in the one above it."""
    missing = [path for path in (folder, *folder.parents) if not path.exists()]
    folder.mkdir(parents=True, exist_ok=True)
    for path in missing:
        sync_folder(path.parent)


def sync_folder(folder: Path) -> None:
    """Make what was renamed into or out of `folder` survive a power cut."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextmanager
def replacing(path: Path, *, durable: bool = True) -> Iterator[IO[bytes]]:
    """A file to write that becomes `path` when the block ends; where it raises, `path` stays as it was.

    `durable`: it then survives a power cut, too (cost: two waits for the disk); what can be made again need not.
    """
    make_folder(path.parent)
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(6)}{TEMPORARY}")
    try:
        with temporary.open("xb") as file:
            yield file
            file.flush()
            if durable:
                os.fsync(file.fileno())
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    if durable:
        sync_folder(path.parent)


def write(path: Path, chunks: Iterable[bytes], *, durable: bool = True) -> None:
    """Put `chunks` at `path`, whole or not at all; `durable` as in `replacing`."""
    with replacing(path, durable=durable) as file:
        file.writelines(chunks)


def remove(path: Path) -> bool:
    """Remove `path` durably; False where it was not there."""
    try:
        path.unlink()
    except FileNotFoundError:
        return False
    sync_folder(path.parent)
    return True


def leftovers(folder: Path) -> Iterator[Path]:
    """Temporary files a process left under `folder` when it died."""
    yield from folder.rglob(f".*{TEMPORARY}")
