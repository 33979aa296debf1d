#!/usr/bin/env python3
"""A validator for onex lint: no print in the modules of a library.

It speaks the protocol of docs/plugins.md: lines of JSON on standard input and
output. Try it in any project:

    ONEX_PLUGIN_VALIDATOR_HOUSE=$PWD/no_print.py onex lint
"""

import ast
import json
import sys

RULE = {
    "type": "rule",
    "id": "HOUSE001",
    "name": "no-print",
    "level": "warning",
    "files": ["*.py"],
    "short": "print in a module that is no script",
    "why": "A library's output mixes with that of the program which uses it; it logs instead.",
    "bad": "def load(name):\n    print('loading', name)",
    "good": "def load(name):\n    log.info('loading %s', name)",
}


def say(**line: object) -> None:
    print(json.dumps(line))


def check(path: str) -> None:
    with open(path, "rb") as file:
        source = file.read()
    if source.startswith(b"#!"):
        return
    try:
        tree = ast.parse(source)
    except SyntaxError:
        return
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "print":
            say(type="finding", rule=RULE["id"], path=path, line=node.lineno, column=node.col_offset + 1,
                message="print in a library; log it")


def main() -> None:
    request = json.loads(sys.stdin.readline())
    if request["request"] == "describe":
        say(**RULE)
    else:
        for line in sys.stdin:
            check(json.loads(line)["path"])
    say(type="done")


if __name__ == "__main__":
    main()
