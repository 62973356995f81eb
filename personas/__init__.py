"""Profiles, personas, brands and the ledger of preferences. No I/O, except for reading the package's own data files."""
