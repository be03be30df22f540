"""The text message that carries a one-time code: one message, whatever the operator is called; sends nothing."""

from __future__ import annotations

import unicodedata

from webapp.domain.tenants.tenant import Tenant
from webapp.domain.texts import msg
from webapp.gateways.sms import LONGEST, length
from webapp.l10n import Localizer

_WHOLE = msg(
    "The code is %(code)s. It is valid for 10 minutes and is for the power of attorney with %(seller)s. Do not give it to anyone"
)
_SHORT = msg("The code is %(code)s. It is valid for 10 minutes. Do not give it to anyone")


def code_text(tenant: Tenant, language: str, code: str) -> str:
    """At most 160 signs that every phone shows. The last line lets a phone fill the code in on this host and on no other."""
    words = Localizer(language)
    seller, origin = _plain(tenant.name), f"\n@{tenant.hosts[0]} #{code}"
    whole = words.gettext(_WHOLE) % {"code": code, "seller": seller}
    short = words.gettext(_SHORT) % {"code": code}
    fitting = (text for text in (whole + origin, short + origin, short) if 0 < length(text) <= LONGEST)
    return next(fitting)


def _plain(name: str) -> str:
    """A name in the signs of a text message: Šibenik is Sibenik there."""
    bare = (sign if length(sign) else unicodedata.normalize("NFKD", sign)[0] for sign in name)
    return "".join(sign if length(sign) else "?" for sign in bare)
