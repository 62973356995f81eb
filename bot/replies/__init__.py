"""The views and surfaces through which users see answers."""
