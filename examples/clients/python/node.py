#!/usr/bin/env python3
"""A node that speaks to the bus itself: it announces itself, beats, and serves a tool.

    ONEX_BUS=unix:///… ./node.py &
    onex invoke reverse --args '{"text": "abc"}'

Whoever wants limits, restarts and checks for nothing lets "onex run" host a program instead.
"""
import signal
import sys
import time

from onexbus import Bus

NAME, VERSION = "python_reverser", "1.0.0"
CONTRACT = {
    "contract_version": "1.0.0", "node_name": NAME, "node_version": VERSION,
    "tools": {"reverse": {
        "description": "reverses a text", "idempotency": "pure",
        "input": {"type": "object", "properties": {"text": {"type": "string"}}, "required": ["text"], "additionalProperties": False},
        "output": {"type": "object", "properties": {"text": {"type": "string"}}, "required": ["text"]},
    }},
}


def reverse(arguments):
    return {"text": arguments["text"][::-1]}


class Node:
    def __init__(self):
        self.bus, self.incarnation, self.ttl, self.calls = Bus(), 0, 3.0, 0

    def announce(self):
        self.bus.publish(f"node_announce.{NAME}", "NODE_ANNOUNCE", {
            "node_id": self.bus.id, "metadata_block": {"name": NAME, "version": VERSION, "runtime": "go"},
            "contract": CONTRACT, "status": "online", "execution_mode": "external", "incarnation": self.incarnation,
        })

    def run(self):
        while True:
            if self.incarnation:
                self.bus.publish(f"node_heartbeat.{NAME}", "NODE_HEARTBEAT", {
                    "node_id": self.bus.id, "incarnation": self.incarnation, "in_flight": 0, "calls": self.calls})
            else:
                self.announce()
            until = time.monotonic() + (self.ttl / 3 if self.incarnation else 1)
            while event := self.bus.next(until):
                self.take(event)

    def take(self, event):
        kind, said = event["event_type"], event["metadata"]
        if kind == "NODE_ANNOUNCE_ACCEPTED":
            if said["incarnation"] != self.incarnation:
                print(f"{NAME} is ready (node {self.bus.id}, incarnation {said['incarnation']})", file=sys.stderr, flush=True)
            self.incarnation, self.ttl = said["incarnation"], said["ttl_ms"] / 1000
        elif kind == "NODE_ANNOUNCE_REJECTED":
            sys.exit(f"{NAME}: rejected: {said['reason']}")
        elif kind == "NODE_DISCOVERY_REQUEST":  # the registry does not know us (any more)
            self.announce()
        elif kind == "TOOL_PROXY_INVOKE":
            self.serve(event, said)

    def serve(self, event, said):
        self.calls += 1
        began, about = time.monotonic(), {"tool_name": said["tool_name"], "node_id": self.bus.id}
        try:
            answer = {"status": "success", "result": reverse(said["arguments"])}
            kind = "TOOL_PROXY_RESULT"
        except Exception as e:  # whatever it is, the caller is told
            answer = {"error": {"code": "ONEX_CORE_081_OPERATION_FAILED", "class": "internal", "message": str(e)}}
            kind = "TOOL_PROXY_ERROR"
        answer["duration_ms"] = (time.monotonic() - began) * 1000
        self.bus.publish(f"{kind.lower()}.{NAME}.{event['node_id']}", kind, about | answer, event)

    def stop(self, *_):
        self.bus.publish(f"node_stopped.{NAME}", "NODE_STOPPED", {
            "node_id": self.bus.id, "name": NAME, "incarnation": self.incarnation, "reason": "told to stop"})
        sys.exit()


node = Node()
signal.signal(signal.SIGTERM, node.stop)
signal.signal(signal.SIGINT, node.stop)
node.run()
