#!/usr/bin/env python3
"""Two tools for texts."""
import json
import os
import sys

TEXT = {"type": "object", "properties": {"text": {"type": "string"}}, "required": ["text"], "additionalProperties": False}
TOOLS = {
    "shout": {"description": "a text in capital letters", "input": TEXT, "output": TEXT, "idempotency": "pure",
              "examples": [{"name": "hello", "input": {"text": "hello"}, "output": {"text": "HELLO"}}]},
    "count_words": {"description": "how many words a text has", "input": TEXT, "output": {"type": "integer"}, "idempotency": "pure",
              "examples": [{"name": "three", "input": {"text": "one two three"}, "output": 3}]},
}

tool = os.environ.get("ONEX_TOOL")
if tool is None:
    for name, promise in TOOLS.items():
        print(json.dumps({"type": "tool", "name": name, **promise}))
    print('{"type": "done"}')
else:
    text = json.load(sys.stdin)["text"]
    print(json.dumps({"text": text.upper()} if tool == "shout" else len(text.split())))
