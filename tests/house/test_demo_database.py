"""The demo stays up while its database is away, and starts it again when nobody else does."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import pytest

from tests.outages import a_cluster
from webapp import demo
from webapp.demo import DATABASE_SECONDS, Database
from webapp.store.platform import embedded


def test_a_database_that_stays_away_is_started_again(tmp_path: Path) -> None:
    with a_cluster(tmp_path) as cluster:
        kept = Database(tmp_path / "postgres")
        kept.look(0)
        assert kept.gone_since is None
        cluster.stop()
        kept.look(1)
        kept.look(DATABASE_SECONDS)
        assert not embedded.running(cluster.data), "somebody may have stopped it on purpose"
        kept.look(DATABASE_SECONDS + 1)
        assert embedded.running(cluster.data)


def test_one_that_somebody_else_started_again_is_stopped_with_the_demo(tmp_path: Path) -> None:
    with a_cluster(tmp_path) as cluster:
        child = embedded._children[cluster.data]
        cluster.stop()
        cluster.start()
        ours = embedded._children.pop(cluster.data)
        embedded._children[cluster.data] = child  # as the demo knows it: the first one, which has ended
        embedded.stop(tmp_path / "postgres")
        assert ours.wait(30) == 0 and not embedded.running(cluster.data)


def test_a_slow_start_is_waited_for_and_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A busy machine takes minutes: as long as its processes live, the demo says what it waits for and goes on."""
    answers, welcomed = iter([(False, "database: starting")] * 3 + [(True, "")]), []
    child = SimpleNamespace(poll=lambda: welcomed or None, returncode=0)
    monkeypatch.setattr(demo, "_readiness", lambda port: next(answers))
    monkeypatch.setattr(demo, "_welcome", welcomed.append)
    monkeypatch.setattr(demo, "PATIENCE_SECONDS", -1)
    assert demo.watch({"web": child}, tmp_path, 8000) == 1 and welcomed == [8000]  # type: ignore[dict-item]
    assert capsys.readouterr().out.count("database: starting") == 3
