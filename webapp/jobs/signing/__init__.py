"""Links, codes, logins, reminders and sealed papers of signatures."""
