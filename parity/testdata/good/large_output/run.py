#!/usr/bin/env python3
import json
import sys

json.dump({"text": json.load(sys.stdin)["text"] * 70_000}, sys.stdout)
