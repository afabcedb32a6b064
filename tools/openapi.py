#!/usr/bin/env python3
"""Puts all <area>/api.yaml together into one OpenAPI document and checks the habits of the contract.

usage: openapi.py OUT.json [--source OUT.cpp]     the second is the same document, for the program to carry

Adds to each operation the answers that the server can always give. Complains about an operation without
operationId or x-right, an object that lets unknown members in, and text, lists and numbers without a bound:
schemathesis and the server's own check can only tell what the contract says.
"""

import json
import pathlib
import re
import sys

import yaml

AREAS = ("spine/api", "see", "segment", "watch", "guard", "respond", "govern")
METHODS = ("get", "put", "post", "patch", "delete")
KEYWORDS = {"$ref", "type", "enum", "pattern", "format", "description", "default", "minLength", "maxLength", "minimum", "maximum",
            "minItems", "maxItems", "uniqueItems", "items", "required", "properties", "additionalProperties", "minProperties",
            "oneOf", "contentMediaType"}
PROBLEM = {"$ref": "#/components/responses/Problem"}


def together(root):
    document, wrong = {}, []
    for area in AREAS:
        file = root / area / "api.yaml"
        if not file.is_file():
            continue
        part = yaml.safe_load(file.read_text())
        if not document:
            document = part
            continue
        document["tags"] += part.get("tags", [])
        for kind, mine in [("paths", document["paths"])] + list(document["components"].items()):
            theirs = part.get("paths" if kind == "paths" else "components", {})
            theirs = theirs if kind == "paths" else theirs.get(kind, {})
            wrong += [f"{file}: {name} is already told elsewhere" for name in mine.keys() & theirs.keys()]
            mine |= theirs
    return document, wrong


def add_answers(path, method, operation):
    """What any request can meet, so that nobody writes it down forty times."""
    answers = operation["responses"]
    always = ["400", "405", "406", "408", "429", "431", "500", "503"]
    if operation.get("x-right") == "none":
        operation["security"] = []  # Nobody is asked who they are.
    else:
        always += ["401", "403"]
    if "{" in path:
        always += ["404"]
    if "requestBody" in operation:
        always += ["411", "413", "415"]
    for status in always:
        answers.setdefault(status, PROBLEM)
    operation["responses"] = dict(sorted(answers.items()))


def bounds(where, schema):
    for name in schema.keys() - KEYWORDS:
        yield f"{where}: what is {name!r}? Text with a comma needs quotes in {{...}}"
    kinds = schema.get("type", [])
    kinds = kinds if isinstance(kinds, list) else [kinds]
    if "string" in kinds and not {"enum", "maxLength", "contentMediaType"} & schema.keys():
        yield f"{where}: text needs maxLength or enum"
    if "array" in kinds and "maxItems" not in schema:
        yield f"{where}: a list needs maxItems"
    if {"integer", "number"} & set(kinds) and not {"minimum", "maximum"} <= schema.keys():
        yield f"{where}: a number needs minimum and maximum"
    if "object" in kinds and schema.get("additionalProperties") is not False:
        yield f"{where}: an object needs additionalProperties: false"
    for name in schema.get("required", []):
        if name not in schema.get("properties", {}):
            yield f"{where}: {name} is required but not described"
    for name, one in schema.get("properties", {}).items():
        yield from bounds(f"{where}.{name}", one)
    if "items" in schema:
        yield from bounds(f"{where}[]", schema["items"])
    for i, one in enumerate(schema.get("oneOf", [])):
        yield from bounds(f"{where}|{i}", one)


def references(node):
    if isinstance(node, dict):
        if "$ref" in node:
            yield node["$ref"]
        for one in node.values():
            yield from references(one)
    elif isinstance(node, list):
        for one in node:
            yield from references(one)


def complaints(document):
    seen, parts = set(), document["components"]
    for path, item in document["paths"].items():
        for method in METHODS:
            if not (operation := item.get(method)):
                continue
            where = f"{method.upper()} {path}"
            name = operation.get("operationId", "")
            if not re.fullmatch(r"[a-z][A-Za-z]+", name) or name in seen:
                yield f"{where}: needs an operationId of its own"
            seen.add(name)
            if not re.fullmatch(r"none|self|[a-z]+\.[a-z]+", operation.get("x-right", "")):
                yield f"{where}: needs x-right: none, self, or a right such as device.look"
            if not operation.get("summary"):
                yield f"{where}: needs a summary"
            for parameter in operation.get("parameters", []) + item.get("parameters", []):
                if "schema" in parameter:
                    yield from bounds(f"{where} {parameter['name']}", parameter["schema"])
    for name, schema in parts["schemas"].items():
        yield from bounds(name, schema)
    for name, parameter in parts["parameters"].items():
        yield from bounds(name, parameter["schema"])
    used = set(references(document))
    for target in sorted(used):
        node = document
        for step in target.removeprefix("#/").split("/"):
            node = node.get(step) if isinstance(node, dict) else None
        if node is None:
            yield f"{target} is described nowhere"
    for name in parts["schemas"]:
        if f"#/components/schemas/{name}" not in used and name != "Event":
            yield f"{name} is used nowhere"


def write_source(document, out):
    """As string literals of a length that every compiler takes."""
    text = json.dumps(document, ensure_ascii=False, separators=(",", ":"))
    pieces = "\n".join(f'    R"~~({text[i:i + 8000]})~~"' for i in range(0, len(text), 8000))
    out.write_text(f"""// Generated from api.yaml of every area. Do not edit.
#include "spine/api/contract.h"

namespace yagura::api {{
std::string_view document() noexcept {{
    return
{pieces};
}}
}} // namespace yagura::api
""")


def main():
    if len(sys.argv) not in (2, 4) or sys.argv[2:3] not in ([], ["--source"]):
        sys.exit(__doc__)
    document, wrong = together(pathlib.Path(__file__).resolve().parent.parent)
    wrong += complaints(document)
    for path, item in document["paths"].items():
        for method in METHODS:
            if method in item:
                add_answers(path, method, item[method])
    if wrong:
        sys.exit("\n".join(wrong))
    out = pathlib.Path(sys.argv[1])
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_text(json.dumps(document, ensure_ascii=False, indent=1) + "\n")
    if len(sys.argv) == 4:
        write_source(document, pathlib.Path(sys.argv[3]))
    print(f"openapi: {sum(m in i for i in document['paths'].values() for m in METHODS)} operations -> {out}")


if __name__ == "__main__":
    main()
