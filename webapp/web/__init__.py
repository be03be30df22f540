"""What all blueprints share: pages and fragments, arrival, access, language, headers; no rule of the trade lives here."""
