"""What kinds are composed of: dialects of prompts, motifs of logos, scenes of scripts, chords."""
