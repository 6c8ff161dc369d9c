//! Whether the head of an answer says that the answer is a part of what was asked for. What its body says is the device's.

use reqwest::StatusCode;
use reqwest::header::{HeaderMap, LINK};

/// Is it a part only?
pub(super) fn is_part(status: StatusCode, headers: &HeaderMap) -> bool {
    status == StatusCode::PARTIAL_CONTENT || names_another_page(headers)
}

/// Does a `Link` name a page that follows (RFC 8288)?
fn names_another_page(headers: &HeaderMap) -> bool {
    let links = headers.get_all(LINK).iter().filter_map(|link| link.to_str().ok());
    links.flat_map(|link| link.split([';', ','])).any(|part| {
        let relation = part.trim().to_ascii_lowercase();
        let kinds = relation.strip_prefix("rel").and_then(|rest| rest.trim_start().strip_prefix('='));
        kinds.is_some_and(|kinds| kinds.trim().trim_matches('"').split(' ').any(|kind| kind == "next"))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_that_follows_is_seen() {
        let with = |link: &str| {
            let headers = [(LINK, link.parse().unwrap())].into_iter().collect();
            is_part(StatusCode::OK, &headers)
        };
        assert!(with("<https://a/devices?page=2>; rel=\"next\"") && with("</x>; title=a, </y>;Rel=next"));
        assert!(with("</x>; rel=\"last next\"") && is_part(StatusCode::PARTIAL_CONTENT, &HeaderMap::new()));
        assert!(
            !with("</x>; rel=\"prev\"") && !with("</next>; rel=help") && !is_part(StatusCode::OK, &HeaderMap::new())
        );
    }
}
