"""The bus of ONEX from Python, with nothing but the standard library.

Events are JSON on NATS subjects: <prefix>.<kind>.<publisher>, and one token more, the
receiver, when they are directed to somebody. The protocol of NATS is lines of text
(https://docs.nats.io/reference/reference-protocols/nats-protocol); what is used of it is here.

    bus = Bus("unix:///run/user/1000/onex/…/bus.sock")   # or nats://TOKEN@host:port
    for tool in bus.tools(): print(tool["tool"]["name"])
    print(bus.invoke("greet", {"name": "Ada"}))
"""
import json
import os
import socket
import time
import urllib.parse
import uuid
from datetime import datetime, timezone


class Failed(Exception):
    """A call that was answered with an error: code, message, hint."""

    def __init__(self, error):
        super().__init__(f"{error['message']} ({error['code']})")
        self.error = error


class Bus:
    def __init__(self, url=None, prefix="onex.events"):
        self.prefix, self.id, self.sids, self.pending = prefix, str(uuid.uuid4()), 0, []
        url = urllib.parse.urlsplit(url or os.environ["ONEX_BUS"])
        options = {"verbose": False, "headers": True, "lang": "python", "version": "1"}
        if url.scheme == "unix":
            self.socket = socket.socket(socket.AF_UNIX)
            self.socket.connect(url.path)
        else:
            self.socket = socket.create_connection((url.hostname, url.port or 4222), 5)
            options["auth_token"] = url.username or ""
        self.file = self.socket.makefile("rb")
        self.file.readline()  # INFO: what the server is
        self.send(f"CONNECT {json.dumps(options)}\r\nPING\r\n".encode())
        answer = self.file.readline()
        if not answer.startswith(b"PONG"):
            raise ConnectionError(answer.decode().strip() or "the connection was closed")
        self.subscribe(f"*.*.{self.id}")  # what is directed to us

    def send(self, data):
        self.socket.sendall(data)

    def subscribe(self, subject):
        self.sids += 1
        self.send(f"SUB {self.prefix}.{subject} {self.sids}\r\n".encode())

    def publish(self, subject, kind, metadata, cause=None):
        """Publishes an event and returns its id. cause is the event that it answers."""
        now = datetime.now(timezone.utc).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
        event = {
            "schema_version": "1.0.0", "event_id": str(uuid.uuid4()), "timestamp": now, "node_id": self.id,
            "event_type": kind, "metadata": metadata,
        }
        event["correlation_id"] = cause["correlation_id"] if cause else event["event_id"]
        if cause:
            event["causation_id"] = cause["event_id"]
            if "traceparent" in cause:
                event["traceparent"] = cause["traceparent"]
        data = json.dumps(event, ensure_ascii=False).encode()
        self.send(f"PUB {self.prefix}.{subject} {len(data)}\r\n".encode() + data + b"\r\n")
        return event["event_id"]

    def next(self, until):
        """Returns the next event, or None when it is later than until (time.monotonic)."""
        while True:
            left = until - time.monotonic()
            if left <= 0:
                return None
            self.socket.settimeout(left)
            try:
                line = self.file.peek(1) and self.file.readline()
            except TimeoutError:
                self.file = self.socket.makefile("rb")  # one that timed out cannot be read again
                return None
            if not line:
                raise ConnectionError("the bus is gone")
            self.socket.settimeout(5)
            word, *rest = line.decode().split()
            if word == "PING":
                self.send(b"PONG\r\n")
            elif word == "-ERR":
                raise ConnectionError(line.decode().strip())
            elif word in ("MSG", "HMSG"):
                headers, size = (int(rest[-2]), int(rest[-1])) if word == "HMSG" else (0, int(rest[-1]))
                data = self.file.read(size + 2)
                return json.loads(data[headers:size])

    def ask(self, subject, kind, metadata, timeout=5):
        """Publishes a question and returns the event that answers it."""
        until = time.monotonic() + timeout
        question = self.publish(subject, kind, metadata)
        while event := self.next(until):
            if event.get("causation_id") == question:
                return event
        raise TimeoutError(f"no answer to {kind} in {timeout} s")

    def tools(self, name=""):
        """Returns the tools, each with its contract and who offers it; all without a name."""
        found, ask = [], name
        while True:
            page = self.ask("tool_discovery_request.python", "TOOL_DISCOVERY_REQUEST", {"tool_name": ask} if ask else {})
            page = page["metadata"].get("tools") or []
            found += page
            if name or not page:
                return found
            ask = page[-1]["tool"]["name"].upper()  # what follows this one

    def invoke(self, tool, arguments, timeout=5):
        """Calls a tool and returns its result."""
        offers = [p for t in self.tools(tool) for p in t["providers"]]
        if not offers:
            raise LookupError(f"nobody offers {tool}")
        answer = self.ask(f"tool_proxy_invoke.python.{offers[0]['node_id']}", "TOOL_PROXY_INVOKE", {
            "tool_name": tool, "arguments": arguments, "timeout_ms": int(timeout * 1000), "origin_node_id": self.id,
        }, timeout)["metadata"]
        if "error" in answer:
            raise Failed(answer["error"])
        return answer["result"]
