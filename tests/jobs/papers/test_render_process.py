"""A paper that runs wild costs a child and a try, never the worker."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from tests.builders import a_tenant, an_order
from webapp.domain.papers.for_order import papers_for
from webapp.jobs.papers import render_process
from webapp.jobs.papers.render_process import CannotRender, RenderProcess
from webapp.settings import ROOT

TENANT = a_tenant()
(PAPER,) = papers_for(an_order(tenant=TENANT), TENANT, lambda number: "7K4Q-2M9P-XB3C")


@pytest.fixture
def drawer() -> Iterator[RenderProcess]:
    made = RenderProcess(ROOT / ".assets")
    yield made
    made.close()


def test_a_child_draws_one_paper_after_the_other(drawer: RenderProcess) -> None:
    content, name = drawer.draw(PAPER, TENANT)
    assert content.startswith(b"%PDF-1.7") and name == "provtele_orderbekraftelse_PT-7K4Q-2M.pdf"
    child = drawer._child
    assert drawer.draw(PAPER, TENANT)[0] == content  # equal facts, equal bytes
    assert drawer._child is child


def test_a_paper_that_takes_too_long_is_given_up() -> None:
    slow = RenderProcess(ROOT / ".assets", seconds=0.01)
    with pytest.raises(CannotRender, match="longer than"):
        slow.draw(PAPER, TENANT)
    assert slow._child is None


def test_a_child_that_dies_is_replaced(drawer: RenderProcess) -> None:
    drawer.draw(PAPER, TENANT)
    assert drawer._child
    drawer._child.kill()
    drawer._child.wait()
    assert drawer.draw(PAPER, TENANT)[0].startswith(b"%PDF")


def test_temporary_files_go_with_the_child_and_those_of_a_killed_worker_with_the_next(
    drawer: RenderProcess, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    killed = (
        "import os, signal; from pathlib import Path; from tests.jobs.papers.test_render_process import PAPER, TENANT;"
        " from webapp.jobs.papers.render_process import RenderProcess;"
        " drawer = RenderProcess(Path('.assets').absolute()); drawer.draw(PAPER, TENANT); os.kill(os.getpid(), signal.SIGKILL)"
    )
    done = subprocess.run([sys.executable, "-c", killed], cwd=ROOT, env={**os.environ, "TMPDIR": str(tmp_path)})
    (left,) = tmp_path.iterdir()
    assert done.returncode == -9 and list(left.iterdir()), "what the library had there"
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    drawer.draw(PAPER, TENANT)
    (mine,) = tmp_path.iterdir()
    assert mine != left and list(mine.iterdir())
    drawer.close()
    assert list(tmp_path.iterdir()) == []


def test_what_cannot_be_drawn_is_told_and_the_child_lives(drawer: RenderProcess) -> None:
    with pytest.raises(CannotRender):
        drawer.draw(replace(PAPER, language="xx"), TENANT)
    assert drawer.draw(PAPER, TENANT)[0].startswith(b"%PDF")


def test_memory_is_limited() -> None:
    greedy = (
        "import sys; sys.argv[1:] = ['.assets']; from webapp.jobs.papers import render_process; import webapp.documents.pdf_renderer as d;"
        "d.render = lambda *a: bytearray(3 * 1024**3); render_process.main()"
    )
    child = subprocess.Popen(
        [sys.executable, "-c", greedy], stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=ROOT, bufsize=0
    )
    assert child.stdin and child.stdout
    render_process._send(child.stdin, 1, render_process.pickle.dumps(render_process.SealTools()))
    render_process._send(child.stdin, 1, render_process.pickle.dumps(("draw", PAPER, TENANT, ())))
    good, told = render_process._receive(child.stdout)
    assert (good, render_process.json.loads(told)["text"]) == (0, "MemoryError: ")
    child.stdin.close()
    assert child.wait(120) == 0


def test_the_child_ends_with_its_parent() -> None:
    orphan = (
        "from webapp.jobs.papers.render_process import RenderProcess; from tests.jobs.papers.test_render_process import PAPER, TENANT, ROOT; import os;"
        "d = RenderProcess(ROOT / '.assets'); d.draw(PAPER, TENANT); print(d._child.pid, flush=True); os.kill(os.getpid(), 9)"
    )
    parent = subprocess.run([sys.executable, "-c", orphan], cwd=ROOT, capture_output=True, text=True, timeout=600)
    pid = int(parent.stdout)
    deadline = time.monotonic() + 120  # of a busy machine; it is not waited for longer than it lives
    while _lives(pid) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert not _lives(pid)


def _lives(pid: int) -> bool:
    try:
        return ") Z " not in Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return False
