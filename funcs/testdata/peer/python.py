"""Reads names of Python files, one a line, and prints what CPython's parser
finds in each: {"path", "functions": [[qualified name, line, [parameters]]]}, or null for functions where the file is no Python 3."""

import ast
import json
import sys
import warnings

warnings.simplefilter("ignore")


def functions(node, owner, scope, found):
    for child in ast.iter_child_nodes(node):
        inner, inside = scope, owner
        if isinstance(child, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            inner, inside = scope + [child.name], child
        if isinstance(child, (ast.FunctionDef, ast.AsyncFunctionDef)):
            found.append([".".join(inner), child.lineno, parameters(child.args, owner)])
        functions(child, inside, inner, found)
    return found


def parameters(args, outer):
    names = [a.arg for a in args.posonlyargs + args.args]
    if isinstance(outer, ast.ClassDef) and names and names[0] in ("self", "cls", "mcs"):
        names = names[1:]
    if args.vararg:
        names.append("*" + args.vararg.arg)
    names += [a.arg for a in args.kwonlyargs]
    if args.kwarg:
        names.append("**" + args.kwarg.arg)
    return names


sys.setrecursionlimit(100000)
for path in sys.stdin:
    path = path.strip()
    try:
        found = functions(ast.parse(open(path, "rb").read()), None, [], [])
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        found = None
    print(json.dumps({"path": path, "functions": found}))
