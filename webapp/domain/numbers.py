"""Telephone, SIM and company numbers, addresses and names as they come from a form: one canonical form or a Problem; knows no stock."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Literal

import phonenumbers
from phonenumbers import PhoneNumberType
from stdnum import luhn
from stdnum.dk import cvr
from stdnum.exceptions import ValidationError
from stdnum.se import orgnr

from webapp.domain.folding import folded, is_blank, named, spaced, unseen, without_label
from webapp.domain.glyphs import unprintable
from webapp.domain.market import Market
from webapp.domain.problem import Invalid

Ranges = tuple[tuple[str, str], ...]

Whereabouts = Literal["", "moving", "seller", "elsewhere"]
"""Of a number: on its way to this seller, with it, or with another seller of the installation or on its way there; else empty."""

_PHONE = re.compile(r"\+?[0-9()\-./ ]{2,40}", re.ASCII)
_DIGITS = re.compile(r"[0-9]+", re.ASCII)
_GROUPING = str.maketrans("", "", " -.")
_MOBILE = {PhoneNumberType.MOBILE}
_FIXED = {PhoneNumberType.FIXED_LINE, PhoneNumberType.UAN, PhoneNumberType.VOIP}


def read_text(text: str, longest: int = 200, shortest: int = 1) -> str:
    """One line of text, NFC, trimmed, its spaces plain; refuses signs that cannot be seen, and too much.

    Which sign is told: who pasted it cannot find it otherwise.
    """
    cleaned = spaced(text)
    if shortest and is_blank(cleaned):
        raise Invalid("text.missing")
    if sign := unseen(cleaned):
        raise Invalid("text.control", sign=named(sign), at=cleaned.index(sign) + 1)
    if len(cleaned) > longest or len(cleaned.encode()) > longest * 4:
        raise Invalid("text.long", most=longest)
    if sign := unprintable(cleaned):
        raise Invalid("text.letter", sign=sign)
    if len(cleaned) < shortest:
        raise Invalid("text.missing")
    return cleaned


def read_msisdn(text: str, market: Market, admitted: Ranges = ()) -> str:
    """E.164 of a number in any customary form. `admitted` ranges pass though the numbering plan does not know them.

    `phonenumbers` swallows letters, other scripts' digits and extensions, so the shape is checked first.
    """
    text = without_label(folded(text))
    if not _PHONE.fullmatch(text):
        raise Invalid("number.shape")
    digits = "".join(_DIGITS.findall(text.replace("(0)", "")))
    international = "+" + digits.removeprefix("00")
    candidates = [
        text.replace("(0)", ""),
        international if digits.startswith(("00", market.calling_code)) else "",
    ]
    for candidate in filter(None, candidates):
        try:
            parsed = phonenumbers.parse(candidate, market.code)
        except phonenumbers.NumberParseException:
            continue
        if parsed.extension:
            continue
        e164 = phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)
        if _within(e164, admitted):
            return e164
        if phonenumbers.is_valid_number(parsed) and parsed.country_code == int(market.calling_code):
            return e164
    raise Invalid("number.shape")


def _within(e164: str, ranges: Ranges) -> bool:
    return any(len(e164) == len(first) and first <= e164 <= last for first, last in ranges)


def number_kind(e164: str) -> str:
    """One of "mobile", "fixed", "either" (Danish numbers do not tell) or "other" (freephone, premium and the like)."""
    kind = phonenumbers.number_type(phonenumbers.parse(e164, None))
    if kind in _MOBILE:
        return "mobile"
    if kind in _FIXED:
        return "fixed"
    if kind in {PhoneNumberType.FIXED_LINE_OR_MOBILE, PhoneNumberType.UNKNOWN}:
        return "either"
    return "other"


def show_msisdn(e164: str, market: Market) -> str:
    """National form for people at home ("070-174 06 05", "20 12 34 56"), international form for a foreign number."""
    return _shown(e164, int(market.calling_code))


@lru_cache(maxsize=10_000)  # a page shows the same numbers at every answer that is given
def _shown(e164: str, home: int) -> str:
    parsed = phonenumbers.parse(e164, None)
    if parsed.country_code != home:
        return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.INTERNATIONAL)
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.NATIONAL)


def read_iccid(text: str, lengths: tuple[int, ...], prefix: str) -> str:
    """Digits of a SIM card's number (ITU-T E.118). A trailing padding F is dropped. The check digit is `iccid_checks`."""
    digits = folded(text).translate(_GROUPING).removesuffix("F").removesuffix("f")
    if not _DIGITS.fullmatch(digits):
        raise Invalid("icc.digits")
    if len(digits) not in lengths:
        raise Invalid("icc.length", k=lengths[-1], n=len(digits))
    if not digits.startswith(prefix):
        raise Invalid("icc.prefix")
    return digits


def iccid_checks(iccid: str) -> bool:
    """Whether the last digit is the Luhn check digit; a warning only, for some cards print a digit more."""
    return bool(luhn.is_valid(iccid))


def read_eid(text: str) -> str:
    """32 digits of an eSIM chip's EID whose value modulo 97 is 1 (GSMA SGP.29)."""
    digits = folded(text).translate(_GROUPING)
    if not _DIGITS.fullmatch(digits) or len(digits) != 32:
        raise Invalid("eid.length", n=len(digits))
    if int(digits) % 97 != 1:
        raise Invalid("eid.check")
    return digits


_COMPANY_LABEL = re.compile(
    r"(?:ORG(?:ANISATIONS)?\.?(?:NR|NUMMER)|CVR(?:NR|NUMMER)?|VAT(?:NR|NO)?|MOMSREGNR|MOMSNR)?:?"
)


def read_company_id(text: str, market: Market) -> str:
    """Digits of a Swedish organisationsnummer (10) or a Danish CVR number (8), its check digit right.

    Taken as people and authorities write them: with the century of a sole trader or the 16 of a company in front, as VAT numbers
    ("SE559999001601", "DK-99 00 00 07").
    """
    written = folded(text).upper().translate(_GROUPING)
    written = written[_COMPANY_LABEL.match(written).end() :]  # type: ignore[union-attr]
    possible = _possible_company_ids(written, market)
    length = 10 if market.company_id == "orgnr" else 8
    if not possible:
        raise Invalid("port.owner_id.length")
    for digits in possible:
        assert len(digits) == length
        try:
            (orgnr if market.company_id == "orgnr" else cvr).validate(digits)
        except ValidationError:
            continue
        if digits.strip("0"):
            return digits
    raise Invalid("port.owner_id.check")


def _possible_company_ids(written: str, market: Market) -> tuple[str, ...]:
    """What the written may mean, the likelier first; none when it has not the digits of any."""
    digits = written.removeprefix(market.code)
    if market.company_id != "orgnr":
        return (digits,) if _DIGITS.fullmatch(digits) and len(digits) == 8 else ()
    is_vat = digits != written
    digits = re.sub(r"\+(?=[0-9]{4}$)", "", digits)  # between the digits of a person above a hundred
    if not _DIGITS.fullmatch(digits) or len(digits) not in {10, 12}:
        return ()
    if len(digits) == 10:
        return (digits,)
    as_vat = (digits[:10],) if digits.endswith("01") else ()
    with_century = (digits[2:],) if digits[:2] == "16" or _is_birthday(digits[:8]) else ()
    return as_vat if is_vat else with_century + as_vat


def _is_birthday(digits: str) -> bool:
    """Whether a personal identity number begins so; a coordination number has 60 added to the day."""
    day = int(digits[6:])
    return digits[:2] in {"18", "19", "20"} and "01" <= digits[4:6] <= "12" and 1 <= day - 60 * (day > 60) <= 31


MASK = "*"
"""Stands for a digit that is not to be read."""


def show_company_id(digits: str, market: Market) -> str:
    """Such as "559999-0016" in Sweden, "99000007" in Denmark. A sole trader's number is its owner's: the last four are masked."""
    if market.company_id != "orgnr":
        return digits
    return f"{digits[:6]}-{4 * MASK if is_sole_trader(digits, market) else digits[6:]}"


def is_sole_trader(digits: str, market: Market) -> bool:
    """Whether the company number is a personal identity number (its third digit is 0 or 1 in Sweden)."""
    return market.company_id == "orgnr" and digits[2:3] in {"0", "1"}


def read_email(text: str) -> str:
    """An address with a domain, as it goes over the wire, without anything a mail header could trip over (CVE-2024-6923).

    The one reader of addresses: what a form takes here, the mail gateway sends to.
    """
    from email_validator import EmailNotValidError, validate_email  # with all of Unicode's domain names: not at start

    address = re.sub(r"^mailto:\s*", "", folded(text), flags=re.IGNORECASE)
    if len(address) > 254:
        raise Invalid("text.long", most=254)
    local, at, domain = address.rpartition("@")
    if not at or not domain or any(mark in address for mark in ("=?", "\r", "\n", "\0", "<", ">", ",")):
        raise Invalid("email.shape")
    if not local.isascii() and all(char.isalpha() for char in local if not char.isascii()):
        raise Invalid("email.letters")
    try:
        found = validate_email(address, check_deliverability=False, allow_smtputf8=False)
    except EmailNotValidError:
        raise Invalid("email.shape") from None
    return str(found.ascii_email)  # a domain in other letters as it goes over the wire


COMMON_DOMAINS = (
    "gmail.com",
    "outlook.com",
    "hotmail.com",
    "hotmail.se",
    "icloud.com",
    "telia.com",
    "yahoo.com",
)


def likely_email(address: str) -> str | None:
    """A well-known domain one slip away from the one that was typed, as a whole address; None when there is none."""
    local, _, domain = address.rpartition("@")
    for known in COMMON_DOMAINS:
        if domain != known and _one_slip(domain.lower(), known):
            return f"{local}@{known}"
    return None


def _one_slip(typed: str, known: str) -> bool:
    """One letter changed, left out, added, or two neighbours swapped."""
    if abs(len(typed) - len(known)) > 1 or typed in COMMON_DOMAINS:
        return False
    pairs = zip(typed, known, strict=False)
    at = next((place for place, (a, b) in enumerate(pairs) if a != b), min(len(typed), len(known)))
    rest, wanted = typed[at:], known[at:]
    swapped = rest[:2] == wanted[:2][::-1] and rest[2:] == wanted[2:]
    return swapped or rest[1:] == wanted[1:] or rest == wanted[1:] or rest[1:] == wanted


def read_postcode(text: str, market: Market) -> str:
    """Digits of a postcode, five in Sweden and four in Denmark, not beginning like none does."""
    digits = folded(text).translate(_GROUPING).upper().removeprefix(market.code)
    if not re.fullmatch(market.postcode, digits, re.ASCII):
        raise Invalid("postcode")
    return digits


def show_postcode(digits: str, market: Market) -> str:
    """Such as "114 18" (with a space that does not break) in Sweden, "8000" in Denmark."""
    return f"{digits[:3]}\u00a0{digits[3:]}" if len(digits) == 5 else digits


def read_count(text: str, most: int) -> int:
    """A whole number from 0 to `most` in ASCII digits."""
    cleaned = folded(text)
    if not _DIGITS.fullmatch(cleaned) or len(cleaned) > 4:
        raise Invalid("count.shape")
    if int(cleaned) > most:
        raise Invalid("data_cards.max", n=most)
    return int(cleaned)
