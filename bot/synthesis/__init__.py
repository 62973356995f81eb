"""Made-up tables that behave like real ones: learnt from a table on this machine, or drawn from a schema in words."""
