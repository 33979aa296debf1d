"""Reads names of Rust files, one a line, and prints which functions with a body
rustc's parser finds in each: {"path", "functions": [[name, line]]}, or null
where it reports an error. It reads rustc's own print of the syntax tree, so it
needs a nightly rustc, and is slow."""

import json
import re
import subprocess
import sys

START = re.compile(r"^( *)kind: Fn\($")
SPAN = re.compile(r"span: .*?:(\d+):\d+: \d+:\d+ ")


def functions(lines):
    found, open_ = [], []
    for line in lines:
        indent = len(line) - len(line.lstrip(" "))
        while open_ and indent <= open_[-1]["indent"] and line.strip():
            done = open_.pop()
            if done["body"]:
                found.append([done["name"], done["line"]])
        text = line.strip()
        if open_:
            top = open_[-1]
            if indent == top["indent"] + 8 and text.startswith("ident: "):
                top["name"] = text[7:].split("#")[0] if not text[7:].startswith("r#") else text[7:].rsplit("#", 1)[0]
            elif indent == top["indent"] + 8 and text.startswith("body: "):
                top["body"] = text.startswith("body: Some")
            elif indent == top["indent"] + 8:
                top["field"] = text
            elif indent == top["indent"] + 12 and top.get("field", "").startswith("generics") and text.startswith("span: "):
                top["line"] = int(SPAN.search(text).group(1))
        if START.match(line):
            open_.append({"indent": indent, "name": "", "line": 0, "body": False})
    return found


for path in sys.stdin:
    path = path.strip()
    run = subprocess.run(
        ["rustc", "+nightly", "-Zunpretty=ast-tree", "--edition=2021", "--crate-type=lib", path],
        capture_output=True, text=True,
    )
    print(json.dumps({"path": path, "functions": functions(run.stdout.splitlines()) if run.returncode == 0 else None}))
