"""Papers are sealed as they are made; whatever stands in the way is told once, waits or fails as it should, and never stops an order."""

from __future__ import annotations

import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from tests.documents.sealing import HOLDERS, PASSWORD, living_keyring, sealed_paper
from tests.jobs.conftest import House, keyring_of, put, the_order
from webapp import clock
from webapp.documents.check import check
from webapp.documents.keys import CannotSeal
from webapp.documents.own_ca import clock_of, make_keys
from webapp.gateways.errors import Permanent, Temporary
from webapp.gateways.timestamp_standin import TimestampStandin
from webapp.jobs.papers.render_process import CannotRender, RenderProcess, SealTools
from webapp.operations.desk import staff
from webapp.settings import ROOT

TOOLS = SealTools(living_keyring().place, PASSWORD)
PRINTED = sealed_paper(0).printed


@pytest.fixture(scope="module")
def authority() -> Iterator[TimestampStandin]:
    with TimestampStandin(clock_of(living_keyring().place, PASSWORD)) as standin:
        yield standin


@pytest.fixture(scope="module")
def drawer(authority: TimestampStandin) -> Iterator[RenderProcess]:
    made = RenderProcess(ROOT / ".assets", replace(TOOLS, timestamp_url=authority.url))
    yield made
    made.close()


# --- In the child


def test_the_child_seals_and_looks_at_what_it_sealed(drawer: RenderProcess, authority: TimestampStandin) -> None:
    authority.fault, now = "none", clock.now()
    sealed = drawer.seal(PRINTED, "fjallton", "Sigill", now)
    assert (sealed.by, sealed.level) == (HOLDERS["fjallton"].name, "B-T") and sealed.at
    assert abs(sealed.at - now) < timedelta(minutes=1)
    assert check(sealed.content, living_keyring().trust(), clock.now()).is_valid


def test_without_an_authority_the_seal_says_its_time_itself() -> None:
    drawer = RenderProcess(ROOT / ".assets", TOOLS)
    assert drawer.seal(PRINTED, "baeltkom", "Segl", clock.now()).level == "B-B"
    drawer.close()


@pytest.mark.parametrize(
    ("fault", "kind", "code"),
    [
        ("down", Temporary, "timestamp.down"),
        ("hang_up", Temporary, "timestamp.down"),
        ("refuse", Permanent, "timestamp.refused"),
        ("garbage", Permanent, "timestamp.garbled"),
        ("wrong_time", CannotSeal, "timestamp.time"),
    ],
)
def test_what_an_authority_does_wrong_comes_back_as_it_is(
    drawer: RenderProcess, authority: TimestampStandin, fault: str, kind: type[Exception], code: str
) -> None:
    authority.fault = fault  # type: ignore[assignment]
    with pytest.raises(kind) as refused:
        drawer.seal(PRINTED, "fjallton", "Sigill", clock.now())
    assert refused.value.code == code  # type: ignore[attr-defined]
    authority.fault = "none"
    assert drawer.seal(PRINTED, "fjallton", "Sigill", clock.now()).level == "B-T"


def test_a_key_that_will_not_do_is_told_by_its_code(tmp_path: Path) -> None:
    (tmp_path / "broken.p12").write_bytes(b"no key")
    make_keys(tmp_path, {"old": HOLDERS["fjallton"]}, clock.now() - timedelta(days=4 * 365), PASSWORD)
    drawer = RenderProcess(ROOT / ".assets", SealTools(tmp_path, PASSWORD))
    for name, code in (("broken", "key.unreadable"), ("gone", "key.missing"), ("old", "key.expired")):
        with pytest.raises(CannotSeal) as refused:
            drawer.seal(PRINTED, name, "Sigill", clock.now())
        assert refused.value.code == code
    drawer.close()


def test_nothing_is_sealed_twice_and_rubbish_not_at_all(drawer: RenderProcess) -> None:
    for pdf, code in ((sealed_paper(0).whole, "seal.twice"), (b"%PDF-1.7 ", "paper.unfit")):
        with pytest.raises(CannotSeal) as refused:
            drawer.seal(pdf, "fjallton", "Sigill", clock.now())
        assert refused.value.code == code


def test_the_password_stands_in_no_command_line_and_no_environment(
    drawer: RenderProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SKYLT_SEAL_PASSWORD", PASSWORD)
    drawer.close()
    drawer.seal(PRINTED, "fjallton", "Sigill", clock.now())
    assert drawer._child
    for file in ("cmdline", "environ"):
        assert PASSWORD.encode() not in Path(f"/proc/{drawer._child.pid}/{file}").read_bytes()
    assert PASSWORD not in repr(TOOLS)


def test_a_worker_without_keys_seals_nothing() -> None:
    drawer = RenderProcess(ROOT / ".assets")
    with pytest.raises(CannotSeal, match=r"key\.missing"):
        drawer.seal(PRINTED, "fjallton", "Sigill", clock.now())
    drawer.close()


def test_what_else_goes_wrong_is_a_mistake_of_ours(drawer: RenderProcess) -> None:
    with pytest.raises(CannotRender):
        drawer.seal(7.5, "fjallton", "Sigill", clock.now())  # type: ignore[arg-type]


# --- In the house


def kinds(house: House) -> list[str]:
    return [kind for kind, *_ in house.papers()]


def alarms(house: House) -> list[tuple[object, ...]]:
    return house.sql("select kind, subject, over_at is not null from alarm order by 1, 2")


def to_support(house: House) -> list[dict[str, object]]:
    return [mail for mail in house.mailbox.mails() if mail["to"] == house.tenant.support.email]


def test_a_confirmation_is_sealed_and_what_is_to_be_signed_is_not(house: House) -> None:
    house.drain()
    facts = dict(house.sql("select kind, facts from document"))
    assert facts["confirmation"]["sealed_by"] == "Provtele AB" and facts["confirmation"]["level"] == "B-B"
    assert "level" not in facts["power_of_attorney"] and alarms(house) == []


def test_an_authority_that_is_away_for_a_moment_is_no_news(house: House) -> None:
    house.sealing = Temporary("timestamp.down")
    house.work()
    assert kinds(house) == ["power_of_attorney"] and house.jobs("failed") == []
    assert any("make_document" in job for job in house.jobs("todo"))
    assert alarms(house) == [("seal_trouble", "timestamp.down", False)] and to_support(house) == []
    house.sealing = None
    house.let_time_pass()
    house.drain()
    assert kinds(house) == ["confirmation", "power_of_attorney"]
    assert alarms(house) == [("seal_trouble", "timestamp.down", True)] and to_support(house) == []


def test_one_that_stays_away_is_told_once(house: House) -> None:
    house.sealing = Temporary("timestamp.slow")
    for _ in range(3):
        house.work()
        house.let_time_pass()
    house.work()
    (mail,) = to_support(house)
    assert "timestamp.slow" in str(mail["text"]) and mail["subject"] == "Dokument kan inte stämplas"


@pytest.mark.parametrize(("code", "said"), [("key.missing", "saknas"), ("key.expired", "har gått ut")])
def test_papers_wait_for_a_key_and_go_on_by_themselves(house: House, code: str, said: str) -> None:
    house.sealing = CannotSeal(code, "somebody must put a key there")
    put(house.store, house.tenant, the_order(house.tenant, ref="PT-DDDD-DD", draft="d2", language="da"))
    for _ in range(7):
        house.work()
        house.let_time_pass()
    assert house.jobs("failed") == [] and set(kinds(house)) == {"power_of_attorney"}
    assert len([job for job in house.jobs("todo") if "make_document" in job]) == 2
    assert len(to_support(house)) == 1 and said in str(to_support(house)[0]["text"])
    assert alarms(house) == [("seal_trouble", code, False)]
    house.sealing = None
    house.drain()
    assert kinds(house).count("confirmation") == 2 and alarms(house)[0][2] is True


def test_what_no_key_mends_is_mended_by_hand(house: House) -> None:
    house.sealing = CannotSeal("seal.invalid", "untrusted")
    house.work()
    assert len(house.jobs("failed")) == 1 and alarms(house) == [("seal_trouble", "seal.invalid", False)]
    house.sealing = None
    assert staff.retry_failed(house.store, "provtele", None, clock.now()) == 1
    house.drain()
    assert kinds(house).count("confirmation") == 1 and alarms(house)[0][2] is True


@pytest.mark.slow
def test_a_worker_killed_between_seal_and_commit_leaves_one_valid_file(house: House) -> None:
    house.keys, house.faults["document.after_seal"] = keyring_of("provtele").place, "kill9"
    worker = subprocess.Popen([sys.executable, "-m", "webapp.worker"], env=house.environment, cwd=ROOT)
    assert worker.wait(600) == -9 and "confirmation" not in kinds(house)
    house.faults.clear()
    house.let_time_pass()
    with house.worker():
        deadline = time.monotonic() + 600
        while house.jobs("todo", "doing") and time.monotonic() < deadline:
            time.sleep(0.2)
    ((content, digest),) = house.sql("select bytes, sha256 from document where kind = 'confirmation'")
    verdict = check(bytes(content), keyring_of("provtele").trust(), clock.now(), digest)
    assert verdict.is_valid and verdict.sealed_by == "Provtele AB"
    if shutil.which("pdfsig"):
        (house.folder / "paper.pdf").write_bytes(content)
        said = subprocess.run(["pdfsig", house.folder / "paper.pdf"], capture_output=True, text=True).stdout
        assert "Signature is Valid." in said
