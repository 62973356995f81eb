"""`quillmate` as installed: python quillmate.py VERB [OPTION]..."""

import sys

from bot.cli import main

if __name__ == "__main__":
    sys.argv[0] = "quillmate"
    main()
