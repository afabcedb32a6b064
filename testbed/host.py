#!/usr/bin/env python3
"""Runs one actor in many namespaces, and imports what it needs only once: sixty interpreters that each import their
stack would keep two processors busy for minutes. Every device still has a process, sockets and a namespace of its own.

usage: host.py ACTOR.py ROWS     ROWS: [[namespace, settings], ...] as JSON

It imports what the actor imports at its top level, forks for each row, enters the namespace and runs the actor.
"""

import ast
import ctypes
import json
import os
import pathlib
import runpy
import sys
import traceback

NEW_NETWORK = 0x40000000  # CLONE_NEWNET


def import_for(file):
    """What the actor imports at its top level, not what it imports where its settings ask for it."""
    sys.path[:0] = [str(file.parent), str(file.parent.parent)]
    for node in ast.parse(file.read_text()).body:
        if isinstance(node, (ast.Import, ast.ImportFrom)):
            exec(compile(ast.Module([node], []), str(file), "exec"), {})


def enter(namespace):
    with open(f"/var/run/netns/{namespace}") as file:
        if ctypes.CDLL(None, use_errno=True).setns(file.fileno(), NEW_NETWORK) != 0:
            raise OSError(ctypes.get_errno(), f"cannot enter {namespace}")


def main():
    file, rows = pathlib.Path(sys.argv[1]), json.loads(sys.argv[2])
    import_for(file)
    children = []
    for namespace, settings in rows:
        if child := os.fork():
            children.append(child)
            continue
        try:
            enter(namespace)
            sys.argv = [str(file), json.dumps(settings)]
            runpy.run_path(str(file), run_name="__main__")
        except BaseException:  # What ends one actor is told, and ends no other.
            print(f"{namespace} {file.stem}:", file=sys.stderr)
            traceback.print_exc()
        os._exit(0)
    for child in children:
        os.waitpid(child, 0)


main()
