"""Webhooks, which notify other programs of events in a server."""
