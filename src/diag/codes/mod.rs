//! The table of all diagnostic codes, used by `explain`, the SARIF rules and the documentation.

pub mod change;
pub mod file;
pub mod model;
pub mod registry;
pub mod stage;
pub mod tree;
pub mod version;

use super::Code;

/// Every code, family by family.
pub fn all() -> impl Iterator<Item = &'static Code> {
    [tree::FAMILY, file::FAMILY, registry::FAMILY, model::FAMILY, version::FAMILY, stage::FAMILY, change::FAMILY]
        .into_iter()
        .flatten()
        .copied()
}

/// The code with this id.
pub fn find(id: &str) -> Option<&'static Code> {
    all().find(|code| code.id == id)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_has_an_id_of_its_own_and_says_enough() {
        let mut ids: Vec<_> = all().map(|code| code.id).collect();
        ids.sort_unstable();
        let count = ids.len();
        ids.dedup();
        assert_eq!(ids.len(), count);
        for code in all() {
            assert!(code.id.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-'), "{}", code.id);
            assert!(code.summary.len() < 100 && !code.summary.ends_with('.'), "{}", code.id);
            assert!(code.explanation.len() > 80, "{} explains too little", code.id);
        }
    }
}
