"""What every repository stands on: tables, scope, driver, queue, audit, search, our own PostgreSQL."""
