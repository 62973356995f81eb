"""Who speaks and for whom: profiles, personas and their voice. Pure; no I/O but the package's own data files."""
