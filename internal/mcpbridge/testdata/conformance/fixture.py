"""An MCP server with the tools that the conformance suite calls. Its names and
texts are those that the suite expects."""
import json, sys

PNG = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8DwHwAFBQIAX8jx0gAAAABJRU5ErkJggg=="
WAV = "UklGRiYAAABXQVZFZm10IBAAAAABAAEAQB8AAAB9AAACABAAZGF0YQIAAAA="

def text(t):
    return {"type": "text", "text": t}

def resource(uri, kind, t):
    return {"type": "resource", "resource": {"uri": uri, "mimeType": kind, "text": t}}

image = {"type": "image", "data": PNG, "mimeType": "image/png"}
results = {
    "test_simple_text": [text("This is a simple text response for testing.")],
    "test_image_content": [image],
    "test_audio_content": [{"type": "audio", "data": WAV, "mimeType": "audio/wav"}],
    "test_embedded_resource": [resource("test://embedded-resource", "text/plain", "This is an embedded resource content.")],
    "test_multiple_content_types": [
        text("Multiple content types test:"), image,
        resource("test://mixed-content-resource", "application/json", '{"test":"data","value":123}'),
    ],
    "test_custom_headers": [text("ok")],
}
schemas = {
    "test_custom_headers": {"type": "object", "properties": {
        "region": {"type": "string", "x-mcp-header": "Region"},
        "count": {"type": "integer", "x-mcp-header": "Count"},
        "flag": {"type": "boolean", "x-mcp-header": "Flag"},
    }},
}
names = [*results, "test_error_handling"]
tools = [{"name": n, "description": n, "inputSchema": schemas.get(n, {"type": "object"})} for n in names]

def answer(method, params):
    if method == "initialize":
        return {"protocolVersion": "2025-06-18", "capabilities": {"tools": {}}, "serverInfo": {"name": "fixture", "version": "1"}}
    if method == "tools/list":
        return {"tools": tools}
    if method == "tools/call" and params["name"] in results:
        return {"content": results[params["name"]]}
    if method == "tools/call":
        return {"isError": True, "content": [text("This tool intentionally returns an error for testing")]}
    return {}

for line in sys.stdin:
    request = json.loads(line)
    if "id" in request:
        result = answer(request["method"], request.get("params"))
        print(json.dumps({"jsonrpc": "2.0", "id": request["id"], "result": result}), flush=True)
