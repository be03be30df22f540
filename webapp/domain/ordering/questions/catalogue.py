"""All questions by their ids, in the order in which they depend on each other; knows no page and no database."""

from __future__ import annotations

from collections.abc import Mapping

from webapp.domain.ordering.questions.articles import ARTICLES
from webapp.domain.ordering.questions.extras import EXTRAS
from webapp.domain.ordering.questions.number import NUMBER
from webapp.domain.ordering.questions.porting import PORTING
from webapp.domain.ordering.questions.question import Question
from webapp.domain.ordering.questions.sim import SIM
from webapp.domain.ordering.questions.user import USER

CATALOGUE: tuple[Question, ...] = (*ARTICLES, *NUMBER, *PORTING, *SIM, *USER, *EXTRAS)


QUESTIONS: Mapping[str, Question] = {question.id: question for question in CATALOGUE}


GROUPS: Mapping[str, tuple[str, ...]] = {
    group: tuple(q.id for q in CATALOGUE if q.id == group or q.id.startswith(f"{group}."))
    for group in ("port", "user", "delivery")
}
"""Names that stand for several questions in a composition."""
