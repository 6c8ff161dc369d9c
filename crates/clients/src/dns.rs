//! One question to one DNS server over a stream (RFC 1035, 7766). Where the stream leads is its maker's business.

use std::fmt;
use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use rand::Rng;
use thiserror::Error;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};

use super::reach::of_system;

mod record;

pub use record::{Record, RecordType};

/// How a server answered (RFC 1035, 4.1.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ResponseCode {
    /// The name exists.
    NoError,
    /// The server could not find out.
    ServerFailure,
    /// There is no such name.
    NoSuchName,
    /// The server does not want to answer.
    Refused,
    /// Another code.
    Other(u8),
}

impl fmt::Display for ResponseCode {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoError => out.write_str("NOERROR"),
            Self::ServerFailure => out.write_str("SERVFAIL"),
            Self::NoSuchName => out.write_str("NXDOMAIN"),
            Self::Refused => out.write_str("REFUSED"),
            Self::Other(code) => write!(out, "response code {code}"),
        }
    }
}

/// An answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// How the server answered.
    pub code: ResponseCode,
    /// The addresses, with the name that each record carries.
    pub addresses: Vec<(String, IpAddr)>,
    /// All records of the answer, addresses too, in the server's order.
    pub records: Vec<Record>,
}

/// The longest name, in bytes as text (RFC 1035, 2.3.4). A message of 64 KiB could make of pointers what fills the memory.
const LONGEST_NAME: usize = 255;

impl Answer {
    /// Reads the answer to the question with this number; `None` when it is malformed.
    #[must_use]
    pub fn read(message: &[u8], id: u16) -> Option<Self> {
        read(message, id)
    }
}

/// Why there is no answer.
#[derive(Debug, Error)]
pub enum DnsError {
    /// The name has an empty or too long label, or is too long.
    #[error("{0:?} is not a DNS name")]
    Name(String),
    /// The connection broke, or nobody listened at its end.
    #[error("the connection was closed: {}", of_system(.0))]
    Closed(#[from] io::Error),
    /// What came is no DNS answer to this question.
    #[error("the response is not a DNS answer to this query")]
    Malformed,
}

/// Asks one question. The caller bounds the time.
///
/// # Errors
/// [`DnsError`].
pub async fn ask<S>(mut stream: S, name: &str, kind: RecordType) -> Result<Answer, DnsError>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let id = rand::rng().random();
    let query = query(id, name, kind)?;
    let length = u16::try_from(query.len()).map_err(|_| DnsError::Name(name.to_owned()))?;
    let mut message = length.to_be_bytes().to_vec();
    message.extend(query);
    stream.write_all(&message).await?;
    stream.flush().await?;
    let length = stream.read_u16().await?;
    let mut answer = vec![0; usize::from(length)];
    stream.read_exact(&mut answer).await?;
    Answer::read(&answer, id).ok_or(DnsError::Malformed)
}

fn query(id: u16, name: &str, kind: RecordType) -> Result<Vec<u8>, DnsError> {
    let mut message = id.to_be_bytes().to_vec();
    // Recursion desired, one question.
    message.extend([1, 0, 0, 1, 0, 0, 0, 0, 0, 0]);
    for label in name.trim_end_matches('.').split('.') {
        let length = u8::try_from(label.len()).ok().filter(|length| (1..64).contains(length));
        message.push(length.ok_or_else(|| DnsError::Name(name.to_owned()))?);
        message.extend(label.as_bytes());
    }
    if message.len() > 12 + 254 {
        return Err(DnsError::Name(name.to_owned()));
    }
    message.push(0);
    message.extend(kind.number().to_be_bytes());
    message.extend(1_u16.to_be_bytes());
    Ok(message)
}

/// Reads an answer; `None` when it is malformed.
fn read(message: &[u8], id: u16) -> Option<Answer> {
    if number(message, 0)? != id || message.get(2)? & 0x80 == 0 {
        return None;
    }
    let code = match message.get(3)? & 0x0f {
        0 => ResponseCode::NoError,
        2 => ResponseCode::ServerFailure,
        3 => ResponseCode::NoSuchName,
        5 => ResponseCode::Refused,
        other => ResponseCode::Other(other),
    };
    let mut at = 12;
    for _ in 0..number(message, 4)? {
        at = read_name(message, at)?.1 + 4;
    }
    let (mut addresses, mut records) = (Vec::new(), Vec::new());
    for _ in 0..number(message, 6)? {
        let (name, after) = read_name(message, at)?;
        let (kind, length) = (number(message, after)?, usize::from(number(message, after + 8)?));
        let data = message.get(after + 10..after + 10 + length)?;
        let address = match kind {
            1 => Some(IpAddr::from(Ipv4Addr::from(<[u8; 4]>::try_from(data).ok()?))),
            28 => Some(IpAddr::from(Ipv6Addr::from(<[u8; 16]>::try_from(data).ok()?))),
            _ => None,
        };
        addresses.extend(address.map(|address| (name.clone(), address)));
        records.push(Record::read(message, name, after)?);
        at = after + 10 + length;
    }
    Some(Answer { code, addresses, records })
}

fn number(message: &[u8], at: usize) -> Option<u16> {
    Some(u16::from_be_bytes([*message.get(at)?, *message.get(at + 1)?]))
}

/// A name, and where the message goes on behind it.
fn read_name(message: &[u8], from: usize) -> Option<(String, usize)> {
    let (mut name, mut at, mut end) = (String::new(), from, None);
    // Pointers may only lead backwards in a sane message; a bound keeps the others from running in circles.
    for _ in 0..256 {
        let length = usize::from(*message.get(at)?);
        if length >= 0xc0 {
            end = end.or(Some(at + 2));
            at = usize::from(number(message, at)? & 0x3fff);
        } else if length == 0 {
            return Some((name, end.unwrap_or(at + 1)));
        } else {
            name.push_str(&String::from_utf8_lossy(message.get(at + 1..at + 1 + length)?));
            name.push('.');
            if name.len() > LONGEST_NAME {
                return None;
            }
            at += 1 + length;
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    /// An answer to `query` with one A record whose name is a pointer to the question's.
    fn answered(query: &[u8], code: u8) -> Vec<u8> {
        let mut message = query.to_vec();
        (message[2], message[3], message[7]) = (0x85, code, u8::from(code == 0));
        if code == 0 {
            message.extend([0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 30, 0, 4, 10, 96, 0, 1]);
        }
        message
    }

    #[tokio::test]
    async fn a_question_is_answered_over_a_stream() {
        for (code, expected) in [(0, ResponseCode::NoError), (3, ResponseCode::NoSuchName)] {
            let (ours, mut theirs) = tokio::io::duplex(1024);
            let server = async {
                let mut query = vec![0; usize::from(theirs.read_u16().await.unwrap())];
                theirs.read_exact(&mut query).await.unwrap();
                let answer = answered(&query, code);
                theirs.write_u16(u16::try_from(answer.len()).unwrap()).await.unwrap();
                theirs.write_all(&answer).await.unwrap();
            };
            let (answer, ()) = tokio::join!(ask(ours, "kubernetes.default.svc.cluster.local", RecordType::A), server);
            let answer = answer.unwrap();
            assert_eq!(answer.code, expected);
            let told = ("kubernetes.default.svc.cluster.local.".to_owned(), IpAddr::from([10, 96, 0, 1]));
            assert_eq!(answer.addresses, if code == 0 { vec![told] } else { vec![] });
        }
    }

    #[tokio::test]
    async fn nobody_at_the_other_end_is_an_error() {
        let (ours, theirs) = tokio::io::duplex(1024);
        drop(theirs);
        assert!(matches!(ask(ours, "a.b", RecordType::A).await, Err(DnsError::Closed(_))));
        let (ours, _theirs) = tokio::io::duplex(1024);
        assert!(matches!(ask(ours, "a..b", RecordType::AAAA).await, Err(DnsError::Name(_))));
    }

    #[test]
    fn rubbish_is_refused_and_does_not_run_in_circles() {
        let message = query(7, "a.b", RecordType::A).unwrap();
        assert_eq!(read(&message, 7), None, "a question is no answer");
        let mut circle = answered(&message, 0);
        let length = circle.len();
        (circle[length - 16], circle[length - 15]) = (0xc0, u8::try_from(length - 16).unwrap());
        assert_eq!(read(&circle, 7), None);
        for end in 0..message.len() {
            assert_eq!(read(&answered(&message, 0)[..end], 7), None);
        }
        // Labels that lead on and on until the name is longer than any is.
        let mut long = message[..12].to_vec();
        (long[2], long[5]) = (0x85, 1);
        for _ in 0..5 {
            long.push(63);
            long.extend([b'a'; 63]);
        }
        long.extend([0, 0, 1, 0, 1]);
        assert_eq!(read(&long, 7), None);
    }
}
