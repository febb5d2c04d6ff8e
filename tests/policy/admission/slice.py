"""Cuts `kubernetes.json` out of the schemas that Kubernetes publishes of its objects.

Run it on a folder of the unpacked PyPI package `kubernetes-validate`:
`python slice.py …/kubernetes_validate/kubernetes-json-schema/v1.37.0-local-strict`. It drops prose and what no listed
kind reaches. It must not change a schema that it keeps.
"""

import json
import sys
from pathlib import Path

KINDS = {
    "admissionregistration-v1": ("ValidatingAdmissionPolicy", "ValidatingAdmissionPolicyBinding"),
    "apps-v1": ("DaemonSet", "Deployment", "ReplicaSet", "StatefulSet"),
    "batch-v1": ("CronJob", "Job"),
    "v1": ("Pod", "PodTemplate", "ReplicationController"),
}
DEFINITIONS = "/api/_definitions.json"  # what stands before `#/$defs/…` in a kind's own file


def main(folder: Path) -> None:
    definitions = json.loads((folder / "_definitions.json").read_text())["$defs"]
    kept: dict[str, object] = {}
    for version, kinds in KINDS.items():
        for kind in kinds:
            schema = json.loads((folder / f"{kind.lower()}-{version}.json").read_text())
            kept[kind] = without_prose({**schema, "$schema": None, "$id": None})
    waiting = list(kept.values())
    while waiting:
        for name in references(waiting.pop()):
            if name not in kept:
                kept[name] = without_prose(definitions[name])
                waiting.append(kept[name])
    text = json.dumps({"$defs": dict(sorted(kept.items()))}, separators=(",", ":"))
    (Path(__file__).parent / "kubernetes.json").write_text(text.replace(DEFINITIONS, "") + "\n")


def without_prose(schema: object) -> object:
    if isinstance(schema, list):
        return [without_prose(one) for one in schema]
    if not isinstance(schema, dict):
        return schema
    kept = {key: value for key, value in schema.items() if not key.startswith("x-kubernetes") and value is not None}
    return {key: without_prose(one) for key, one in kept.items() if key != "description" or isinstance(one, dict)}


def references(schema: object) -> list[str]:
    if isinstance(schema, list):
        return [name for one in schema for name in references(one)]
    if not isinstance(schema, dict):
        return []
    own = schema.get("$ref")
    here = [own.rpartition("/")[2]] if isinstance(own, str) else []
    return here + [name for one in schema.values() for name in references(one)]


if __name__ == "__main__":
    main(Path(sys.argv[1]))
