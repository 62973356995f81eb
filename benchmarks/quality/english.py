"""Print the briefs with only those of their profiles whose results are in English: english.py BRIEFS PROFILES > B.jsonl"""

import json
import sys
from pathlib import Path

briefs, profiles = ([json.loads(line) for line in Path(name).read_text("utf-8").splitlines()] for name in sys.argv[1:])
english = {one["id"] for one in profiles if one.get("output_language", "en") == "en"}
for brief in briefs:
    ids = [one for one in brief["profile_ids"] if one in english]
    if ids:
        print(json.dumps(brief | {"profile_ids": ids}, ensure_ascii=False))
