import json
import sys

json.dump({"text": json.load(sys.stdin).get("text", "").upper()}, sys.stdout)
