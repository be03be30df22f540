"""Who lives in the demo: invented companies and people, and numbers set aside for fiction; decides nothing."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class DemoCompany:
    """A customer. Names are "First Last"; an address is (name, street, zip, town); numbers are E.164."""

    name: str
    org_id: str
    size: str
    agreement: str | None
    domain: str
    address: tuple[str, str, str]
    second_address: tuple[str, str, str, str]
    accounts: tuple[tuple[str, str, str], ...]  # local part, name, role
    employees: tuple[str, ...]
    titles: tuple[str, ...]
    mobile: tuple[str, ...]
    fixed: tuple[str, ...] = ()
    reserved: tuple[str, ...] = ()
    sim_cards: tuple[str, ...] = ()


@dataclass(frozen=True)
class DemoTenant:
    """A seller with its customers, its staff, and the numbers it has left: (kind, first, last)."""

    staff: str
    pool: tuple[tuple[str, str, str], ...]
    companies: tuple[DemoCompany, ...]


def span(first: str, count: int) -> tuple[str, ...]:
    """That many numbers, one after the other."""
    return tuple(f"+{int(first) + i}" for i in range(count))


def _accounts(owner: str, buyer: str, member: str) -> tuple[tuple[str, str, str], ...]:
    return (("owner", owner, "owner"), ("buyer", buyer, "konto"), ("member", member, "member"))


DEMO = {
    "fjallton": DemoTenant(
        staff="Signe Åkerlund",
        pool=(("mobile", "+46701740605", "+46701740639"), ("fixed", "+46846500400", "+46846500449")),
        companies=(
            DemoCompany(
                "Granit & Gran AB", "5599990016", "large", "FJ-RAM", "granitgran.example",
                ("Stenhuggarvägen 8", "11418", "Stockholm"),
                ("Granit & Gran, lagret", "Södra Kajen 3", "85231", "Sundsvall"),
                _accounts("Astrid Hallström", "Joakim Sandgren", "Linnéa Forsell"),
                ("Ebba Lindqvist", "Otto Bergdahl", "Maja Öhman", "Henrik Wallin", "Sara Mohammadi", "Nils Tjäder"),
                ("Platschef", "Stenhuggare", "Ekonomiansvarig", "Säljare", "Arkitekt", "Lagerchef"),
                mobile=span("+46701740660", 3), fixed=span("+46846500450", 5),
                reserved=(*span("+46701740666", 2), *span("+46846500460", 2)),
                sim_cards=("100000000010", "100000000011", "100000000012", "100000000013", "100000000014"),
            ),
            DemoCompany(
                "Lilla Loftet AB", "5599990024", "small", None, "lillaloftet.example",
                ("Snickargatan 21", "21145", "Malmö"),
                ("Lilla Loftet, butiken", "Lilla Torggränd 4", "22350", "Lund"),
                (("owner2", "Elsa Månsson", "owner"),),
                ("Klara Nyström", "Viktor Håkansson", "Amira Haddad", "Göran Ek", "Tuva Sjöstrand", "Pontus Ålund"),
                ("Butikschef", "Snickare", "Inredare", "Snickare", "Säljare", "Lärling"),
                mobile=span("+46701740663", 3), fixed=span("+46406280420", 5),
                reserved=(*span("+46701740668", 2), *span("+46406280430", 2)),
                sim_cards=("100000000020", "100000000021", "100000000022", "100000000023", "100000000024"),
            ),
        ),
    ),
    "skarvox": DemoTenant(
        staff="Rasmus Kvist",
        pool=(("mobile", "+46701740640", "+46701740659"), ("fixed", "+46313900600", "+46313900649")),
        companies=(
            DemoCompany(
                "Kvarnvik Bygg AB", "5599990032", "small", "SX-RAM", "kvarnvikbygg.example",
                ("Hammarvägen 15", "41451", "Göteborg"),
                ("Kvarnvik Bygg, platskontoret", "Strandpromenaden 2", "45134", "Uddevalla"),
                _accounts("Birgitta Ahlgren", "Emil Sörensson", "Wilma Rönn"),
                ("Johan Stenmark", "Fatima Yusuf", "Alva Brink", "Mattias Lövgren"),
                ("Byggledare", "Kalkylator", "Projektör", "Snickare"),
                mobile=span("+46701740670", 2), fixed=span("+46313900650", 3),
                reserved=("+46701740674", "+46313900660"),
            ),
            DemoCompany(
                "Norrsken Konsult AB", "5599990040", "large", None, "norrskenkonsult.example",
                ("Gruvvägen 40", "98132", "Kiruna"),
                ("Norrsken Konsult, södra kontoret", "Norra Hamngatan 9", "41106", "Göteborg"),
                (("owner2", "Lars-Erik Blom", "owner"),),
                ("Inga Niia", "Simon Eklöf", "Petra Vasara", "Ahmed Karimi"),
                ("Konsultchef", "Konsult", "Konsult", "Geolog"),
                mobile=span("+46701740672", 2), fixed=span("+46980319210", 3),
                reserved=("+46701740675", "+46980319220"),
            ),
        ),
    ),
    "baeltkom": DemoTenant(
        staff="Mette Kjærgaard",
        pool=(("mobile", "+4520000000", "+4520000029"), ("fixed", "+4520000100", "+4520000149")),
        companies=(
            DemoCompany(
                "Havnens Handel A/S", "99000007", "large", "BK-RAMME", "havnenshandel.example",
                ("Havnegade 12", "8000", "Aarhus C"),
                ("Havnens Handel, pakhuset", "Kystvejen 31", "5800", "Nyborg"),
                _accounts("Karen Østergaard", "Jonas Bæk", "Ida Thorup"),
                ("Søren Åbenhus", "Camilla Juhl", "Yusuf Demir", "Birthe Holm", "Mikkel Ravn"),
                ("Indkøbschef", "Sælger", "Lagerchef", "Bogholder", "Chauffør"),
                mobile=span("+4520000080", 2), fixed=span("+4520000150", 3),
                reserved=(*span("+4520000084", 2), "+4520000160"),
            ),
            DemoCompany(
                "Klint & Co ApS", "99000015", "small", None, "klintogco.example",
                ("Nørregade 5", "4600", "Køge"),
                ("Klint & Co, værkstedet", "Smedevej 18", "4690", "Haslev"),
                (("owner2", "Peter Klint", "owner"),),
                ("Louise Møller", "Anders Bro", "Freja Lund", "Kasper Nygård", "Aisha Rahimi"),
                ("Arkitekt", "Tømrer", "Tegner", "Tømrer", "Studentermedhjælper"),
                mobile=span("+4520000082", 2), fixed=span("+4520000153", 3),
                reserved=(*span("+4520000086", 2), "+4520000161"),
            ),
        ),
    ),
    "klitfon": DemoTenant(
        staff="Emma Skov",
        pool=(("mobile", "+4520000030", "+4520000049"),),
        companies=(
            DemoCompany(
                "Vestklit Teknik ApS", "99000023", "small", "KF-RAMME", "vestklit.example",
                ("Fyrvej 3", "9990", "Skagen"),
                ("Vestklit Teknik, servicebilen", "Industrivej 44", "9850", "Hirtshals"),
                _accounts("Nanna Vestergaard", "Oliver Dam", "Signe Fjord"),
                ("Rikke Sand", "Thomas Grøn", "Zahra Nouri"),
                ("Servicetekniker", "Servicetekniker", "Planlægger"),
                mobile=span("+4520000088", 2),
            ),
            DemoCompany(
                "Marehalm A/S", "99000031", "large", None, "marehalm.example",
                ("Strandvejen 77", "6857", "Blåvand"),
                ("Marehalm, gartneriet", "Heden 1", "6800", "Varde"),
                (("owner2", "Jens Marehalm", "owner"),),
                ("Astrid Bjerre", "Frederik Lind", "Malene Kruse"),
                ("Gartner", "Salgschef", "Gartner"),
                mobile=span("+4520000091", 2),
            ),
        ),
    ),
}  # fmt: skip
"""By tenant: the demo facts of the outer contract."""
