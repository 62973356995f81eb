"""Posts that go out at a time: planned in words, once or again and again, shown by month."""
