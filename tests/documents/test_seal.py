"""Sealed papers stay archivable and readable, say who sealed and when, and are sealed by a good key, once, or not at all."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from io import BytesIO
from pathlib import Path

import pikepdf
import pytest
from click.testing import CliRunner
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import pkcs12

from tests.documents.reading import adrift, attachments_of, findings, text_of
from tests.documents.sealing import HOLDERS, LABEL, NOW, PASSWORD, keyring, made_keyring, sealed_paper
from webapp import clock
from webapp.cli import cli
from webapp.documents import keys, own_ca
from webapp.documents.check import Verdict, check
from webapp.documents.keys import CannotSeal, Keyring
from webapp.documents.own_ca import Holder, clock_of, make_keys
from webapp.documents.seal import Timestamper, seal
from webapp.gateways.errors import Permanent, Temporary
from webapp.gateways.timestamp import Authority
from webapp.gateways.timestamp_standin import Fault, TimestampStandin

MANY = 40 if os.environ.get("SKYLT_TEST_FULL") else 4
TIMES = 25 if os.environ.get("SKYLT_TEST_FULL") else 1


@pytest.mark.parametrize("n", range(MANY))
def test_a_sealed_paper_is_valid_in_every_way(n: int, tmp_path: Path) -> None:
    paper = sealed_paper(n)
    assert check(paper.whole, paper.trust, NOW) == Verdict(
        (), HOLDERS[paper.tenant].name, NOW, "B-B", paper.key.expires
    )
    assert findings(paper.whole) == [] and adrift(paper.whole) == []
    assert paper.whole.startswith(paper.printed), "the seal is added, nothing is written anew"
    assert attachments_of(paper.whole) == attachments_of(paper.printed)
    assert text_of(paper.whole) == text_of(paper.printed)
    for again in range(TIMES):
        at = NOW + timedelta(minutes=again)
        whole = seal(paper.printed, paper.key, at, f"Sigill {again}")
        assert check(whole, paper.trust, at).faults == () and findings(whole) == []
        if shutil.which("pdfsig"):
            (tmp_path / "sealed.pdf").write_bytes(whole)
            said = subprocess.run(["pdfsig", tmp_path / "sealed.pdf"], capture_output=True, text=True).stdout
            assert "Signature is Valid." in said and "Total document signed" in said
            assert "ETSI.CAdES.detached" in said and "Signature #2" not in said


def test_the_seal_can_be_heard() -> None:
    with pikepdf.open(BytesIO(sealed_paper(0).whole)) as opened:
        (widget,) = opened.Root.AcroForm.Fields
        assert str(widget.TU) == LABEL["sv"] and [float(side) for side in widget.Rect] == [0, 0, 0, 0]
        forms = [each for each in opened.objects if isinstance(each, pikepdf.Dictionary) and each.get("/S") == "/Form"]
        assert [str(form.Alt) for form in forms] == [LABEL["sv"]]


def test_nothing_is_sealed_twice() -> None:
    paper = sealed_paper(0)
    with pytest.raises(CannotSeal) as refused:
        seal(paper.whole, paper.key, NOW, "Sigill")
    assert refused.value.code == "seal.twice"


@pytest.mark.parametrize("pdf", [b"", b"%PDF-1.7\n", b"Hej"])
def test_what_is_no_tagged_pdf_gets_no_seal(pdf: bytes) -> None:
    with pytest.raises(CannotSeal) as refused:
        seal(pdf, keyring().key("fjallton"), NOW, "Sigill")
    assert refused.value.code == "paper.unfit"
    blank = BytesIO()
    with pikepdf.new() as made:
        made.add_blank_page()
        made.save(blank)
    with pytest.raises(CannotSeal, match=r"paper\.unfit"):
        seal(blank.getvalue(), keyring().key("fjallton"), NOW, "Sigill")


# --- Keys


@pytest.mark.parametrize(("days", "code"), [(-1, "key.early"), (3 * 365 + 1, "key.expired")])
def test_a_certificate_out_of_its_time_seals_nothing(days: int, code: str) -> None:
    with pytest.raises(CannotSeal) as refused:
        seal(sealed_paper(0).printed, keyring().key("fjallton"), NOW + timedelta(days=days), "Sigill")
    assert refused.value.code == code


def test_papers_outlive_the_certificate_that_sealed_them() -> None:
    paper = sealed_paper(0)
    late = check(paper.whole, paper.trust, NOW + timedelta(days=10 * 365))
    assert late.is_valid and late.key_ends == paper.key.expires


@pytest.mark.parametrize("name", ["unknown", "", "../fjallton", "_ca", "Fjallton", "a/b", "x" * 64, "fjallton\n"])
def test_only_a_key_that_lies_there_can_be_named(name: str) -> None:
    with pytest.raises(CannotSeal) as refused:
        keyring().key(name)
    assert refused.value.code == "key.missing"


def test_a_key_that_cannot_be_read_is_told_apart_from_none(tmp_path: Path) -> None:
    (tmp_path / "broken.p12").write_bytes(b"no key")
    with pytest.raises(CannotSeal) as refused:
        Keyring(tmp_path, PASSWORD).key("broken")
    assert refused.value.code == "key.unreadable"
    with pytest.raises(CannotSeal) as refused:
        Keyring(keyring().place, "hemligt").key("fjallton")
    assert refused.value.code == "key.unreadable"
    assert "hemligt" not in str(refused.value) and str(tmp_path) not in str(refused.value)


def test_a_certificate_for_something_else_seals_nothing() -> None:
    with pytest.raises(CannotSeal) as refused:
        Keyring(keyring().place / "_clock.p12", PASSWORD).key("any")
    assert refused.value.code == "key.purpose"


def test_a_key_is_opened_once_and_anew_when_its_file_is_renewed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    renewed = keyring().key("baeltkom").certificate
    opened: list[int] = []
    load = pkcs12.load_key_and_certificates
    monkeypatch.setattr(keys.pkcs12, "load_key_and_certificates", lambda *given: opened.append(1) or load(*given))
    file = tmp_path / "fjallton.p12"
    shutil.copy(keyring().place / "fjallton.p12", file)
    ring = Keyring(tmp_path, PASSWORD)
    assert ring.key("fjallton") is ring.key("fjallton") and len(opened) == 1
    shutil.copy(keyring().place / "baeltkom.p12", file)
    os.utime(file, ns=(1, 1))
    assert ring.key("fjallton").certificate == renewed and len(opened) == 2


def test_one_file_serves_everybody_and_brings_its_own_root(tmp_path: Path) -> None:
    shutil.copy(keyring().place / "fjallton.p12", tmp_path / "seal.p12")
    ring = Keyring(tmp_path / "seal.p12", PASSWORD)
    assert ring.key("fjallton") is ring.key("skarvox")
    assert check(sealed_paper(0).whole, ring.trust(), NOW).is_valid


def test_elliptic_keys_seal_as_well(monkeypatch: pytest.MonkeyPatch) -> None:
    curve = ec.generate_private_key(ec.SECP256R1())
    monkeypatch.setattr(own_ca.rsa, "generate_private_key", lambda *given: curve)
    ring = made_keyring({"klitfon": Holder("Klitfon ApS", "DK")}, password="")
    whole = seal(sealed_paper(0).printed, ring.key("klitfon"), NOW, "Segl")
    assert check(whole, ring.trust(), NOW) == Verdict((), "Klitfon ApS", NOW, "B-B", ring.key("klitfon").expires)
    assert findings(whole) == []


def test_keys_are_made_once_and_only_their_owner_can_read_them() -> None:
    ring = keyring()
    before = {path.name: path.read_bytes() for path in ring.place.iterdir()}
    assert make_keys(ring.place, HOLDERS, NOW, PASSWORD) == ()
    assert {path.name: path.read_bytes() for path in ring.place.iterdir()} == before
    assert {path.stat().st_mode & 0o777 for path in ring.place.glob("*.p12")} == {0o600}
    key = ring.key("fjallton")
    assert "private" not in repr(key) and PASSWORD not in repr(ring)
    assert key.expires > NOW + timedelta(days=365)


@pytest.mark.parametrize("years", [3, 21, -3])
def test_the_demos_keys_are_renewed_and_earlier_papers_stay_good(tmp_path: Path, years: int) -> None:
    """In a folder that is taken up again years later, or at an earlier day than it was left."""
    holder = {"fjallton": HOLDERS["fjallton"]}
    assert make_keys(tmp_path, holder, NOW, PASSWORD) == ("fjallton",)
    ring, then = Keyring(tmp_path, PASSWORD), NOW + timedelta(days=365 * years - 20)
    whole = seal(sealed_paper(0).printed, ring.key("fjallton"), NOW, "Sigill")
    assert make_keys(tmp_path, holder, then, PASSWORD) == ("fjallton",)
    again = seal(sealed_paper(0).printed, ring.key("fjallton"), then, "Sigill")
    for paper, at in ((whole, max(then, NOW)), (again, then)):
        assert check(paper, ring.trust(), at).is_valid
    stamp = clock_of(tmp_path, PASSWORD)
    with TimestampStandin(lambda request, at: stamp(request, then)) as authority:
        stamper = Timestamper(Authority(authority.url).stamp, ring.trust().timestamps)
        stamped = seal(sealed_paper(0).printed, ring.key("fjallton"), then, "Sigill", stamper)
    assert check(stamped, ring.trust(), then).level == "B-T"
    assert make_keys(tmp_path, holder, then, PASSWORD) == ()


# --- Time


@pytest.fixture(scope="module")
def authority() -> Iterator[TimestampStandin]:
    with TimestampStandin(clock_of(keyring().place, PASSWORD)) as standin:
        yield standin


def test_with_an_authority_somebody_else_vouches_for_the_time(authority: TimestampStandin) -> None:
    authority.fault, asked = "none", authority.asked
    now, paper = NOW, sealed_paper(0)
    whole = seal(paper.printed, paper.key, now, "Sigill", asking(authority))
    assert authority.asked == asked + 1, "a question costs money at some authorities"
    verdict = check(whole, paper.trust, now)
    assert verdict.is_valid and verdict.level == "B-T"
    assert findings(whole) == []
    late = check(whole, paper.trust, now + timedelta(days=10 * 365))
    assert late.is_valid and late.level == "B-T" and late.key_ends == paper.key.expires
    assert check(whole, replace(paper.trust, timestamps=()), now).faults == ("timestamp",)


SECONDS = {"slow": 0.3, "drip": 0.3}
FAULTS: list[tuple[Fault, type[Exception], str]] = [
    ("down", Temporary, "timestamp.down"),
    ("busy", Temporary, "timestamp.down"),
    ("hang_up", Temporary, "timestamp.down"),
    ("slow", Temporary, "timestamp.slow"),
    ("drip", Temporary, "timestamp.slow"),
    ("refuse", Permanent, "timestamp.refused"),
    ("moved", Permanent, "timestamp.refused"),
    ("garbage", Permanent, "timestamp.garbled"),
    ("huge", Permanent, "timestamp.too_large"),
    ("wrong_digest", Permanent, "timestamp.imprint"),
    ("wrong_nonce", Permanent, "timestamp.nonce"),
    ("wrong_time", CannotSeal, "timestamp.time"),
]


@pytest.mark.parametrize(("fault", "kind", "code"), FAULTS)
def test_a_bad_authority_makes_no_seal(
    authority: TimestampStandin, fault: Fault, kind: type[Exception], code: str
) -> None:
    authority.fault, paper = fault, sealed_paper(0)
    with pytest.raises(kind) as refused:
        seal(paper.printed, paper.key, NOW, "Sigill", asking(authority, SECONDS.get(fault, 10)))
    assert refused.value.code == code  # type: ignore[attr-defined]


def test_nobody_listening_is_worth_another_try() -> None:
    with TimestampStandin(lambda request, at: b"") as gone:
        url = gone.url
    with pytest.raises(Temporary, match=r"timestamp\.down"):
        Authority(url, 2).stamp(b"\0" * 32)


def test_an_authority_that_nobody_vouches_for_is_not_believed(authority: TimestampStandin) -> None:
    authority.fault, paper = "none", sealed_paper(0)
    with pytest.raises(CannotSeal) as refused:
        seal(paper.printed, paper.key, NOW, "Sigill", Timestamper(Authority(authority.url).stamp, ()))
    assert refused.value.code == "timestamp.untrusted"


def test_an_old_token_is_not_taken_for_a_new_one(authority: TimestampStandin) -> None:
    authority.fault, paper = "none", sealed_paper(0)
    old = Authority(authority.url).stamp(b"\7" * 32)
    with pytest.raises(CannotSeal) as refused:
        seal(paper.printed, paper.key, NOW, "Sigill", Timestamper(lambda digest: old, paper.trust.timestamps))
    assert refused.value.code == "timestamp.invalid"


def asking(authority: TimestampStandin, seconds: float = 10) -> Timestamper:
    return Timestamper(Authority(authority.url, seconds).stamp, keyring().trust().timestamps)


# --- The command


def test_the_command_line_tells_a_good_paper_from_others(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    paper = sealed_paper(0)
    (tmp_path / "good.pdf").write_bytes(paper.whole)
    (tmp_path / "bad.pdf").write_bytes(paper.whole + b" ")
    command = ["verify-pdf", "--keys", str(keyring().place)]
    monkeypatch.setattr(clock, "now", lambda: NOW)
    good = CliRunner().invoke(cli, [*command, str(tmp_path / "good.pdf")])
    assert good.exit_code == 0 and "good.pdf is valid: sealed by Fjällton Telekom AB" in good.output
    assert "B-B: time as its sealer says" in good.output
    assert "certificate" not in good.output
    monkeypatch.setattr(clock, "now", lambda: NOW + timedelta(days=4 * 365))
    old = CliRunner().invoke(cli, [*command, str(tmp_path / "good.pdf")])
    assert old.exit_code == 0 and "good.pdf is valid" in old.output
    assert f"ended on {paper.key.expires:%Y-%m-%d %H:%M} UTC; only its sealer says that the seal is older" in old.output
    bad = CliRunner().invoke(cli, [*command, str(tmp_path / "bad.pdf"), "--sha256", "00" * 32])
    wrong = "its bytes are not those that were stored, it has bytes that the seal does not cover"
    assert bad.exit_code == 1 and f"bad.pdf is not valid: {wrong}" in bad.output
