#!/usr/bin/env python3
import json
import sys

ANY = {"type": "object"}
HELLO = {"protocolVersion": "2025-11-25", "capabilities": {"tools": {}, "prompts": {}}, "serverInfo": {"name": "x", "version": "1"}}
ANSWERS = {
    "initialize": HELLO,
    "tools/list": {"tools": [{"name": "mcp_with_prompts", "inputSchema": ANY, "outputSchema": ANY}]},
    "tools/call": {"structuredContent": {"text": "abc"}},
    "prompts/list": {"prompts": [{"name": "hello"}]},
}
for line in sys.stdin:
    m = json.loads(line)
    if "id" not in m:
        continue
    answer = {"error": {"code": -32601, "message": "method not found"}}
    if m["method"] in ANSWERS:
        answer = {"result": ANSWERS[m["method"]]}
    print(json.dumps({"jsonrpc": "2.0", "id": m["id"], **answer}), flush=True)
