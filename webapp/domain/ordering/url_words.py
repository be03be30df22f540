"""The words that stand in the portal's addresses where a tenant's own names stand too; the URL map proves them (tests/house)."""

START = "start"
"""The page of the questions that are asked before the form opens."""
BESIDE_STEPS = frozenset({START, "change", "check", "remove", "restore"})
"""What follows /drafts/…/lines/… beside the id of a step: a step of that name would lead there instead."""
