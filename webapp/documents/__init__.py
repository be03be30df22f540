"""Papers: facts in, accessible and sealed PDF bytes out; it knows neither database nor request."""

from webapp.documents.attached import Attached, riding
from webapp.documents.press import CannotPrint, check_press, file_name, render

__all__ = ["Attached", "CannotPrint", "check_press", "file_name", "render", "riding"]
