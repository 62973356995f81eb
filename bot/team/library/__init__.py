"""What somebody has made and what their server has: listed, searched, and used again as a template."""
