"""Skylt: a white-label portal for ordering telecom subscriptions; importing it loads nothing, so that webapp.domain works without Flask."""
