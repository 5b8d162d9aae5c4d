//! The query string of an address, and the query strings of links from that address.

use super::route::encoded;

/// The maximum length of a query string, in bytes.
pub(super) const LONGEST: usize = 4_096;
/// The maximum number of pairs in a query string.
const MOST: usize = 64;

/// The pairs of a query string, in their order.
#[derive(Debug, Clone, Default)]
pub(super) struct Query(Vec<(String, String)>);

impl Query {
    /// Reads a query string.
    pub fn parse(text: &str) -> Self {
        Self(form_urlencoded::parse(text.as_bytes()).into_owned().take(MOST).collect())
    }

    /// The value of a key without outer spaces; empty if the key is missing.
    pub fn get(&self, key: &str) -> &str {
        self.0.iter().find(|(name, _)| name == key).map_or("", |(_, value)| value.trim())
    }

    /// The value of a key as it was sent, with outer spaces.
    pub fn raw(&self, key: &str) -> &str {
        self.0.iter().find(|(name, _)| name == key).map_or("", |(_, value)| value)
    }

    /// All values of a key, in their order.
    pub fn all<'q>(&'q self, key: &'q str) -> impl Iterator<Item = &'q str> {
        self.0.iter().filter(move |(name, _)| name == key).map(|(_, value)| value.trim())
    }

    /// The number of a page, from 1.
    pub fn page(&self) -> usize {
        self.get("page").parse().unwrap_or(1).clamp(1, 1_000_000)
    }

    /// The query string of a link that changes some keys, such as `?q=iris&page=2`. An empty value removes the key.
    pub fn with(&self, changes: &[(&str, &str)]) -> String {
        let kept = self.0.iter().filter(|(key, value)| !value.is_empty() && !changes.iter().any(|(new, _)| new == key));
        let kept = kept.map(|(key, value)| (key.as_str(), value.as_str()));
        let new = changes.iter().copied().filter(|(_, value)| !value.is_empty());
        let pairs: Vec<String> =
            kept.chain(new).map(|(key, value)| format!("{}={}", encoded(key), encoded(value))).collect();
        format!("?{}", pairs.join("&"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_changes_only_the_given_keys() {
        let query = Query::parse("q=a+b&stage=&page=3&sort=name");
        assert_eq!(query.with(&[("page", "4")]), "?q=a%20b&sort=name&page=4");
        assert_eq!(query.with(&[("q", ""), ("page", "")]), "?sort=name");
        assert_eq!(query.get("stage"), "");
    }

    #[test]
    fn page_numbers_and_pairs_are_limited() {
        for (text, page) in [("page=1e9", 1), ("page=-1", 1), ("page=0", 1), ("page=99999999999999999999999", 1)] {
            assert_eq!(Query::parse(text).page(), page, "{text}");
        }
        assert_eq!(Query::parse("page=4294967296").page(), 1_000_000);
        assert_eq!(Query::parse(&"v=1&".repeat(1_000)).all("v").count(), MOST);
    }
}
