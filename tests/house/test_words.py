"""What customers, signers and staff read keeps the style sheet: one word per thing, and what was agreed letter for letter.

`said.csv` holds the wordings that were agreed: messages, states, mails and the clauses of the power of attorney.
"""

from __future__ import annotations

import csv
import re
import tomllib
from collections.abc import Iterator
from functools import cache
from typing import Any

import polib
import pytest

from tests.own_tenants import OWN_TENANTS
from tests.required_wordings import DANISH_PAGE, SWEDISH_PAGE
from webapp.domain.texts import TEXTS
from webapp.gateways.eid_persons import WORDS as EID_WORDS
from webapp.l10n import Localizer
from webapp.settings import ROOT
from webapp.tenancy.folders import load

LANGUAGES = ("sv", "da")
MARKETS = {"sv": "SE", "da": "DK"}
TENANTS = OWN_TENANTS

# Not said to anybody, and why not is in the style sheet. Compounds and phrases that are allowed are cut out by (?!…) and (?<!…).
FORBIDDEN = {
    "sv": r"""
        ogiltig | v[äa]nligen | tyvärr | felaktig | obligatorisk | \bporter[ai] | \bporteringa? | kvalificerad
        | \banställ(?:d|da|de|das|ds)\b | medarbetare | innehavare(?!\ av\ den\ enskilda\ firman) | abonnent | signer(?:a|ing) | underteckna(?!re)
        | avvisa | avbruten | avlämnande | vardag | \bköp | \bhinns\b | stämpeln?\ håller | \bmed\ (?:mejl|sms|e-post)\b | fått\ veta\ om | \bpassar$ | som\ frågade | \border(?:n|s)?\b | \bmail | sim-nummer | datakort | \bej\b | \bsenast:
        """,
    "da": r"""
        ugyldig | venligst | desværre | forkert(?!\ (?:e-mailadresse|person)) | påkrævet | \bporter | indporter | udporter | kvalificeret
        | \bbruger(?!oplysninger|konti)\w+ | (?<!\bI\ )(?<!\bvi\ )\bbruger\b(?!\ du|\ kun) | \bansat
        | (?<!skifte\ )\bejer(?:en|e|s|ens)?\b | signere | underskriv\w*\ på\b | (?<!be)fuldmægtig | afvis | trække\ tilbage
        | hverdag | \bvi\ finder | \b(?:her|der)til\b | nåede\ en | segl(?:et)?\ holder | \bmed\ sms\b | pr\.\ e-mail\b | \bselskab | udbyder | afgiv | (?<!e-)mail(?!adresse)\w* | e-post | \bordre[nr]?\b | ønskedato | restbinding
        | simkort | sim-kortnummer | \bdatakort | \bregning | samlet\ pris | \bi\ (?:har|vil|kan|skal|ønsker|ved|må|får)\b | \bsenest:
        """,
}
ALLOWED = {"Köp Subs mobil", "Köp Subs fast"}  # the seeds' own buttons
SAME = {
    "Cookies",
    "Demo",
    "E-mail",
    "MEX",
    "MMS",
    "Menu",
    "SIM",
    "SMS",
    "Start",
    "Type",
    "Version",
    "Version %(number)s",
    "eSIM",
}
PLACEHOLDER = re.compile(r"%\(\w+\)s")
SENTENCES = {  # keyed texts that are sentences, with a full stop: in running text, or in a paper
    *(
        "notice.unbound",
        "notice.bound",
        "review.lead",
        "price.spoken",
        "confirmation.port.charges",
        "confirmation.port.charges@DK",
    ),
    *(key for key in TEXTS if key.startswith("authority.")),
}
pytestmark = pytest.mark.check


def _catalogue(language: str) -> Iterator[tuple[str, str]]:
    for entry in polib.pofile(str(ROOT / "translations" / language / "LC_MESSAGES" / "messages.po")):
        for text in entry.msgstr_plural.values() if entry.msgid_plural else [entry.msgstr]:
            yield entry.msgid, text


def _spoken(value: Any, language: str, mine: bool = False) -> Iterator[str]:
    """The texts of one language in a tenant's settings: all below its key ("sv"), or the whole of its texts file."""
    if isinstance(value, dict):
        for key, inner in value.items():
            if mine or key not in LANGUAGES or key == language:
                yield from _spoken(inner, language, mine or key == language)
    elif isinstance(value, list):
        for inner in value:
            yield from _spoken(inner, language, mine)
    elif mine and isinstance(value, str):
        yield value


@cache
def read_by_people(language: str) -> tuple[tuple[str, str], ...]:
    """(where, text): the catalogue, the tenants' names, titles and texts, and their lawyers' texts."""
    found = [("messages.po", text) for _, text in _catalogue(language)]
    for path in sorted(TENANTS.rglob("*.toml")):
        if path.parent.name != "texts" or path.stem == language:
            data = tomllib.loads(path.read_text("utf-8"))
            spoken = _spoken(data, language, mine=path.parent.name == "texts")
            found += [(str(path.relative_to(TENANTS.parent)), text) for text in spoken]
    found += [("eid_persons.py", text) for text in EID_WORDS[language]]
    for path in sorted(TENANTS.rglob(f"*.{language}.md")):
        found.append((str(path.relative_to(TENANTS.parent)), path.read_text("utf-8")))
    return tuple(found)


def forbidden(text: str, language: str) -> list[str]:
    if text in ALLOWED:
        return []
    # All in lower case but Danish "I" (you), which is told from "i" (in); names of placeholders are nobody's words.
    plain = re.sub(r"\b(?!I\b)\w+", lambda word: word[0].lower(), PLACEHOLDER.sub("…", text))
    return [hit[0] for hit in re.finditer(FORBIDDEN[language], plain, re.X)]


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_word_of_the_style_sheets_other_column(language: str) -> None:
    hits = [f"{where}: {word!r} in {text[:70]!r}" for where, text in read_by_people(language)
            for word in forbidden(text, language)]  # fmt: skip
    assert not hits, "\n".join(hits)


@pytest.mark.parametrize("language", LANGUAGES)
def test_signs_are_those_of_the_language(language: str) -> None:
    """Quotation marks ”…”, one ellipsis, a number and its unit on one line, a comma before Danish subordinate clauses."""
    wrong = re.compile(r"[\"'“«»„‘]|\.\.\.|[0-9] (?:GB|kr|%)")
    # The comma stands before "kun hvis", "især når", not within.
    clause = re.compile(
        r"(?<!\b[Kk]un)(?<!især)(?<!også)(?<!selv)(?<!eksempel)(?<=[^\s,.:;!?(–”-]) (?:hvis|når|fordi|medmindre)\b"
    )
    hits = [f"{where}: {text[:80]!r}" for where, text in read_by_people(language) if not where.endswith(".md")
            and (wrong.search(text) or (language == "da" and clause.search(text)))]  # fmt: skip
    assert not hits, "\n".join(hits)


@pytest.mark.parametrize("language", LANGUAGES)
def test_labels_messages_and_buttons_end_without_a_full_stop(language: str) -> None:
    said = dict(_catalogue(language))
    keyed = {text: key for key, text in TEXTS.items() if key not in SENTENCES}
    stopped = [said[text] for text in keyed if re.search(r"(?<!\bkr)(?<!\bmd)\.$", said[text])]
    assert not stopped, "\n".join(stopped)
    sentences = [f"{text!r} as {words!r}" for text, words in _catalogue(language) if text and text not in keyed
                 and text.endswith(".") != words.removesuffix("stk.").endswith(".")]  # fmt: skip
    assert not sentences, "a sentence on one side, a label on the other:\n" + "\n".join(sentences)


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_english_is_left(language: str) -> None:
    left = {text for text, words in _catalogue(language) if text == words} - SAME
    left = {text for text in left if re.sub("version|[^a-z]", "", PLACEHOLDER.sub("", text))}
    assert not left


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_was_agreed_is_said_letter_for_letter(language: str) -> None:
    words = Localizer(language, market=MARKETS[language])
    with (ROOT / "tests" / "house" / "said.csv").open(encoding="utf-8", newline="") as file:
        agreed = {row["text"]: row[language] for row in csv.DictReader(file, delimiter=";")}
    said = {text: words.say(text) if text in TEXTS else words.gettext(text) for text in agreed}
    assert said == agreed


def test_the_seeds_words_are_kept() -> None:
    tenants = load(TENANTS, "test").tenants
    for slug, language, wanted in ("fjallton", "sv", SWEDISH_PAGE), ("baeltkom", "da", DANISH_PAGE):
        own = {key: texts[language] for key, texts in tenants[slug].texts.items() if language in texts}
        words = Localizer(language, own, market=tenants[slug].market.code)
        assert {key: words.say(key) for key in wanted} == wanted


@pytest.mark.parametrize(
    ("language", "text"),
    [("sv", "Ogiltigt nummer"), ("sv", "Välj medarbetare"), ("sv", "Signera"), ("sv", "Köp mobil"), ("sv", "Portera numret"),
     ("da", "Ugyldigt nummer"), ("da", "Vælg bruger"), ("da", "Nummerets ejer"), ("da", "Det må i kan lide: i har valgt"),
     ("da", "Send en mail"), ("da", "Dit selskab")],
)  # fmt: skip
def test_a_forbidden_word_is_found(language: str, text: str) -> None:
    """Guards the guard."""
    assert forbidden(text, language)


DATA_FAMILY = (
    "data.missing",
    "data.reset",
    "price.choose_data",
    "price.data_packages",
    "price.card_after",
    "price.card_after_one",
)
"""Texts that name the thing that `q.data` labels."""


def test_a_tenants_own_term_is_used_wherever_the_thing_is_named() -> None:
    """A label in one word and its message in another are two things to whoever reads them."""
    half = [f"{slug} {language}: {key}" for slug, tenant in load(TENANTS, "test").tenants.items()
            for language in tenant.texts.get("q.data", {}) for key in DATA_FAMILY
            if language not in tenant.texts.get(key, {})]  # fmt: skip
    assert not half, "worded apart from q.data:\n" + "\n".join(half)


PARTIES = {"sv": ("fullmaktsgivare", "fullmaktstagare"), "da": ("fuldmagtsgiver", "fuldmagtshaver")}


@pytest.mark.parametrize("language", LANGUAGES)
def test_in_a_power_of_attorney_a_word_of_a_party_names_that_party_alone(language: str) -> None:
    words = Localizer(language, market=MARKETS[language])
    capacities = {key: words.say(key) for key in TEXTS if key.startswith("capacity.")}
    assert not {key: text for key, text in capacities.items() if any(party in text for party in PARTIES[language])}


ACTIONS = {
    "sv": "välj|ändra|rätta|skriv|ta bort|kontakta|försök|kryssa|lägg|beställ|vänta|kontrollera|låt|be|hör av|fyll|ange|spara|bekräfta|godkänn",
    "da": "vælg|ændr|ret|skriv|fjern|kontakt|prøv|sæt|læg|bestil|vent|kontrollér|lad|bed|udfyld|angiv|gem|fravælg|opret|bekræft|godkend|tilføj",
}
NEEDS_ACTION = (".missing", ".taken", ".none", ".ours", ".moving", ".outside", ".size")


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_message_says_what_to_do(language: str) -> None:
    words = Localizer(language, market=MARKETS[language])
    told = {
        key: words.say(key)
        for key in TEXTS
        if key.partition("@")[0].endswith(NEEDS_ACTION) and not key.startswith(("option.", "answer."))
    }
    idle = {key: text for key, text in told.items() if not re.search(rf"\b(?:{ACTIONS[language]})\b", text.lower())}
    assert not idle


def test_no_chip_of_a_person_says_what_became_of_a_paper() -> None:
    """Beside a name, "Declined" reads as if the person had been turned down."""
    source = (ROOT / "webapp/templates/signing/parts.html").read_text("utf-8")
    chip = source.partition("macro signer_state")[2].partition("endmacro")[0]
    bare = {"Declined", "Signed", "Replaced", "Taken back", "Cancelled"}
    assert chip and not bare & set(re.findall(r'_\("([^"]+)"\)', chip))


ONE_WORD = {
    r"\beID\b": {"sv": r"legitimation|identifier", "da": r"elektronisk\w* id"},
    r"\bby (?:e-?mail|mail)\b": {"sv": r"(?:via|till) (?:e-post|mejl)", "da": r"på e-mail|til e-mail"},
    r"\bpower of attorney\b": {"sv": "fullmakt", "da": "fuldmagt"},
    r"\bcontract summary\b": {"sv": "avtalssammanfattning", "da": "aftaleresumé"},
    r"\b[Aa]udit log\b": {"sv": "händelselogg", "da": "hændelseslog"},
    r"\b[Zz]ip\b": {"sv": r"zip-fil", "da": r"zip-fil"},
    r"\b[Cc]hecksum\b": {"sv": "kontrollsumma", "da": "kontrolsum"},
    r"\b[Oo]perator\b": {"sv": "operatör", "da": "teleselskab"},
    r"\bdata package": {"sv": "datapaket", "da": "datapakke"},
    r"\b[Cc]ommitment\b": {"sv": "bind|bund", "da": "bind"},
}
"""An English term in a msgid, and the one word for it in each language."""


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("term", ONE_WORD)
def test_one_thing_has_one_word(term: str, language: str) -> None:
    second = [f"{text!r} as {words!r}" for text, words in _catalogue(language)
              if re.search(term, PLACEHOLDER.sub("…", text)) and not re.search(ONE_WORD[term][language], words.lower())]  # fmt: skip
    assert not second, "\n".join(second)
