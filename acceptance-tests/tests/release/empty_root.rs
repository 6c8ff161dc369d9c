//! The binary, and a Terraform, where there is nothing else but the authorities, `resolv.conf` and random bytes: a root and a network of
//! their own.
//! What it needs of a system beside that would be missing in somebody's image.

use std::fs;
use std::net::UdpSocket;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Command, Output};

use acceptance_tests::Testbed;
use acceptance_tests::web::{Reply, Web};
use serde_json::json;

use crate::set::{Set, run, scripts, succeeds};

/// Set in the process that is inside the network of its own: where the static binary is.
const INSIDE: &str = "TAZLAB_TEST_EMPTY_ROOT";
const HOST: &str = "vault.empty-root.test";

#[test]
fn it_resolves_trusts_and_answers_where_there_is_nothing_else() {
    if let Some(program) = std::env::var_os(INSIDE) {
        return inside(Path::new(&program));
    }
    // Port 53 and the root are had without being anybody outside.
    let mut again = Command::new("unshare");
    again
        .args(["--user", "--map-root-user", "--net", "--mount", "--kill-child", "--"])
        .arg(std::env::current_exe().unwrap());
    again.args(["--exact", "empty_root::it_resolves_trusts_and_answers_where_there_is_nothing_else", "--nocapture"]);
    succeeds(again.env(INSIDE, Set::get().program()));
}

#[test]
fn a_real_terraform_calls_a_function_of_it() {
    let program = Set::get().program();
    let runs =
        |program: &Path| run(Command::new(scripts().join("runs")).arg(program).env("TERRAFORM", Testbed::terraform()));
    let ran = runs(&program);
    assert!(ran.status.success(), "{}", String::from_utf8_lossy(&ran.stderr));
    // The control: a program that is no provider.
    let other = runs(Path::new("/bin/true"));
    assert!(!other.status.success(), "{}", String::from_utf8_lossy(&other.stdout));
}

fn inside(program: &Path) {
    succeeds(Command::new("ip").args(["link", "set", "lo", "up"]));
    let server = UdpSocket::bind("127.0.0.1:53").unwrap();
    std::thread::spawn(move || name_server(&server));
    let vault = Web::tls_as("127.0.0.1", &[HOST], |heard| match heard.line().as_str() {
        "GET /v1/secret/data/zero" => Reply::json(&json!({"data": {"data": {"key": "v"}, "metadata": {"version": 1}}})),
        _ => Reply::of(404, "{\"errors\": []}"),
    });

    let root = tempfile::tempdir().unwrap();
    let place = |name: &str| root.path().join(name);
    for folder in ["dev", "etc/ssl/certs", "provider", "tmp", "work"] {
        fs::create_dir_all(place(folder)).unwrap();
    }
    // Every container has these: with glibc in it, the program reads them.
    for device in ["dev/random", "dev/urandom"] {
        fs::write(place(device), "").unwrap();
        succeeds(Command::new("mount").arg("--bind").args([&Path::new("/").join(device), &place(device)]));
    }
    for (from, to) in [(program, "provider/terraform-provider-tazlab"), (&Testbed::terraform(), "terraform")] {
        fs::copy(from, place(to)).unwrap();
        fs::set_permissions(place(to), fs::Permissions::from_mode(0o755)).unwrap();
    }
    let settings = "disable_checkpoint = true\nprovider_installation {\n  dev_overrides { \"tazlab/tazlab\" = \"/provider\" }\n}\n";
    fs::write(place("terraform.rc"), settings).unwrap();
    fs::write(place("etc/resolv.conf"), "nameserver 127.0.0.1\noptions timeout:1 attempts:1\n").unwrap();
    let authorities = place("etc/ssl/certs/ca-certificates.crt");
    fs::write(&authorities, vault.authority().unwrap()).unwrap();
    let port = vault.address().split_once(':').unwrap().1.to_owned();
    let plan = |host: &str| -> (bool, String) {
        fs::write(place("work/main.tf"), configuration(host, &port)).unwrap();
        let Output { status, stdout, stderr } = run(Command::new("chroot")
            .arg(root.path())
            .args(["/terraform", "-chdir=/work", "plan", "-no-color"])
            .env_clear()
            // For chroot itself.
            .env("PATH", "/usr/sbin:/usr/bin:/sbin:/bin")
            .env("HOME", "/work")
            .env("TF_CLI_CONFIG_FILE", "/terraform.rc"));
        (status.success(), format!("{}{}", String::from_utf8_lossy(&stdout), String::from_utf8_lossy(&stderr)))
    };

    let (planned, said) = plan(HOST);
    assert!(planned && said.contains("lushycorp-k8s") && said.contains("1 to add"), "{said}");
    assert_eq!(vault.lines().iter().filter(|line| line.contains("/data/zero")).count(), 1, "{:?}", vault.lines());
    // The controls: a name that there is not, and an authority that is not there.
    let (planned, said) = plan("nobody.empty-root.test");
    assert!(!planned && said.contains("the name does not exist"), "{said}");
    fs::write(&authorities, "").unwrap();
    let (planned, said) = plan(HOST);
    assert!(!planned && said.contains("certificate"), "{said}");
}

/// A plan that calls a function, and reads a source over TLS from a host by its name.
fn configuration(host: &str, port: &str) -> String {
    format!(
        r#"
terraform {{
  required_providers {{
    tazlab = {{ source = "tazlab/tazlab" }}
  }}
}}
provider "tazlab" {{
  kubernetes = {{ host = "https://127.0.0.1:1", token = "x" }}
  vault      = {{ address = "https://{host}:{port}", token = "x" }}
}}
resource "tazlab_bootstrap_secret" "zero" {{
  namespace = "a"
  name      = "zero"
  vault     = {{ key = {{ mount = "secret", path = "zero", field = "key" }} }}
}}
output "name" {{
  value = provider::tazlab::tailnet_canonical_name("lushycorp-k8s-2")
}}
"#
    )
}

/// Answers for the one name that there is, RFC 1035: 4.1.
fn name_server(socket: &UdpSocket) {
    const HEADER: usize = 12;
    let name: Vec<u8> =
        HOST.split('.').flat_map(|label| [&[u8::try_from(label.len()).unwrap()], label.as_bytes()].concat()).collect();
    let mut buffer = [0; 1500];
    while let Ok((length, from)) = socket.recv_from(&mut buffer) {
        let query = &buffer[..length];
        // The name, its final zero, type and class.
        let end = HEADER + query[HEADER..].iter().position(|byte| *byte == 0).unwrap() + 5;
        let (exists, is_a) = (query[HEADER..end].starts_with(&name), query[end - 3] == 1);
        // A response to a recursive query; NXDOMAIN for other names; an address where it is asked for.
        let (code, answers) = (if exists { 0x80 } else { 0x83 }, u8::from(exists && is_a));
        let mut answer = [&query[..2], &[0x81, code, 0, 1, 0, answers, 0, 0, 0, 0], &query[HEADER..end]].concat();
        if answers == 1 {
            // The same name, A, IN, a minute.
            answer.extend([0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4, 127, 0, 0, 1]);
        }
        socket.send_to(&answer, from).unwrap();
    }
}
