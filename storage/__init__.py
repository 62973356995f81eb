"""Stores everything in the database. The only package that uses SQLAlchemy; its callers pass and get domain types, never rows."""
