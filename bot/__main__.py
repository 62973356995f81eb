"""`python -m bot` is `quillmate`."""

from .cli import main

main()
