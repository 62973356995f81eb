"""Requests, from the durable row to the answer that is shown."""
