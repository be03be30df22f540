"""The operator sees what follows an order, and has what failed run again, without a browser."""

from __future__ import annotations

import pytest
from click.testing import CliRunner, Result

from tests.jobs.conftest import House
from webapp.cli import cli


def run(house: House, monkeypatch: pytest.MonkeyPatch, *words: str) -> Result:
    """A command under the house's environment."""
    for name, value in house.environment.items():
        monkeypatch.setenv(name, value)
    return CliRunner().invoke(cli, words)


def test_orders_and_jobs_can_be_looked_at_and_tried_again(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "carry_out\tPT-7K4Q-2M" in run(house, monkeypatch, "jobs", "list").output
    assert run(house, monkeypatch, "jobs", "list", "--failed").output == ""
    house.mailbox.fault = "refuse"
    house.work()
    shown = run(house, monkeypatch, "orders", "show", "provtele", house.order.ref).output
    assert "mail welcome: 0 of 1 sent, 1 refused" in shown and "SHA-256" in shown
    assert not [private for private in ("Märta", "Granit", "granit.example", "+46") if private in shown]
    house.mailbox.fault = "none"
    # three mails about the order, and the news that the signer's own mail came back
    assert run(house, monkeypatch, "jobs", "retry", "provtele").output == "4 jobs run again.\n"
    house.drain()
    assert "3 of 3" not in shown and len(house.mailbox.mails()) == 4
    assert run(house, monkeypatch, "jobs", "list").output == ""


def test_what_is_not_there_is_told(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    for words in (("orders", "show", "provtele", "PT-NONE-AT"), ("jobs", "retry", "provtele", "999")):
        answer = run(house, monkeypatch, *words)
        assert answer.exit_code == 1 and "provtele has no" in answer.output
