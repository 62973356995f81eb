"""What people bring: the text of their files, split into passages and searched for each request."""
