"""Palettes from words: colours of a mood with names and computed contrast. Pure, except for the choice by a model."""
