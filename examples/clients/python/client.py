#!/usr/bin/env python3
"""Lists the tools on a bus, or calls one:

    ONEX_BUS=unix:///… ./client.py
    ONEX_BUS=unix:///… ./client.py greet '{"name": "Ada"}'
"""
import json
import sys

from onexbus import Bus, Failed

bus = Bus()
if len(sys.argv) == 1:
    for entry in bus.tools():
        tool = entry["tool"]
        print(f"{tool['name']}: {tool.get('description', '')} ({len(entry['providers'])} offer it)")
    sys.exit()
try:
    print(json.dumps(bus.invoke(sys.argv[1], json.loads(sys.argv[2]))))
except (Failed, LookupError, TimeoutError) as e:
    sys.exit(f"client.py: {e}")
