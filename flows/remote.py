"""Files on any disk fsspec reaches (local paths, s3://, …) that are there whole or not at all."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

import fsspec
import orjson
import zstandard
from fsspec.implementations.local import LocalFileSystem

from pipeline.store import files

LEVEL = 3  # of zstd


@contextmanager
def published(target: str) -> Iterator[IO[bytes]]:
    """A file to write that appears at `target` when the block ends well, and else not at all.

    On a local disk it is written beside its place, synced and renamed. An object store shows an object only once it is
    complete: there it is written to a temporary file first and sent whole.
    """
    fs, path = fsspec.url_to_fs(target)
    if isinstance(fs, LocalFileSystem):
        with files.replacing(Path(path)) as stream:
            yield stream
        return
    with tempfile.NamedTemporaryFile(prefix="unscrape-") as spool:
        yield spool
        spool.flush()
        fs.put_file(spool.name, path)


class Lines:
    """Lines on their way into a zstd file; `size` in bytes of the file, once it is closed."""

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream = stream
        self._pack = zstandard.ZstdCompressor(level=LEVEL).stream_writer(stream, closefd=False)
        self.size = 0

    def write(self, line: bytes) -> None:
        """Add one line; its newline is added."""
        self._pack.write(line)
        self._pack.write(b"\n")

    def close(self) -> None:
        """End the file's frame."""
        self._pack.close()  # type: ignore[no-untyped-call]  # zstandard's stub leaves it out
        self.size = self._stream.tell()


@contextmanager
def lines(target: str) -> Iterator[Lines]:
    """Lines to write that appear at `target`, compressed, when the block ends well."""
    with published(target) as stream:
        writer = Lines(stream)
        yield writer
        writer.close()


def write_json(target: str, value: object) -> None:
    """Put `value` at `target` as JSON."""
    with published(target) as stream:
        stream.write(orjson.dumps(value, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE))


def read_json(target: str) -> Any:
    """The JSON at `target`, or None where there is none."""
    fs, path = fsspec.url_to_fs(target)
    return orjson.loads(fs.cat_file(path)) if fs.exists(path) else None


def remove(target: str) -> None:
    """Remove the file `target`, if it is there."""
    fs, path = fsspec.url_to_fs(target)
    if fs.exists(path):
        fs.rm_file(path)


def listing(folder: str) -> list[str]:
    """The names in `folder`, sorted; none where there is no such folder."""
    fs, path = fsspec.url_to_fs(folder)
    # An object store remembers its listings; what another process wrote since must be seen.
    fs.invalidate_cache(path)
    if not fs.isdir(path):
        return []
    return sorted(name.rstrip("/").rpartition("/")[2] for name in fs.ls(path, detail=False))
