"""What a team shares in its server: settings, permissions, reviews, a library, a calendar and more."""
