"""Everything typed becomes one canonical form or a code: the vectors of the domain facts, and all the text there is."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webapp.domain import numbers
from webapp.domain.market import DENMARK, SWEDEN, Market
from webapp.domain.problem import Invalid

DEMO_BLOCK = (("+4520000000", "+4520000999"),)


def code(read: Callable[[], object]) -> str:
    """The code it is refused with."""
    with pytest.raises(Invalid) as refused:
        read()
    return refused.value.problem.code


# --- Telephone numbers -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("typed", "market", "e164"),
    [
        ("070-174 06 05", SWEDEN, "+46701740605"),
        ("+46 (0)70 174 06 05", SWEDEN, "+46701740605"),
        ("46701740605", SWEDEN, "+46701740605"),
        ("0701740605", SWEDEN, "+46701740605"),
        ("0046701740605", SWEDEN, "+46701740605"),
        ("0046 70-174 06 05", SWEDEN, "+46701740605"),
        (" 070/174.06.05 ", SWEDEN, "+46701740605"),
        ("070\u00a0174\u00a006\u00a005", SWEDEN, "+46701740605"),
        ("08-465 004 00", SWEDEN, "+46846500400"),
        ("031-390 06 00", SWEDEN, "+46313900600"),
        ("0980-31 92 00", SWEDEN, "+46980319200"),
        ("010-123 45 67", SWEDEN, "+46101234567"),
        ("20 12 34 56", DENMARK, "+4520123456"),
        ("+45 20123456", DENMARK, "+4520123456"),
        ("004520123456", DENMARK, "+4520123456"),
        ("4520123456", DENMARK, "+4520123456"),
        ("45 12 34 56", DENMARK, "+4545123456"),  # begins like the country's code, and is a number
    ],
)
def test_customary_forms_are_one_number(typed: str, market: Market, e164: str) -> None:
    assert numbers.read_msisdn(typed, market) == e164


@pytest.mark.parametrize(
    ("typed", "market"),
    [
        ("070-17406O5", SWEDEN),  # the library swallows the letter and finds a possible number
        ("0701740605;ext=1", SWEDEN),
        ("0701740605 ext 1", SWEDEN),
        ("0701740605x1", SWEDEN),
        ("٠٧٠١٧٤٠٦٠٥", SWEDEN),  # Arabic digits
        ("０７０１７４０６０５", SWEDEN),  # full-width digits
        ("070-174\x000605", SWEDEN),
        ("070-174\r\n0605", SWEDEN),
        ("07017406051234", SWEDEN),
        ("0" * 10_000, SWEDEN),
        ("+4520123456", SWEDEN),  # a number of another country
        ("112", SWEDEN),
        ("++46701740605", SWEDEN),
        ("(((((((((", SWEDEN),
        ("=?utf-8?q?0701740605?=", SWEDEN),
        ("", SWEDEN),
        ("12345678", DENMARK),
        ("20000000", DENMARK),  # the demo block, where it is not admitted
        ("84123456", DENMARK),
    ],
)
def test_what_is_no_number_is_refused(typed: str, market: Market) -> None:
    # guard: the shape that is checked before the library sees the text
    assert code(lambda: numbers.read_msisdn(typed, market)) == "number.shape"


def test_the_demo_block_passes_where_it_is_admitted_and_not_beyond() -> None:
    # guard: the admitted ranges
    assert numbers.read_msisdn("20 00 00 50", DENMARK, DEMO_BLOCK) == "+4520000050"
    assert code(lambda: numbers.read_msisdn("20 00 10 00", DENMARK, DEMO_BLOCK)) == "number.shape"
    assert code(lambda: numbers.read_msisdn("20 00 00 50;ext=1", DENMARK, DEMO_BLOCK)) == "number.shape"


@pytest.mark.parametrize(
    ("e164", "kind"),
    [
        ("+46701740605", "mobile"),
        ("+46846500400", "fixed"),
        ("+46101234567", "fixed"),
        ("+4520123456", "either"),
        ("+4520000050", "either"),
        ("+4680", "either"),
        ("+4620123456", "other"),
        ("+4590123456", "other"),
    ],
)
def test_kinds(e164: str, kind: str) -> None:
    assert numbers.number_kind(e164) == kind


def test_numbers_are_shown_as_people_write_them() -> None:
    assert numbers.show_msisdn("+46701740605", SWEDEN) == "070-174 06 05"
    assert numbers.show_msisdn("+46846500400", SWEDEN) == "08-465 004 00"
    assert numbers.show_msisdn("+4520123456", DENMARK) == "20 12 34 56"
    assert numbers.show_msisdn("+4520123456", SWEDEN) == "+45 20 12 34 56"


# --- Cards, chips, companies -------------------------------------------------------------------------------------

CARDS_19 = ("8946990000000000016", "8946990000000000024", "8945990000000000018", "8945990000000000026")
CARDS_20 = ("89469900000000000010", "89469900000000000028", "89459900000000000011", "89459900000000000029")
LENGTHS = (19, 20)


@pytest.mark.parametrize("iccid", [*CARDS_19, *CARDS_20, "89450421180216254864"])
def test_sim_cards(iccid: str) -> None:
    assert numbers.read_iccid(iccid, LENGTHS, "89") == iccid
    assert numbers.read_iccid(f" {iccid[:4]} {iccid[4:10]}-{iccid[10:]}F", LENGTHS, "89") == iccid
    assert numbers.iccid_checks(iccid)
    assert not numbers.iccid_checks(iccid[:-1] + str((int(iccid[-1]) + 1) % 10)), "a warning, no refusal"


@pytest.mark.parametrize(
    ("typed", "refused"),
    [
        (CARDS_19[0][:18], "icc.length"),
        (CARDS_20[0] + "0", "icc.length"),
        ("88" + CARDS_19[0][2:], "icc.prefix"),
        ("8946A90000000000016", "icc.digits"),
        ("٨٩" + CARDS_19[0][2:], "icc.digits"),
        ("", "icc.digits"),
        ("8.946990000000E+18", "icc.digits"),  # what a spreadsheet makes of it
    ],
)
def test_no_sim_cards(typed: str, refused: str) -> None:
    assert code(lambda: numbers.read_iccid(typed, LENGTHS, "89")) == refused


def test_the_tenant_says_how_long_its_cards_numbers_are() -> None:
    assert code(lambda: numbers.read_iccid(CARDS_19[0], (20,), "89")) == "icc.length"
    with pytest.raises(Invalid) as refused:
        numbers.read_iccid(CARDS_19[0], (20,), "89")
    assert refused.value.problem.params == {"k": 20, "n": 19}


EIDS = (
    "89046999000000000000000000000154",
    "89046999000000000000000000000251",
    "89045999000000000000000000000173",
    "89034011560010000000000000000121",
)


@pytest.mark.parametrize("eid", EIDS)
def test_eids(eid: str) -> None:
    assert numbers.read_eid(f"{eid[:8]} {eid[8:]}") == eid
    assert code(lambda: numbers.read_eid(eid[:-1])) == "eid.length"
    assert code(lambda: numbers.read_eid(eid[:-1] + str((int(eid[-1]) + 1) % 10))) == "eid.check"
    assert code(lambda: numbers.read_eid("x" + eid[1:])) == "eid.length"


SWEDISH = (
    "559999-0016 559999-0024 559999-0032 559999-0040 559999-1014 559999-1022 559999-2012 969999-0017 769999-0011"
).split()
DANISH = "99000007 99000015 99000023 99000031 99000058 99000066 99000074 99000082".split()


def test_companies() -> None:
    for shown in SWEDISH:
        digits = shown.replace("-", "")
        assert numbers.read_company_id(shown, SWEDEN) == digits
        assert numbers.read_company_id(f"16{digits}", SWEDEN) == digits, "as authorities write it"
        assert numbers.show_company_id(digits, SWEDEN) == shown
    for digits in DANISH:
        assert numbers.read_company_id(f"DK {digits[:4]} {digits[4:]}", DENMARK) == digits
        assert numbers.show_company_id(digits, DENMARK) == digits


@pytest.mark.parametrize(
    ("typed", "market", "digits"),
    [
        ("16559999-0016", SWEDEN, "5599990016"),
        ("SE559999001601", SWEDEN, "5599990016"),
        ("SE 559999-0016 01", SWEDEN, "5599990016"),
        ("se5599990016", SWEDEN, "5599990016"),
        ("559999001601", SWEDEN, "5599990016"),
        ("Org.nr 559999-0016", SWEDEN, "5599990016"),
        ("Organisationsnummer: 559999\u20110016", SWEDEN, "5599990016"),
        ("19850115-9803", SWEDEN, "8501159803"),
        ("198501159803", SWEDEN, "8501159803"),
        ("850115-9803", SWEDEN, "8501159803"),
        ("850115+9803", SWEDEN, "8501159803"),
        ("SE850115980301", SWEDEN, "8501159803"),
        ("DK-99 00 00 07", DENMARK, "99000007"),
        ("DK\u201199\u00a000\u00a000\u00a007", DENMARK, "99000007"),
        ("dk99000007", DENMARK, "99000007"),
        ("CVR-nr. 99 00 00 07", DENMARK, "99000007"),
        ("CVR: DK 99000007", DENMARK, "99000007"),
    ],
)
def test_a_company_number_as_people_write_it_is_canonical(typed: str, market: Market, digits: str) -> None:
    assert numbers.read_company_id(typed, market) == digits


@pytest.mark.parametrize(
    ("typed", "market", "refused"),
    [
        ("559999-0017", SWEDEN, "port.owner_id.check"),
        ("000000-0000", SWEDEN, "port.owner_id.check"),  # its check digit is right
        ("559999-001", SWEDEN, "port.owner_id.length"),
        ("٥٥٩٩٩٩٠٠١٦", SWEDEN, "port.owner_id.length"),
        ("99000008", DENMARK, "port.owner_id.check"),
        ("00000000", DENMARK, "port.owner_id.check"),
        ("559999-0016", DENMARK, "port.owner_id.length"),
    ],
)
def test_no_companies(typed: str, market: Market, refused: str) -> None:
    assert code(lambda: numbers.read_company_id(typed, market)) == refused


def test_a_sole_traders_number_is_masked() -> None:
    # guard: a personal identity number is never shown whole
    assert numbers.is_sole_trader("8112189876", SWEDEN) and not numbers.is_sole_trader("5599990016", SWEDEN)
    assert numbers.show_company_id("8112189876", SWEDEN) == "811218-****"


# --- Addresses, names, days, counts ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("typed", "address"),
    [
        (" Asa.Oberg+x@Granit.example ", "Asa.Oberg+x@granit.example"),
        ("a@b.se", "a@b.se"),
        ("a@xn--mnchen-3ya.de", "a@xn--mnchen-3ya.de"),  # the library's own form would be in other letters
        ("anna@blåbärsskogen.example", "anna@xn--blbrsskogen-n8al.example"),
        ("fullmakt=flytt@a.example", "fullmakt=flytt@a.example"),
        ("drift?nord@a.example", "drift?nord@a.example"),
        ("MailTo:a@b.se", "a@b.se"),
        ("a@b.\uff53\uff45", "a@b.se"),
    ],
)
def test_email(typed: str, address: str) -> None:
    assert numbers.read_email(typed) == address


@pytest.mark.parametrize(
    "typed",
    [
        "", "a", "a@", "@b.se", "a@b", "a b@c.se", "a..b@c.se", "a@b.se\r\nBcc: c@d.se", "a@b.se\0",
        "=?utf-8?q?a=40c.se=3E?=@b.se", "A <a@b.se>", "a@b.se,c@d.se", "a@[127.0.0.1]", '"a"@b.se', "a@b.local",
        "a@blå bär.se", "a@-å.se", "\u201ca\u201d@b.se",
    ],
)  # fmt: skip
def test_no_email(typed: str) -> None:
    # guard: what a mail header could trip over (CVE-2024-6923)
    assert code(lambda: numbers.read_email(typed)) == "email.shape"


@pytest.mark.parametrize("typed", ["å@b.se", "åsa@granit.example", "\uff41@b.se"])
def test_letters_that_mail_servers_do_not_take_are_told_as_such(typed: str) -> None:
    assert code(lambda: numbers.read_email(typed)) == "email.letters"


def test_a_long_address_is_refused_at_once() -> None:
    assert code(lambda: numbers.read_email("a" * 10_000 + "@b.se")) == "text.long"


@pytest.mark.parametrize(
    ("address", "likely"),
    [
        ("a@gmial.com", "a@gmail.com"),
        ("a@gmai.com", "a@gmail.com"),
        ("a@gmaill.com", "a@gmail.com"),
        ("a@gmall.com", "a@gmail.com"),
        ("a@hotmail.se", None),
        ("a@gmail.com", None),
        ("a@granit.example", None),
    ],
)
def test_likely_slips(address: str, likely: str | None) -> None:
    assert numbers.likely_email(address) == likely


@pytest.mark.parametrize(
    "typed",
    [
        "A\u202eB", "A\x00B", "A\nB", "A\r\nB", "A\ud800B", "A\u200bB", "A\u2066B", "A\u061cB", "A\ufeffB",
        "A\u00adB", "A\U000e0041B", "A\ue000B", "A\u2028B",
    ],
)  # fmt: skip
def test_what_cannot_be_seen_is_refused(typed: str) -> None:
    # guard: text.control
    assert code(lambda: numbers.read_text(typed)) == "text.control"


@pytest.mark.parametrize(
    ("typed", "sign"), [("李雷", "李"), ("Anna \U0001f468", "\U0001f468"), ("Bo हिन्दी", "ह"), ("ไทย", "ไ")]
)
def test_a_letter_that_papers_cannot_print_is_told_at_the_field(typed: str, sign: str) -> None:
    # guard: glyphs.unprintable; a box in a paper breaks PDF/A, after the order is placed
    with pytest.raises(Invalid) as refused:
        numbers.read_text(typed)
    assert (refused.value.problem.code, refused.value.problem.params) == ("text.letter", {"sign": sign})


@pytest.mark.parametrize(
    "name", ["Åsa Öberg", "Ægir Þór", "Ελένη", "Жанна", "محمد", "דוד", "Łukasz", "O’Hara – Ek", "Nguyễn"]
)
def test_names_in_the_alphabets_of_the_fonts_are_taken(name: str) -> None:
    assert numbers.read_text(name) == name


def test_text() -> None:
    assert numbers.read_text("  A\u030asa O\u0308berg ") == "Åsa Öberg"
    assert numbers.read_text("Ægir Ø") == "Ægir Ø"
    assert code(lambda: numbers.read_text("x" * 10_000)) == "text.long"
    assert code(lambda: numbers.read_text("   ")) == "text.missing"
    assert numbers.read_text("x" * 200) == "x" * 200


@pytest.mark.parametrize(
    ("typed", "market", "digits", "shown"),
    [
        ("114 18", SWEDEN, "11418", "114\u00a018"),
        ("SE-114 18", SWEDEN, "11418", "114\u00a018"),
        ("8000", DENMARK, "8000", "8000"),
        ("DK-0999", DENMARK, "0999", "0999"),
    ],
)
def test_postcodes(typed: str, market: Market, digits: str, shown: str) -> None:
    assert numbers.read_postcode(typed, market) == digits
    assert numbers.show_postcode(digits, market) == shown


@pytest.mark.parametrize(
    ("typed", "market"),
    [("01418", SWEDEN), ("1141", SWEDEN), ("１１４１８", SWEDEN), ("0700", DENMARK), ("80000", DENMARK), ("", DENMARK)],
)
def test_no_postcodes(typed: str, market: Market) -> None:
    assert code(lambda: numbers.read_postcode(typed, market)) == "postcode"


def test_counts() -> None:
    assert numbers.read_count(" 3 ", 3) == 3
    assert code(lambda: numbers.read_count("4", 3)) == "data_cards.max"
    for typed in ("-1", "1.5", "٣", "", "12345", "1e3"):
        assert code(lambda typed=typed: numbers.read_count(typed, 3)) == "count.shape"


# --- For all text ------------------------------------------------------------------------------------------------

_NUMBERISH = st.text("0123456789+-()./ \u00a0٠０O;=extF", max_size=40)
_MARKED = st.text(st.sampled_from("abcAB@.-_+=?<>,;: \"'()[]\\\r\n\0åØxn1"), max_size=40)
TEXT = st.one_of(st.text(max_size=60), _NUMBERISH, _MARKED, st.text(st.characters(), max_size=20))

PARSERS: dict[str, Callable[[str], str]] = {
    "swedish number": lambda text: numbers.read_msisdn(text, SWEDEN),
    "danish number": lambda text: numbers.read_msisdn(text, DENMARK, DEMO_BLOCK),
    "sim card": lambda text: numbers.read_iccid(text, LENGTHS, "89"),
    "eid": numbers.read_eid,
    "swedish company": lambda text: numbers.read_company_id(text, SWEDEN),
    "danish company": lambda text: numbers.read_company_id(text, DENMARK),
    "email": numbers.read_email,
    "swedish postcode": lambda text: numbers.read_postcode(text, SWEDEN),
    "danish postcode": lambda text: numbers.read_postcode(text, DENMARK),
    "count": lambda text: str(numbers.read_count(text, 9999)),
}


@given(TEXT)
def test_every_parser_takes_or_refuses_and_agrees_with_itself(text: str) -> None:
    for name, parse in PARSERS.items():
        try:
            canonical = parse(text)
        except Invalid:
            continue
        assert canonical.isascii(), name
        assert canonical.isprintable(), name
        assert parse(canonical) == canonical, name


@given(st.integers(0, 99_999_999), st.sampled_from(["", " ", "-", "."]), st.sampled_from(["", "+45", "0045", "45"]))
def test_danish_numbers_however_grouped(number: int, gap: str, prefix: str) -> None:
    digits = f"{number:08d}"
    typed = prefix + gap + gap.join(digits[at : at + 2] for at in (0, 2, 4, 6))
    try:
        assert numbers.read_msisdn(typed, DENMARK) == f"+45{digits}"
    except Invalid:
        assert code(lambda: numbers.read_msisdn(digits, DENMARK)) == "number.shape"


@given(TEXT)
def test_text_is_refused_or_settled(text: str) -> None:
    try:
        kept = numbers.read_text(text)
    except Invalid:
        return
    assert numbers.read_text(kept) == kept
    assert not set(kept) & set("\r\n\0\u202e")


# --- What a fault put into the code showed that no test saw


def with_check(nine: str) -> str:
    """Nine digits and the tenth that makes them add up (Luhn)."""
    total = sum(sum(divmod(int(digit) * (2 if place % 2 == 0 else 1), 10)) for place, digit in enumerate(nine))
    return nine + str(-total % 10)


@pytest.mark.parametrize(
    ("century", "day", "is_birthday"),
    [
        ("18", "850101", True), ("19", "850101", True), ("20", "850101", True), ("17", "850101", False), ("21", "850101", False),
        ("19", "850001", False), ("19", "851231", True), ("19", "851301", False),
        ("19", "850100", False), ("19", "850131", True), ("19", "850132", False),
        ("19", "850160", False), ("19", "850161", True), ("19", "850191", True), ("19", "850192", False),  # coordination numbers
    ],
)  # fmt: skip
def test_a_century_stands_only_before_a_birthday(century: str, day: str, is_birthday: bool) -> None:
    ten = with_check(f"{day}980")
    if is_birthday:
        assert numbers.read_company_id(century + ten, SWEDEN) == ten
    else:
        assert code(lambda: numbers.read_company_id(century + ten, SWEDEN)) == "port.owner_id.length"
