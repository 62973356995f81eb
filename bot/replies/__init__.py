"""What people see in Discord: the views, the edits and their pace, splitting, files."""
