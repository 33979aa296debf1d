"""A program that speaks MCP over stdio, well or badly as its arguments say."""
import json
import os
import subprocess
import sys
import time

mode = sys.argv[1] if len(sys.argv) > 1 else ""
OBJECT = {"type": "object"}
TOOLS = [
    {"name": "Get-PID", "description": "its process", "inputSchema": OBJECT, "outputSchema": OBJECT},
    {"name": "say", "inputSchema": {"$schema": "http://json-schema.org/draft-07/schema#", "type": "object", "properties": {"text": {"type": "string"}}, "required": ["text"]}},
    {"name": "structured_text", "inputSchema": OBJECT, "outputSchema": {"type": "object", "required": ["n"]}},
    {"name": "fail", "inputSchema": OBJECT},
    {"name": "report", "inputSchema": OBJECT},
    {"name": "refuse", "inputSchema": OBJECT},
    {"name": "die", "inputSchema": OBJECT},
    {"name": "hang", "inputSchema": OBJECT},
    {"name": "stick", "inputSchema": OBJECT},
    {"name": "flood", "inputSchema": OBJECT},
    {"name": "meta", "inputSchema": OBJECT, "outputSchema": OBJECT},
    {"name": "breed", "inputSchema": OBJECT, "outputSchema": OBJECT},
    {"name": "ask", "inputSchema": OBJECT, "outputSchema": OBJECT},
]
asked = {}  # calls that wait for an answer, by the id of the question


def send(m):
    print(json.dumps({"jsonrpc": "2.0", **m}), flush=True)


def text(s, **more):
    return {"result": {"content": [{"type": "text", "text": s}], **more}}


def structured(v):
    return {"result": {"content": [], "structuredContent": v}}


def call(name, args, meta):
    if name == "Get-PID":
        return structured({"pid": os.getpid()})
    if name == "say":
        return text(args["text"])
    if name == "structured_text":
        return text('{"n": 1}')
    if name == "fail":
        return text("it did not work", isError=True)
    if name == "report":
        return text(json.dumps({"code": "NO_PAPER", "class": "exhausted", "message": "out of paper"}), isError=True)
    if name == "refuse":
        return {"error": {"code": -32602, "message": "bad parameters"}}
    if name == "die":
        print("farewell, cruel world", end="", file=sys.stderr, flush=True)
        os.kill(os.getpid(), 9)
    if name == "stick":
        with open("stuck", "w") as f:
            print(os.getpid(), file=f)
        time.sleep(3600)
    if name == "flood":
        return text("x" * (4 << 20))
    if name == "meta":
        return structured(meta)
    if name == "breed":
        child = subprocess.Popen(["sleep", "3600"])
        return structured({"pid": child.pid})
    return None  # hang: never answered, but alive


if mode == "crash":
    sys.exit("cannot start today")
if mode == "silent":
    time.sleep(3600)
if mode == "noisy":
    print("Welcome to the noisy server!")
    print('{"level": "info"}', flush=True)

for line in sys.stdin:
    m = json.loads(line)
    if m.get("id") in asked:
        said = m["result"] if "result" in m else {"refused": m["error"]["message"]}
        send({"id": asked.pop(m["id"]), **structured(said)})
        continue
    method, id = m.get("method"), m.get("id")
    if method == "initialize" and mode != "bare":
        send({"id": id, "result": {"protocolVersion": "2025-06-18", "capabilities": {"tools": {}}, "serverInfo": {"name": "t", "version": "1"}}})
        send({"method": "notifications/message", "params": {}})
        send({"id": "s1", "method": "roots/list"})
    elif method == "tools/list":
        half = len(TOOLS) // 2
        if mode == "none":
            send({"id": id, "result": {"tools": []}})
        elif m["params"].get("cursor") == "2":
            send({"id": id, "result": {"tools": TOOLS[half:]}})
        else:
            send({"id": id, "result": {"tools": TOOLS[:half], "nextCursor": "2"}})
    elif method == "tools/call":
        p = m["params"]
        if p["name"] == "ask":
            asked[f"q{id}"] = id
            send({"method": "notifications/progress", "params": {"progressToken": p["_meta"].get("progressToken"), "progress": 1, "total": 2, "message": "half"}})
            send({"method": "notifications/message", "params": {"level": "notice", "logger": "oracle", "data": "hm"}})
            send({"id": f"q{id}", "method": p["arguments"].get("how", "elicitation/create"), "params": {"message": "Which?"}})
            continue
        answer = call(p["name"], p["arguments"], p["_meta"])
        if answer:
            send({"id": id, **answer})
    elif method == "ping":
        send({"id": id, "result": {}})
    elif id is not None and method:
        send({"id": id, "error": {"code": -32601, "message": "method not found"}})
