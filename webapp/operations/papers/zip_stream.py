"""A zip written piece by piece, so that only one file of it is in memory; its size is known beforehand. Knows no paper."""

from __future__ import annotations

import io
import re
import unicodedata
import zipfile
from collections.abc import Iterable, Iterator
from datetime import datetime

_LOCAL, _CENTRAL, _END = 30, 46, 22
_UNSAFE = re.compile(r"[^A-Za-z0-9._-]+")
LONGEST_NAME = 100


class _Window(io.BytesIO):
    """What has been written since it was last emptied, at the place where it will stand in the whole."""

    before = 0

    def tell(self) -> int:
        return self.before + super().tell()

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        return self.before + super().seek(offset - self.before if whence == io.SEEK_SET else offset, whence)

    def empty(self) -> bytes:
        """Everything in it, which is forgotten."""
        held = self.getvalue()
        self.before += len(held)
        super().seek(0)
        self.truncate(0)
        return held


def pieces(files: Iterable[tuple[str, bytes]], at: datetime) -> Iterator[bytes]:
    """The zip, a piece for each file and one for its list of contents. Nothing is packed: PDFs are already."""
    window = _Window()
    with zipfile.ZipFile(window, "w", zipfile.ZIP_STORED) as made:
        for name, content in files:
            about = zipfile.ZipInfo(name, at.timetuple()[:6])
            about.external_attr = 0o644 << 16
            made.writestr(about, content)
            yield window.empty()
    yield window.empty()


def size(files: Iterable[tuple[str, int]]) -> int:
    """How large the zip of files of these sizes is. Names are ASCII, and all together stay below 4 GB."""
    return _END + sum(_LOCAL + _CENTRAL + 2 * len(name) + length for name, length in files)


def names(wanted: Iterable[str]) -> list[str]:
    """File names in plain ASCII that any system can unpack, none twice, as close to the wanted ones as can be."""
    taken: set[str] = set()
    found = []
    for name in wanted:
        plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
        stem, dot, kind = _UNSAFE.sub("_", plain).strip("._-")[-LONGEST_NAME:].rpartition(".")
        stem, end = (stem, f".{kind}") if dot else (kind, "")
        stem = stem or "_"
        made, count = f"{stem}{end}", 1
        while made.lower() in taken:
            count += 1
            made = f"{stem}-{count}{end}"
        taken.add(made.lower())
        found.append(made)
    return found
