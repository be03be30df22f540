"""Folders under tenants/ become values; bad files are refused with findings a person can act on."""

from webapp.tenancy.finding import Finding
from webapp.tenancy.load import Loaded, load
from webapp.tenancy.registry import Registry
from webapp.tenancy.revision import from_json, to_json

__all__ = ["Finding", "Loaded", "Registry", "from_json", "load", "to_json"]
