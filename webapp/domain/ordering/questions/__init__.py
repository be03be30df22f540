"""The question catalogue: when each question is asked, what may be answered, how an answer is read; knows no page and no database."""
