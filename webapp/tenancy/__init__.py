"""Folders under tenants/ become values; bad files are refused with findings a person can act on."""
