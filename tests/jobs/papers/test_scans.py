"""A power of attorney signed by hand: what people can open signs, what they cannot is asked for again."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterator

import pikepdf
import pytest

from tests.jobs.conftest import House
from tests.jobs.signing.signers import Phone, a_pdf, a_picture, assert_one_of_each, state
from webapp.documents import scan
from webapp.domain.problem import Problem
from webapp.jobs.papers.render_process import RenderProcess
from webapp.l10n import Localizer
from webapp.settings import ROOT


def a_raw_pdf(kids: bytes, count: int) -> bytes:
    """With pages that no honest program would write."""
    made, places = b"%PDF-1.7\n", []
    pages = b"<</Type/Pages/Count %d/Kids[%s]>>" % (count, kids)
    page = b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]>>"
    for n, each in enumerate((b"<</Type/Catalog/Pages 2 0 R>>", pages, page), 1):
        places.append(len(made))
        made += b"%d 0 obj\n%s\nendobj\n" % (n, each)
    table = b"xref\n0 4\n0000000000 65535 f \n" + b"".join(b"%010d 00000 n \n" % place for place in places)
    return made + table + b"trailer<</Size 4/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n" % len(made)


def a_packed_pdf(gigabytes: int) -> bytes:
    """Whose objects lie in a stream that unpacks to so much."""
    packer = zlib.compressobj(9)
    objects = b"<</Type/Catalog/Pages 2 0 R>>".ljust(40) + b"<</Type/Pages/Count 1/Kids[3 0 R]>>".ljust(60)
    objects += b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]>>"
    packed = packer.compress(b"1 0 2 40 3 100 " + objects) + packer.flush(zlib.Z_FULL_FLUSH)
    blanks = packer.compress(b" " * (64 << 20)) + packer.flush(zlib.Z_FULL_FLUSH)
    packed += blanks * (16 * gigabytes) + packer.flush()
    made = b"%%PDF-1.7\n4 0 obj\n<</Type/ObjStm/N 3/First 15/Length %d/Filter/FlateDecode>>stream\n" % len(packed)
    made += packed + b"\nendstream\nendobj\n"
    rows = b"\0\0\0\0\0\xff" + b"".join(b"\2\0\0\0\4" + bytes([n]) for n in range(3))
    rows += b"\1" + (9).to_bytes(4, "big") + b"\0\1" + len(made).to_bytes(4, "big") + b"\0"
    head = b"5 0 obj\n<</Type/XRef/Size 6/W[1 4 1]/Root 1 0 R/Length %d>>stream\n" % len(rows)
    return made + head + rows + b"\nendstream\nendobj\nstartxref\n%d\n%%%%EOF\n" % len(made)


SCANS: dict[str, tuple[str, Callable[[], bytes], str]] = {
    "one page": ("pdf", lambda: a_pdf(1), ""),
    "twenty pages": ("pdf", lambda: a_pdf(20), ""),
    "twenty-one pages": ("pdf", lambda: a_pdf(21), "pages"),
    "no page": ("pdf", lambda: a_pdf(0), "unreadable"),
    "locked": ("pdf", lambda: a_pdf(1, encryption=pikepdf.Encryption(user="u", owner="o")), "locked"),
    "locked for changes": ("pdf", lambda: a_pdf(1, encryption=pikepdf.Encryption(user="", owner="o")), ""),
    "broken": ("pdf", lambda: b"%PDF-1.7\n" + b"no" * 100, "unreadable"),
    "cut": ("pdf", lambda: a_pdf(3)[:60], "unreadable"),
    "endless": ("pdf", lambda: a_raw_pdf(b"2 0 R", 1), "unreadable"),
    "half a million pages": ("pdf", lambda: a_raw_pdf(b"3 0 R " * 500_000, 1), "pages"),
    "one page of our own making": ("pdf", lambda: a_raw_pdf(b"3 0 R", 1), ""),
    "packed": ("pdf", lambda: a_packed_pdf(0), ""),
    "four gigabytes of blanks": ("pdf", lambda: a_packed_pdf(4), "unreadable"),
    "photograph": ("jpeg", lambda: a_picture("jpeg", 1200, 1600, mode="RGB"), ""),
    "drawing": ("png", lambda: a_picture("png", 2480, 3508), ""),
    "108 megapixels": ("jpeg", lambda: a_picture("jpeg", 12_000, 9_000, mode="L"), "pixels"),
    "bomb": ("png", lambda: a_picture("png", 30_000, 30_000), "pixels"),
    "large": ("png", lambda: a_picture("png", 8_000, 8_000), "pixels"),
    "cut photograph": ("jpeg", lambda: a_picture("jpeg", 1200, 1600, mode="RGB")[:2000], "unreadable"),
    "another kind": ("jpeg", lambda: a_picture("gif", 10, 10), "unreadable"),
}


@pytest.fixture(scope="module")
def drawer() -> Iterator[RenderProcess]:
    made = RenderProcess(ROOT / ".assets")
    yield made
    made.close()


@pytest.mark.parametrize("name", SCANS)
def test_a_scan_counts_when_people_can_open_it_and_else_the_true_reason_is_told(
    drawer: RenderProcess, name: str
) -> None:
    kind, content, why = SCANS[name]
    assert drawer.why_not(kind, content()) == why


def test_the_reasons_have_words_that_tell_the_limits() -> None:
    for language in ("sv", "da"):
        texts = {why: Localizer(language).say(f"sign.scan.{why}") for why in scan.WHYS}
        assert len(set(texts.values())) == 4
        assert str(scan.MOST_PAGES) in texts["pages"] and str(scan.MOST_PIXELS // 1_000_000) in texts["pixels"]


@pytest.mark.parametrize("name", ["broken", "locked", "bomb", "twenty-one pages"])
def test_by_a_scan_after_a_bad_one(open_house: Callable[..., House], name: str) -> None:
    house = open_house()
    phone = Phone(house)
    phone.consent("paper")
    assert phone.upload(SCANS[name][1]()) is None and phone.visit().stage == "waiting"
    house.drain()
    visit = phone.visit()
    assert (state(house), visit.stage, visit.problem) == ("waiting", "scan", Problem(f"sign.scan.{SCANS[name][2]}"))
    assert phone.upload(SCANS["one page"][1]()) is None
    house.drain()
    assert_one_of_each(house)
