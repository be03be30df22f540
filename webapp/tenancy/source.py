"""Reads the files of one tenant's folder: bytes, text, TOML with the line of every key; refuses what is not plain UTF-8 of a fair size."""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from webapp.tenancy.finding import Notes, Place

KB = 1024
LIMITS = {".toml": 256 * KB, ".csv": 1024 * KB, ".md": 256 * KB, ".svg": 200 * KB}

Path_ = tuple[str | int, ...]

_PART = r"""("[^"]*"|'[^']*'|[A-Za-z0-9_-]+)"""
_KEY = re.compile(rf"\s*{_PART}(\s*\.\s*{_PART})*\s*=")
_TABLE = re.compile(r"\s*(\[\[?)(.+?)\]\]?\s*(#.*)?$")
_PARTS = re.compile(_PART)
_REFUSED = {"\u200b", "\u200e", "\u200f", "\u202a", "\u202b", "\u202c", "\u202d", "\u202e", "\u2060", "\u2066",
            "\u2067", "\u2068", "\u2069", "\u2028", "\u2029"}  # fmt: skip


@dataclass(frozen=True)
class Toml:
    """A TOML file: what it says and where."""

    file: str
    data: dict[str, Any]
    source: tuple[str, ...] = ()
    lines: dict[Path_, int] = field(default_factory=dict)

    def at(self, *path: str | int) -> Place:
        """The place of a key, or of the nearest one around it."""
        return Place(self.file, dotted(path), self._line(path))

    def _line(self, path: Path_) -> int:
        known = next((path[:end] for end in range(len(path), 0, -1) if path[:end] in self.lines), ())
        line = self.lines.get(known, 0)
        if line and len(path) > len(known) and isinstance(path[-1], int):
            wanted: Any = self.data
            try:
                for part in path:
                    wanted = wanted[part]
            except (KeyError, IndexError, TypeError):
                return line
            quoted = (f'"{wanted}"', f"'{wanted}'")
            for number in range(line, min(line + 60, len(self.source)) + 1):
                if any(text in self.source[number - 1] for text in quoted):
                    return number
        return line


PLACEHOLDER = "[[FILL IN"
"""What `tenants new` writes where only the owner knows what to say; no folder with it is published."""


class Folder:
    """One tenant's folder. What cannot be read is noted and comes back as None."""

    def __init__(self, path: Path, notes: Notes) -> None:
        self.path, self.notes = path, notes
        self.slug = path.name
        self.used: dict[str, bytes] = {}

    def place(self, name: str, key: str = "", line: int = 0) -> Place:
        """A place in this folder."""
        return Place(
            f"{self.path.parent.name}/{self.slug}/{name}" if name else f"{self.path.parent.name}/{self.slug}", key, line
        )

    def names(self, under: str = "") -> Iterator[str]:
        """All files below a subfolder, by name; hidden ones and links to folders are left out."""
        start = self.path / under if under else self.path
        for path in sorted(start.rglob("*")) if start.is_dir() else ():
            name = path.relative_to(self.path)
            if not any(part.startswith(".") for part in name.parts) and (path.is_file() or path.is_symlink()):
                yield name.as_posix()

    def has(self, name: str) -> bool:
        """Whether the folder holds something of that name."""
        return (self.path / name).exists()

    def read(self, name: str) -> bytes | None:
        """The bytes of a file; None, and a note, when they cannot be taken."""
        if name in self.used:
            return self.used[name]
        path = self.path / name
        if any(part.is_symlink() for part in (path, *path.parents) if part != self.path and self.path in part.parents):
            self.notes.add("file.link", self.place(name), name=name)
            return None
        if not path.is_file():
            self.notes.add("file.missing", self.place(name), name=name)
            return None
        most = LIMITS.get(path.suffix, 64 * KB)
        if (size := path.stat().st_size) > most:
            self.notes.add("file.too_big", self.place(name), name=name, size=-(-size // KB), most=most // KB)
            return None
        data = self.used[name] = path.read_bytes()
        for number, line in enumerate(data.split(b"\n"), 1):
            if PLACEHOLDER.encode() in line:
                self.notes.add("file.placeholder", self.place(name, line=number), name=name)
        return data

    def text(self, name: str) -> str | None:
        """A file as text."""
        data = self.read(name)
        if data is None:
            return None
        if data.startswith((b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")):
            self.notes.add("file.bom", self.place(name, line=1), name=name)
            if data[:1] != b"\xef":
                return None
            data = data[3:]  # what else is wrong in it is told, too
        try:
            text = data.decode("utf-8")
        except UnicodeDecodeError as broken:
            line = data.count(b"\n", 0, broken.start) + 1
            self.notes.add("file.encoding", self.place(name, line=line), name=name)
            return None
        at, char = _refused(text)
        if char:
            line = text.count("\n", 0, at) + 1
            self.notes.add("file.characters", self.place(name, line=line), name=name, char=f"U+{ord(char):04X}")
            return None
        return unicodedata.normalize("NFC", text)

    def toml(self, name: str) -> Toml | None:
        """A TOML file with the line of every key."""
        text = self.text(name)
        if text is None:
            return None
        try:
            data = tomllib.loads(text)
        except (tomllib.TOMLDecodeError, RecursionError) as broken:
            found = re.search(r"^(.*?) \(at (?:line (\d+)|end of document)", str(broken))
            reason = found[1] if found else str(broken) or "nested too deeply"
            line = int(found[2]) if found and found[2] else text.count("\n") if found else 0
            self.notes.add("toml.broken", self.place(name, line=line), reason=reason)
            return None
        toml = Toml(self.place(name).file, data, tuple(text.splitlines()), key_lines(text))
        for path, written in _texts(data):
            # TOML writes characters by their number, too: those are not in the file's own text.
            char = _refused(written)[1] or ("\r" if "\r" in written else "")
            if char:
                self.notes.add("file.characters", toml.at(*path), name=name, char=f"U+{ord(char):04X}")
        return toml


def _refused(text: str) -> tuple[int, str]:
    """The first character that no file may hold, and where it stands; an empty one when there is none."""
    for at, char in enumerate(text):
        if char in _REFUSED or (unicodedata.category(char) == "Cc" and char not in "\n\r\t"):
            return at, char
    return 0, ""


def _texts(value: Any, path: Path_ = ()) -> Iterator[tuple[Path_, str]]:
    """Every text below a value of TOML, keys as well as what they hold."""
    if isinstance(value, str):
        yield path, value
    elif isinstance(value, dict):
        for key, inner in value.items():
            yield (*path, key), key
            yield from _texts(inner, (*path, key))
    elif isinstance(value, list):
        for at, inner in enumerate(value):
            yield from _texts(inner, (*path, at))


def key_lines(text: str) -> dict[Path_, int]:
    """The line on which each key and table of a TOML text stands."""
    lines: dict[Path_, int] = {}
    prefix: Path_ = ()
    counts: dict[Path_, int] = {}
    for number, line in enumerate(text.splitlines(), 1):
        if table := _TABLE.match(line):
            keys = _names(table[2])
            if table[1] == "[[":
                counts[keys] = counts.get(keys, -1) + 1
                lines.setdefault(keys, number)
                prefix = (*keys, counts[keys])
            else:
                prefix = keys
            lines.setdefault(prefix, number)
        elif key := _KEY.match(line):
            path = (*prefix, *_names(key[0].rsplit("=", 1)[0]))
            for end in range(len(prefix) + 1, len(path) + 1):
                lines.setdefault(path[:end], number)
    return lines


def _names(written: str) -> Path_:
    return tuple(part.strip("\"'") for part in _PARTS.findall(written))


def dotted(path: Path_) -> str:
    """A key as it is told: steps[3].ask[1]."""
    written = ""
    for part in path:
        if isinstance(part, int):
            written += f"[{part}]"
        else:
            written += f".{part}" if written else part
    return written
