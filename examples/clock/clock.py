"""A node that stays running and speaks MCP: one JSON-RPC message per line on standard input and output."""
import json
import sys
import time

ARGS = {"type": "object", "properties": {"format": {"type": "string"}}, "additionalProperties": False}
TIME = {"type": "object", "properties": {"time": {"type": "string"}, "calls": {"type": "integer"}}, "required": ["time"]}
TOOLS = [{"name": "now", "description": "tells the time", "inputSchema": ARGS, "outputSchema": TIME}]
calls = 0

for line in sys.stdin:
    m = json.loads(line)
    answer = {"error": {"code": -32601, "message": "method not found"}}
    if m["method"] == "tools/list":
        answer = {"result": {"tools": TOOLS}}
    elif m["method"] == "tools/call":
        calls += 1
        text = time.strftime(m["params"]["arguments"].get("format", "%H:%M:%S"))
        answer = {"result": {"structuredContent": {"time": text, "calls": calls}}}
    print(json.dumps({"jsonrpc": "2.0", "id": m.get("id"), **answer}), flush=True)
