"""Composition sketches: what the prompt for an image model describes, as labelled shapes in a frame. No picture, and it says so.

`reading` makes a plan (`plan`) of a scene's fields, `figures` gives things their shapes, `arranging` puts them where the plan wants
them so that no label covers another, and `sheet` draws it all as SVG. Pure: the same scene always gives the same sheet.
"""
