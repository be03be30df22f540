"""Home, help, health and the demo's pages."""
