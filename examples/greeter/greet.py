#!/usr/bin/env python3
"""A tool: arguments come as JSON on standard input, the result goes as JSON to standard output."""
import json
import sys

args = json.load(sys.stdin)
name = args["name"].strip()
if not name:
    json.dump({"code": "EMPTY_NAME", "message": "the name is empty", "hint": "say who is to be greeted"}, sys.stdout)
    sys.exit(1)

print(f"greeting {name}", file=sys.stderr)  # standard error is the log
json.dump({"greeting": f"Hello, {name}!"}, sys.stdout)
