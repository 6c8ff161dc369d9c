//! An API server on 127.0.0.1 for tests that need no cluster: it keeps objects, speaks HTTP/1.1 without TLS, and can be made to
//! answer what no honest server would.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

use serde_json::{Value, json};

/// A request.
#[derive(Clone, Debug)]
pub struct Asked {
    /// `GET`
    pub method: String,
    /// The path with its query.
    pub path: String,
    /// The headers by their names in lower case.
    pub headers: BTreeMap<String, String>,
    /// The body.
    pub body: String,
}

impl Asked {
    /// Everything that came, as whoever echoes it repeats it.
    #[must_use]
    pub fn echo(&self) -> String {
        format!("{} {}\n{:?}\n\n{}", self.method, self.path, self.headers, self.body)
    }

    /// Is it this method, at a path that has `part`?
    #[must_use]
    pub fn is(&self, method: &str, part: &str) -> bool {
        self.method == method && self.path.contains(part)
    }
}

/// An answer that is not the honest one.
#[derive(Clone, Debug)]
pub enum Answer {
    /// A `Status` with this code and message.
    Status(u16, String),
    /// A body that is not JSON, as a proxy gives it.
    Plain(u16, String),
    /// JSON.
    Json(u16, Value),
    /// A success whose body begins so and has so many MiB more.
    Giant(&'static str, usize),
    /// The connection is closed.
    Hangup,
}

type Script = dyn Fn(&Asked) -> Option<Answer> + Send + Sync;

struct Shared {
    script: Mutex<Arc<Script>>,
    objects: Mutex<BTreeMap<String, Value>>,
    journal: Mutex<Vec<Asked>>,
}

/// A running API server. Its threads end with the test's process.
pub struct ApiServer {
    address: SocketAddr,
    shared: Arc<Shared>,
}

impl std::fmt::Debug for ApiServer {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_tuple("ApiServer").field(&self.address).finish()
    }
}

impl Default for ApiServer {
    fn default() -> Self {
        Self::start()
    }
}

impl ApiServer {
    /// An honest one at a free port.
    #[must_use]
    pub fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let honest: Arc<Script> = Arc::new(|_| None);
        let shared =
            Arc::new(Shared { script: Mutex::new(honest), objects: Mutex::default(), journal: Mutex::default() });
        let ours = Arc::clone(&shared);
        std::thread::spawn(move || {
            for client in listener.incoming().flatten() {
                let ours = Arc::clone(&ours);
                // An error is a client that hung up, or an answer that says to.
                std::thread::spawn(move || drop(serve(&client, &ours)));
            }
        });
        Self { address, shared }
    }

    /// `127.0.0.1:port`
    #[must_use]
    pub fn address(&self) -> String {
        self.address.to_string()
    }

    /// `http://127.0.0.1:port`
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// From now on `script` answers what it gives an answer for.
    pub fn answers(&self, script: impl Fn(&Asked) -> Option<Answer> + Send + Sync + 'static) {
        *self.shared.script.lock().unwrap() = Arc::new(script);
    }

    /// It is honest from now on.
    pub fn is_honest(&self) {
        self.answers(|_| None);
    }

    /// The requests so far; then the journal begins again.
    #[must_use]
    pub fn take_journal(&self) -> Vec<Asked> {
        std::mem::take(&mut *self.shared.journal.lock().unwrap())
    }

    /// The object at this path, `/api/v1/namespaces/x/secrets/y`.
    #[must_use]
    pub fn object(&self, path: &str) -> Option<Value> {
        self.shared.objects.lock().unwrap().get(path).cloned()
    }

    /// A kubeconfig with a user that has these fields, in YAML's flow form.
    #[must_use]
    pub fn kubeconfig(&self, server: &str, user: &str) -> String {
        format!(
            "apiVersion: v1\nkind: Config\nclusters:\n- name: c\n  cluster: {{server: \"{server}\"}}\nusers:\n- name: u\n  user: {user}\n\
             contexts:\n- name: x\n  context: {{cluster: c, user: u}}\ncurrent-context: x\n"
        )
    }
}

fn serve(client: &TcpStream, shared: &Shared) -> std::io::Result<()> {
    let mut reader = BufReader::new(client.try_clone()?);
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line)? == 0 {
            return Ok(());
        }
        let mut words = line.split_whitespace().map(ToOwned::to_owned);
        let (method, path) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
        let mut headers = BTreeMap::new();
        loop {
            let mut line = String::new();
            reader.read_line(&mut line)?;
            let Some((name, value)) = line.trim_end().split_once(": ") else { break };
            headers.insert(name.to_ascii_lowercase(), value.to_owned());
        }
        let length = headers.get("content-length").and_then(|length| length.parse().ok()).unwrap_or(0);
        let mut body = vec![0; length];
        reader.read_exact(&mut body)?;
        let asked = Asked { method, path, headers, body: String::from_utf8_lossy(&body).into_owned() };
        shared.journal.lock().unwrap().push(asked.clone());
        let script = Arc::clone(&shared.script.lock().unwrap());
        let answer = script(&asked).unwrap_or_else(|| honest(&asked, shared));
        if !answered(client, answer)? {
            return Ok(());
        }
    }
}

fn answered(mut client: &TcpStream, answer: Answer) -> std::io::Result<bool> {
    let mut send = |code: u16, kind: &str, body: &str| {
        let head = format!("HTTP/1.1 {code} x\r\ncontent-type: {kind}\r\ncontent-length: {}\r\n\r\n", body.len());
        client.write_all((head + body).as_bytes()).map(|()| true)
    };
    match answer {
        Answer::Status(code, message) => {
            let status =
                json!({"kind": "Status", "apiVersion": "v1", "status": "Failure", "code": code, "message": message});
            send(code, "application/json", &status.to_string())
        }
        Answer::Plain(code, body) => send(code, "text/plain", &body),
        Answer::Json(code, body) => send(code, "application/json", &body.to_string()),
        Answer::Giant(begin, size) => {
            let length = begin.len() + (size << 20);
            write!(
                client,
                "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {length}\r\n\r\n{begin}"
            )?;
            let part = vec![b'x'; 1 << 20];
            (0..size).try_for_each(|_| client.write_all(&part))?;
            Ok(true)
        }
        Answer::Hangup => Ok(false),
    }
}

/// What an API server answers, as far as these tests go.
fn honest(asked: &Asked, shared: &Shared) -> Answer {
    let path = asked.path.split('?').next().unwrap_or_default();
    let mut objects = shared.objects.lock().unwrap();
    let missing = || Answer::Status(404, format!("{path} not found"));
    match asked.method.as_str() {
        "GET" if path == "/readyz" => Answer::Plain(200, "ok".to_owned()),
        "GET" => objects.get(path).map_or_else(missing, |object| Answer::Json(200, object.clone())),
        "PATCH" => {
            let Ok(mut object) = serde_json::from_str::<Value>(&asked.body) else {
                return Answer::Status(400, "not JSON".to_owned());
            };
            let asked = &object["metadata"]["resourceVersion"];
            let differs = |there: &Value| !asked.is_null() && there["metadata"]["resourceVersion"] != *asked;
            if objects.get(path).is_some_and(differs) {
                return Answer::Status(409, "the object has been modified".to_owned());
            }
            let known = objects.get(path).map(|object| object["metadata"]["uid"].clone());
            let code = if known.is_some() { 200 } else { 201 };
            let version = shared.journal.lock().unwrap().len().to_string();
            object["metadata"]["uid"] = known.unwrap_or_else(|| format!("uid-{version}").into());
            object["metadata"]["resourceVersion"] = version.into();
            objects.insert(path.to_owned(), object.clone());
            Answer::Json(code, object)
        }
        "DELETE" => objects.remove(path).map_or_else(missing, |object| Answer::Json(200, object)),
        _ => Answer::Status(405, "not here".to_owned()),
    }
}
