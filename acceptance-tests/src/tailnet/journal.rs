//! What was asked, and what it did. No credential is in it.

use serde::Serialize;

/// One request.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Entry {
    /// The method.
    pub method: String,
    /// The path, without the query.
    pub path: String,
    /// The query.
    pub query: String,
    /// How the caller said who it is: `basic`, `bearer`, or nothing.
    pub authorization: String,
    /// The status of the answer; 0 where none was given.
    pub status: u16,
    /// The node id of the device that this request deleted.
    pub deleted: Option<String>,
}
