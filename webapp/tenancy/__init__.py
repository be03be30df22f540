"""Folders under tenants/ become values; bad files are refused with findings a person can act on."""

from typing import TYPE_CHECKING, Any

from webapp.tenancy.finding import Finding
from webapp.tenancy.registry import Registry
from webapp.tenancy.revision import Unreadable, from_json, to_json

if TYPE_CHECKING:
    from webapp.tenancy.folders import Loaded, load

__all__ = ["Finding", "Loaded", "Registry", "Unreadable", "from_json", "load", "to_json"]


def __getattr__(name: str) -> Any:
    """What reads folders comes when it is asked for: a process that finds them published does without."""
    if name in {"Loaded", "load"}:
        from webapp.tenancy import folders

        return getattr(folders, name)
    raise AttributeError(name)
