#!/usr/bin/env python3
"""images.py OUT HYPERKUBE COREDNS PAUSE BASE_TAR: one OCI archive with every image whose name stands on standard input, a line each.

Under their upstream names, so that nothing in the cluster knows that they were made here.
"""
import hashlib
import io
import json
import os
import sys
import tarfile


class Archive:
    """The blobs of an OCI image layout, and the images that name them."""

    def __init__(self):
        self.blobs, self.images = {}, []

    def put(self, data):
        digest = hashlib.sha256(data).hexdigest()
        self.blobs[digest] = data
        return {"digest": f"sha256:{digest}", "size": len(data)}

    def image(self, name, layers, entrypoint=None):
        config = {"Env": ["PATH=/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"]}
        if entrypoint:
            config["Entrypoint"] = [entrypoint]
        parts = [self.put(layer) for layer in layers]
        configured = self.put(json.dumps({
            "architecture": "amd64", "os": "linux", "config": config,
            "rootfs": {"type": "layers", "diff_ids": [part["digest"] for part in parts]}}).encode())
        kind = "application/vnd.oci.image"
        manifest = self.put(json.dumps({
            "schemaVersion": 2, "mediaType": f"{kind}.manifest.v1+json",
            "config": {"mediaType": f"{kind}.config.v1+json", **configured},
            "layers": [{"mediaType": f"{kind}.layer.v1.tar", **part} for part in parts]}).encode())
        self.images.append({"mediaType": f"{kind}.manifest.v1+json", **manifest,
                            "annotations": {"io.containerd.image.name": name}})

    def write(self, out):
        files = {"oci-layout": b'{"imageLayoutVersion":"1.0.0"}',
                 "index.json": json.dumps({"schemaVersion": 2, "manifests": self.images}).encode()}
        files |= {f"blobs/sha256/{digest}": data for digest, data in self.blobs.items()}
        with tarfile.open(out, "w") as tar:
            for name, data in files.items():
                entry = tarfile.TarInfo(name)
                entry.size = len(data)
                tar.addfile(entry, io.BytesIO(data))


def layer(program, path, links=()):
    """A layer with one program and symbolic links to it in the same folder."""
    buffer, folder = io.BytesIO(), ""
    with tarfile.open(fileobj=buffer, mode="w") as tar:
        for part in path.split("/")[:-1]:
            folder = f"{folder}{part}/"
            entry = tarfile.TarInfo(folder)
            entry.type, entry.mode = tarfile.DIRTYPE, 0o755
            tar.addfile(entry)
        entry = tarfile.TarInfo(path)
        entry.size, entry.mode = os.path.getsize(program), 0o755
        with open(program, "rb") as file:
            tar.addfile(entry, file)
        for name in links:
            entry = tarfile.TarInfo(f"{folder}{name}")
            entry.type, entry.linkname = tarfile.SYMTYPE, path.split("/")[-1]
            tar.addfile(entry)
    return buffer.getvalue()


def main(out, hyperkube, coredns, pause, base):
    made = Archive()
    parts = ["kube-apiserver", "kube-controller-manager", "kube-scheduler"]
    kubernetes = layer(hyperkube, "usr/local/bin/hyperkube", [*parts, "kube-proxy", "etcd"])
    with open(base, "rb") as file:
        tools = file.read()  # kube-proxy runs nft, conntrack and their libraries
    contents = dict.fromkeys([*parts, "etcd"], ([kubernetes], None))
    contents["kube-proxy"] = [tools, kubernetes], None
    contents["pause"] = [layer(pause, "pause")], "/pause"
    contents["coredns"] = [layer(coredns, "coredns")], "/coredns"
    for name in sys.stdin.read().split():
        layers, entrypoint = contents[name.rsplit("/", 1)[1].split(":")[0]]
        made.image(name, layers, entrypoint)
    made.write(out)


main(*sys.argv[1:])
