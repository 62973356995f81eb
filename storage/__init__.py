"""What is remembered, and the only folder that knows SQLAlchemy. Takes and gives domain types, never rows."""
