//! Programs whose work a test does itself: each hands its operation to the test, by HTTP on 127.0.0.1, and prints the answer.

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use serde_json::Value;

/// Does an operation (`create`, `read`, `update`, `delete`) of a type with the program's input; answers what the program prints,
/// if anything.
type Work = dyn Fn(&str, &str, &Value) -> Answer + Send + Sync;

/// What was done, or why not.
pub type Answer = Result<Option<Value>, String>;

/// A program for each of some types. They end with their value.
#[derive(Debug)]
pub struct Programs {
    folder: tempfile::TempDir,
    address: SocketAddr,
    closed: Arc<AtomicBool>,
}

impl Programs {
    /// Programs of `types`, whose work `work` does: several at a time, as Terraform asks for them.
    ///
    /// # Panics
    /// When they cannot be written.
    #[must_use]
    pub fn of(types: &[&str], work: impl Fn(&str, &str, &Value) -> Answer + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let (address, closed) = (listener.local_addr().unwrap(), Arc::<AtomicBool>::default());
        let (ended, work): (_, Arc<Work>) = (Arc::clone(&closed), Arc::new(work));
        std::thread::spawn(move || {
            for client in listener.incoming().flatten() {
                if ended.load(Ordering::SeqCst) {
                    break;
                }
                let work = Arc::clone(&work);
                std::thread::spawn(move || answer(&client, &*work));
            }
        });
        let folder = tempfile::tempdir().unwrap();
        for name in types {
            let path = folder.path().join(name);
            fs::write(&path, program(&format!("http://{address}/{name}"))).unwrap();
            fs::set_permissions(&path, fs::Permissions::from_mode(0o700)).unwrap();
        }
        Self { folder, address, closed }
    }

    /// Where they are, for [`super::PROGRAMS`].
    #[must_use]
    pub fn path(&self) -> &Path {
        self.folder.path()
    }
}

impl Drop for Programs {
    fn drop(&mut self) {
        self.closed.store(true, Ordering::SeqCst);
        // Wakes the thread that waits for connections.
        drop(TcpStream::connect(self.address));
    }
}

/// Whatever the test does not answer with success is the program's failure, in the answer's words.
fn program(url: &str) -> String {
    format!(
        "#!/usr/bin/env bash\n\
         answer=$(curl -s -H Expect: --data-binary @- -w '\\n%{{http_code}}' \"{url}/$1\")\n\
         case $answer in *$'\\n'200) printf %s \"${{answer%$'\\n'*}}\" ;; *) printf '%s\\n' \"${{answer%$'\\n'*}}\" >&2; exit 1 ;; esac\n"
    )
}

fn answer(mut client: &TcpStream, work: &Work) {
    let mut reader = BufReader::new(client);
    let mut head = Vec::new();
    for line in reader.by_ref().lines().map_while(Result::ok) {
        if line.is_empty() {
            break;
        }
        head.push(line);
    }
    let length = head.iter().find_map(|line| line.to_lowercase().strip_prefix("content-length: ")?.parse().ok());
    let mut body = vec![0; length.unwrap_or_default()];
    let place = head.first().and_then(|line| line.split(' ').nth(1)).unwrap_or_default().to_owned();
    if reader.read_exact(&mut body).is_err() {
        return;
    }
    let (name, operation) = place.trim_start_matches('/').split_once('/').unwrap_or_default();
    let input = serde_json::from_slice(&body).unwrap_or_default();
    let done = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| work(name, operation, &input)));
    let (code, told) = match done.unwrap_or_else(|_| Err(format!("{operation} panicked in the test"))) {
        Ok(answer) => ("200 OK", answer.map(|answer| answer.to_string()).unwrap_or_default()),
        Err(reason) => ("500 Failed", reason.replace('\n', " ")),
    };
    let head = format!("HTTP/1.1 {code}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n", told.len());
    // Who does not wait for the answer does not need it.
    drop(client.write_all((head + &told).as_bytes()));
}
