"""What a team does together with what was made."""
