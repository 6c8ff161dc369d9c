#!/usr/bin/env python3
"""image.py OUT VERSION BUSYBOX PROGRAM…: an OCI archive with the images of the operator and of its proxies; prints their tag.

Both are one layer, with a shell for the container that sets the proxy's pod up. The tag changes with what is in the layer.
"""
import hashlib
import io
import json
import os
import sys
import tarfile

COMMANDS = ("sh", "sysctl")
ENTRYPOINTS = {"operator": "k8s-operator", "proxy": "containerboot"}
KIND = "application/vnd.oci.image"


def layer(programs, links):
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as tar:
        for folder in ("bin", "tmp", "var", "var/run", "usr", "usr/local", "usr/local/bin", "etc"):
            entry = tarfile.TarInfo(folder)
            entry.type, entry.mode = tarfile.DIRTYPE, 0o1777 if folder == "tmp" else 0o755
            tar.addfile(entry)
        for path, source in programs.items():
            entry = tarfile.TarInfo(path)
            entry.size, entry.mode = os.path.getsize(source), 0o755
            with open(source, "rb") as file:
                tar.addfile(entry, file)
        for path, target in links.items():
            entry = tarfile.TarInfo(path)
            entry.type, entry.linkname = tarfile.SYMTYPE, target
            tar.addfile(entry)
    return buffer.getvalue()


def main(out, version, busybox, *programs):
    blobs, images = {}, []

    def put(data):
        digest = hashlib.sha256(data).hexdigest()
        blobs[digest] = data
        return {"digest": f"sha256:{digest}", "size": len(data)}

    files = {"bin/busybox": busybox} | {f"usr/local/bin/{os.path.basename(one)}": one for one in programs}
    part = put(layer(files, {f"bin/{one}": "busybox" for one in COMMANDS}))
    tag = f"{version}-{part['digest'].split(':')[1][:12]}"
    for name, entrypoint in ENTRYPOINTS.items():
        config = put(json.dumps({
            "architecture": "amd64", "os": "linux", "rootfs": {"type": "layers", "diff_ids": [part["digest"]]},
            "config": {"Env": ["PATH=/usr/local/bin:/bin"], "Entrypoint": [f"/usr/local/bin/{entrypoint}"]}}).encode())
        manifest = put(json.dumps({
            "schemaVersion": 2, "mediaType": f"{KIND}.manifest.v1+json", "config": {"mediaType": f"{KIND}.config.v1+json", **config},
            "layers": [{"mediaType": f"{KIND}.layer.v1.tar", **part}]}).encode())
        images.append({"mediaType": f"{KIND}.manifest.v1+json", **manifest,
                       "annotations": {"io.containerd.image.name": f"tailscale.test/{name}:{tag}"}})
    everything = {"oci-layout": b'{"imageLayoutVersion":"1.0.0"}',
                  "index.json": json.dumps({"schemaVersion": 2, "manifests": images}).encode()}
    everything |= {f"blobs/sha256/{digest}": data for digest, data in blobs.items()}
    with tarfile.open(out, "w") as tar:
        for name, data in everything.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(data)
            tar.addfile(entry, io.BytesIO(data))
    print(tag)


main(*sys.argv[1:])
