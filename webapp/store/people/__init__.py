"""Companies, employees, user accounts and login sessions as rows."""
