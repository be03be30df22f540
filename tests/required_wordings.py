"""The words of the two help pages that the product was born from, by the keys of our texts that must say them."""

SWEDISH_PAGE = {
    "menu.settings": "Organisationsinställningar",
    "menu.company_account": "Företagskonto",
    "menu.subs": "Subs",
    "button.order_mobile": "Köp Subs mobil",
    "button.order_fixed": "Köp Subs fast",
    "button.line_done": "Spara",
    "button.to_review": "Kontrollera beställningen",
    "button.place": "Godkänn och beställ",
}
DANISH_PAGE = {
    "menu.subscriptions": "Abonnementer",
    "button.new_order": "Opret nyt abonnement",
    "button.continue": "Fortsæt",
    "button.to_review": "Gå til ordrebekræftelse",
    "button.edit": "Jeg ønsker at rette i min bestilling",
    "button.place": "Godkend og opret",
    "q.port.email": "Gyldig e-mailadresse til indehaver/underskriver",
}
