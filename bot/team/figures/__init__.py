"""The usage reports and the quotas of a server."""
