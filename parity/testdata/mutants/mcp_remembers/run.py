#!/usr/bin/env python3
import json
import sys

ANY = {"type": "object"}
TOOLS = [{"name": "mcp_remembers", "inputSchema": ANY, "outputSchema": ANY}]
calls = 0
for line in sys.stdin:
    m = json.loads(line)
    answer = {"error": {"code": -32601, "message": "method not found"}}
    if m["method"] == "tools/list":
        answer = {"result": {"tools": TOOLS}}
    elif m["method"] == "tools/call":
        calls += 1
        answer = {"result": {"structuredContent": {"text": str(calls)}}}
    if "id" in m:
        print(json.dumps({"jsonrpc": "2.0", "id": m["id"], **answer}), flush=True)
