"""./run says what a machine lacks, installs only when it may, and leaves nothing running behind."""

from __future__ import annotations

import http.client
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import timedelta
from importlib.machinery import SourceFileLoader
from importlib.util import module_from_spec, spec_from_loader
from pathlib import Path
from types import ModuleType

import psutil
import pytest

from webapp import clock
from webapp.settings import ROOT
from webapp.store.platform import embedded


@pytest.fixture
def run() -> ModuleType:
    spec = spec_from_loader("run_under_test", SourceFileLoader("run_under_test", str(ROOT / "run")))
    assert spec is not None and spec.loader is not None
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_no_system_prints_the_line_and_stops(run: ModuleType) -> None:
    with pytest.raises(SystemExit) as stopped:
        run.install_system_packages(["libpango-1.0-0", "chromium"], allowed=False)
    assert "apt-get install -y --no-install-recommends libpango-1.0-0 chromium" in str(stopped.value)


def test_without_root_and_sudo_nothing_is_tried(run: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    monkeypatch.setattr(run.shutil, "which", lambda name: None if name == "sudo" else f"/usr/bin/{name}")
    monkeypatch.setattr(run, "execute", lambda command: pytest.fail(f"ran {command}"))
    with pytest.raises(SystemExit, match="sudo apt-get install"):
        run.install_system_packages(["chromium"], allowed=True)


@pytest.mark.parametrize("library", ["libpango-1.0.so.0", "libharfbuzz-subset.so.0"])
def test_a_missing_library_is_named(run: ModuleType, monkeypatch: pytest.MonkeyPatch, library: str) -> None:
    assert run.missing_system_packages("runtime") == []
    monkeypatch.setattr(run, "loads", lambda name: name != library)
    assert run.missing_system_packages("runtime") == [run.LIBRARIES[library]]


def test_the_tests_want_a_browser(run: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SKYLT_CHROMIUM", raising=False)
    monkeypatch.setattr(run.shutil, "which", lambda name: None)
    assert {"chromium", "poppler-utils"} <= set(run.missing_system_packages("test"))


def test_locks_name_no_index() -> None:
    for lock in (ROOT / "requirements").glob("*.txt"):
        assert "://" not in lock.read_text("utf-8"), lock
        assert "--hash=sha256:" in lock.read_text("utf-8"), lock


def test_the_environment_wins_over_dotenv(run: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / ".env").write_text("# said\nSKYLT_PORT=1\nSKYLT_HOST = ::1\n")
    monkeypatch.setattr(run, "ROOT", tmp_path)
    monkeypatch.setenv("SKYLT_PORT", "2")
    made = run.environment(run.dotenv())
    assert (made["SKYLT_PORT"], made["SKYLT_HOST"]) == ("2", "::1")


def test_a_folder_that_is_no_demo_is_not_deleted(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("years of work")
    done = subprocess.run(
        demo_command(tmp_path, _free_port(), "--fresh"), cwd=ROOT, env=_environment(), capture_output=True, text=True
    )
    assert done.returncode != 0
    assert "not a demo's folder" in done.stderr
    assert (tmp_path / "thesis.txt").exists()


@pytest.fixture
def data(tmp_path: Path) -> Iterator[Path]:
    """A demo's folder; as root its database may lie elsewhere and goes with it."""
    yield tmp_path / "demo"
    embedded.remove(tmp_path / "demo" / "postgres")


@pytest.mark.slow
def test_the_demo_starts_and_leaves_nothing_behind(data: Path) -> None:
    port = _free_port()
    with subprocess.Popen(demo_command(data, port), cwd=ROOT, env=_environment()) as demo:
        family: set[psutil.Process] = set()
        try:
            _wait_until_ready(demo, port)
            family = {psutil.Process(demo.pid), *psutil.Process(demo.pid).children(recursive=True)}
            assert len(family) > 5
        finally:
            demo.send_signal(signal.SIGINT)
            assert demo.wait(300) == 0
    _, alive = psutil.wait_procs(family, timeout=120)
    assert not alive


@pytest.mark.slow
def test_half_a_demo_stops(data: Path) -> None:
    port = _free_port()
    with subprocess.Popen(demo_command(data, port), cwd=ROOT, env=_environment()) as demo:
        try:
            _wait_until_ready(demo, port)
            workers = [
                child for child in psutil.Process(demo.pid).children() if "webapp.worker" in " ".join(child.cmdline())
            ]
            workers[0].kill()
            assert demo.wait(300) == 1
        finally:
            demo.terminate()


def demo_command(data: Path, port: int, *more: str) -> list[str]:
    return [sys.executable, "-m", "webapp.demo", "--data", str(data), "--port", str(port), *more]


def _environment() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if not name.startswith("SKYLT_")}


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        return int(listening.getsockname()[1])


def _wait_until_ready(demo: subprocess.Popen[bytes], port: int) -> None:
    deadline = time.monotonic() + 300
    while time.monotonic() < deadline:
        assert demo.poll() is None, "the demo ended"
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
        try:
            connection.request("GET", "/readyz")
            if connection.getresponse().status == 200:
                return
        except OSError:
            pass
        finally:
            connection.close()
        time.sleep(0.2)
    pytest.fail("not ready in five minutes")


def test_another_time_is_taken_out_of_the_arguments_and_refused_when_it_is_none(run: ModuleType) -> None:
    rest = ["-q", "--at", "2028-02-29T02:30", "tests/web"]
    assert run.option(rest, "--at") == "2028-02-29T02:30" and rest == ["-q", "tests/web"]
    assert run.option(["--at=2031-06-01"], "--at") == "2031-06-01" and run.option(["-q"], "--at") == ""
    there = clock.machine() + timedelta(days=400)
    assert abs(run.seconds_until(there.isoformat()) - 400 * 24 * 3600) < 60 + abs(clock.libraries.total_seconds())
    for wrong in ("2027-02-29", "tomorrow"):
        with pytest.raises(SystemExit, match="2028-02-29"):
            run.seconds_until(wrong)
    with pytest.raises(SystemExit):
        run.option(["--at"], "--at")
