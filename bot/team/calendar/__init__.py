"""Scheduled posts: times in words, single or recurring, shown by month."""
