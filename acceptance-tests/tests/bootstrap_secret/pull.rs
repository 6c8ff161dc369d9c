//! A real kubelet pulls with the Secret from a real registry that asks for a password. Both are on one node: kubelets speak plain HTTP
//! to their own loopback only.

use std::io::Write;
use std::process::{Output, Stdio};
use std::time::Duration;

use acceptance_tests::{kubectl, node, poll, programs};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::*;

const REGISTRY: &str = "127.0.0.1:5039";
const FOLDER: &str = "/root/tazlab-registry";

/// The registry in a node. It goes at the end.
struct Registry(String);

impl Registry {
    fn start(user: &str, password: &str) -> Self {
        let nodes = kubectl::object(&["nodes"]).unwrap();
        let names: Vec<&str> =
            nodes["items"].as_array().unwrap().iter().map(|node| node["metadata"]["name"].as_str().unwrap()).collect();
        let worker = names.iter().find(|name| !name.ends_with("control-plane")).unwrap_or(&names[0]);
        let registry = Self((*worker).to_owned());
        let programs = programs::program("registry");
        let mut htpasswd = std::process::Command::new(programs.join("htpasswd"))
            .arg(user)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        htpasswd.stdin.take().unwrap().write_all(password.as_bytes()).unwrap();
        let line = String::from_utf8(htpasswd.wait_with_output().unwrap().stdout).unwrap();
        let folder = tempfile::tempdir().unwrap();
        std::fs::copy(programs.join("registry"), folder.path().join("registry")).unwrap();
        std::fs::write(folder.path().join("htpasswd"), line).unwrap();
        let settings = json!({
            "version": "0.1", "log": {"level": "warn"}, "storage": {"filesystem": {"rootdirectory": format!("{FOLDER}/data")}},
            "http": {"addr": REGISTRY}, "auth": {"htpasswd": {"realm": "tazlab", "path": format!("{FOLDER}/htpasswd")}},
        });
        std::fs::write(folder.path().join("config.yml"), settings.to_string()).unwrap();
        registry.stop();
        let copied =
            node::engine(&["cp", folder.path().to_str().unwrap(), &format!("{}:{FOLDER}", registry.0)]).output();
        assert!(copied.unwrap().status.success());
        let serve =
            format!("echo $$ >{FOLDER}/pid; exec {FOLDER}/registry serve {FOLDER}/config.yml >{FOLDER}/log 2>&1");
        assert!(node::engine(&["exec", "-d", &registry.0, "sh", "-c", &serve]).status().unwrap().success());
        poll::until(Duration::from_mins(1), "registry", || {
            // It answers, and asks who we are.
            let asked = registry.run(&format!("curl -s -o /dev/null -w %{{http_code}} http://{REGISTRY}/v2/"));
            (String::from_utf8_lossy(&asked.stdout) == "401").then_some(())
        });
        registry
    }

    fn run(&self, script: &str) -> Output {
        node::engine(&["exec", &self.0, "sh", "-c", script]).output().unwrap()
    }

    /// Puts an image into it that is made of one of the node's, and is not on the node.
    fn receive(&self, image: &str, from: &str, login: &str) {
        let exported = self.run(&format!("ctr -n k8s.io images export --skip-manifest-json - {from}"));
        assert!(exported.status.success(), "{}", String::from_utf8_lossy(&exported.stderr));
        let archive = another_image(&exported.stdout, image);
        let place = format!("{}:{FOLDER}/image.tar", self.0);
        assert!(node::engine(&["cp", archive.path().to_str().unwrap(), &place]).status().unwrap().success());
        let script = format!(
            "set -e; ctr -n k8s.io images import {FOLDER}/image.tar; ctr -n k8s.io images push --plain-http --user {login} {image}; ctr -n k8s.io images rm {image}"
        );
        let pushed = self.run(&script);
        assert!(pushed.status.success(), "{}", String::from_utf8_lossy(&pushed.stderr));
    }

    fn stop(&self) {
        drop(self.run(&format!("kill $(cat {FOLDER}/pid); rm -rf {FOLDER}")));
    }
}

impl Drop for Registry {
    fn drop(&mut self) {
        // The kubelet's names of what it pulled.
        drop(self.run(&format!("ctr -n k8s.io images ls -q | grep ^{REGISTRY}/ | xargs -r ctr -n k8s.io images rm")));
        self.stop();
    }
}

/// An archive with an image that does the same and is another one. A kubelet remembers with which Secret it pulled an image, by what
/// is in it, whatever its name: a pull of the node's own image would keep that one from all pods without the Secret.
fn another_image(archive: &[u8], name: &str) -> tempfile::NamedTempFile {
    let folder = tempfile::tempdir().unwrap();
    let at = |digest: &Value| folder.path().join("blobs").join(digest.as_str().unwrap().replace(':', "/"));
    let read = |path: &std::path::Path| serde_json::from_slice::<Value>(&std::fs::read(path).unwrap()).unwrap();
    let write = |blob: &Value| {
        let bytes = blob.to_string().into_bytes();
        let digest = Sha256::digest(&bytes).iter().fold("sha256:".to_owned(), |text, byte| format!("{text}{byte:02x}"));
        std::fs::write(at(&json!(digest)), &bytes).unwrap();
        (digest, bytes.len())
    };
    let unpacked = folder.path().to_str().unwrap();
    let mut tar = std::process::Command::new("tar").args(["-x", "-C", unpacked]).stdin(Stdio::piped()).spawn().unwrap();
    tar.stdin.take().unwrap().write_all(archive).unwrap();
    assert!(tar.wait().unwrap().success());

    let mut index = read(&folder.path().join("index.json"));
    let mut manifest = read(&at(&index["manifests"][0]["digest"]));
    let mut config = read(&at(&manifest["config"]["digest"]));
    config["config"]["Labels"] = json!({"name": name});
    let (digest, size) = write(&config);
    (manifest["config"]["digest"], manifest["config"]["size"]) = (json!(digest), json!(size));
    let (digest, size) = write(&manifest);
    let media_type = index["manifests"][0]["mediaType"].clone();
    index["manifests"] = json!([{"mediaType": media_type, "digest": digest, "size": size,
        "annotations": {"io.containerd.image.name": name}}]);
    std::fs::write(folder.path().join("index.json"), index.to_string()).unwrap();
    let packed = tempfile::NamedTempFile::new().unwrap();
    let path = packed.path().to_str().unwrap();
    assert!(
        std::process::Command::new("tar").args(["-c", "-f", path, "-C", unpacked, "."]).status().unwrap().success()
    );
    packed
}

#[test]
fn a_kubelet_pulls_with_it_what_only_a_password_gives() {
    let (namespace, workspace) = (Namespace::made("pull"), Workspace::new());
    let (file, password) = workspace.secret_file("registry");
    let registry = Registry::start("puller", &password);
    let image = format!("{REGISTRY}/private/pause:{}", namespace.name());
    registry.receive(&image, &kubectl::pause_image(), &format!("puller:{password}"));
    workspace.plant(&password);

    let pod = |name: &str, secrets: Value| {
        json!({"apiVersion": "v1", "kind": "Pod", "metadata": {"namespace": namespace.name(), "name": name}, "spec": {
            "nodeName": registry.0, "terminationGracePeriodSeconds": 0, "imagePullSecrets": secrets,
            "containers": [{"name": "pause", "image": image, "imagePullPolicy": "Always"}]}})
    };
    let waits = |name: &str| {
        let pod = kubectl::object(&["pod", name, "-n", namespace.name()])?;
        Some(pod["status"]["containerStatuses"][0].clone())
    };
    // The control: without a login the registry gives nothing.
    kubectl::apply_as("tazlab-test", &pod("without", json!([])));
    poll::until(Duration::from_mins(2), "refused pull", || {
        let status = waits("without")?;
        ["ErrImagePull", "ImagePullBackOff"].contains(&status["state"]["waiting"]["reason"].as_str()?).then_some(())
    });

    workspace.hcl(&format!(
        "resource \"tazlab_bootstrap_secret\" \"one\" {{\n  namespace = \"{}\"\n  name = \"one\"\n  docker_registries = {{ \"{REGISTRY}\" = {{ username = \"puller\", password_file = \"{file}\" }} }}\n}}\n",
        namespace.name()
    ));
    workspace.apply().succeeds();
    kubectl::apply_as("tazlab-test", &pod("with", json!([{"name": "one"}])));
    poll::until(Duration::from_mins(2), "pulled image", || {
        waits("with")?["state"]["running"].is_object().then_some(())
    });
    let found: Value = serde_json::from_slice(&namespace.contents("one")[".dockerconfigjson"]).unwrap();
    workspace.plant(found["auths"][REGISTRY]["auth"].as_str().unwrap());
    workspace.destroy().succeeds();
}
