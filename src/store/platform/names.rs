//! File names: their bytes, and which names a file system treats as equal.
//!
//! A Mac's file system ignores differences of case, and of the form of accents: composed (NFC, `é`) or decomposed into
//! a letter and an accent (NFD). HFS+ even returns decomposed names. So listed names are composed, as in git
//! (`core.precomposeUnicode`), and a folder has the same manifest on every system.

use std::borrow::Cow;
use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::{OsStrExt as _, OsStringExt as _};

use icu_normalizer::ComposingNormalizerBorrowed;

/// Whether the file system treats composed and decomposed names as equal.
pub(crate) const FORMS_ARE_ONE: bool = cfg!(target_os = "macos");

/// The bytes of a name or path.
pub(crate) fn bytes(name: &OsStr) -> &[u8] {
    name.as_bytes()
}

/// The name or path of these bytes.
pub(crate) fn from_bytes(bytes: &[u8]) -> &OsStr {
    OsStr::from_bytes(bytes)
}

/// The name or path of these bytes, owned.
pub(crate) fn from_vec(bytes: Vec<u8>) -> OsString {
    OsString::from_vec(bytes)
}

/// The text with its accents composed (NFC, Unicode Standard Annex 15).
pub(crate) fn composed(text: &str) -> Cow<'_, str> {
    ComposingNormalizerBorrowed::new_nfc().normalize(text)
}

/// A form that is equal for two names if a Mac's or a Windows file system may treat them as equal.
pub(crate) fn folded(name: &str) -> String {
    // In this order, because a lower-case letter can be decomposed (`İ`).
    composed(&name.to_lowercase()).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn accents_are_composed() {
        assert_eq!(composed("mode\u{301}le"), "mod\u{e9}le");
        assert_eq!(composed("\u{1112}\u{1161}\u{11ab}"), "\u{d55c}", "Korean, as HFS+ gives it back");
        for same in ["iris", "mod\u{e9}le", "q\u{301}", "\u{d55c}"] {
            assert_eq!(composed(same), same, "has no other composed form");
        }
    }

    #[test]
    fn names_fold_where_a_mac_takes_them_for_one_and_nowhere_else() {
        for (a, b) in [("README", "readme"), ("\u{c9}t\u{e9}", "e\u{301}te\u{301}"), ("\u{130}", "i\u{307}")] {
            assert_eq!(folded(a), folded(b), "{a} {b}");
        }
        for (a, b) in [("a", "b"), ("e", "\u{e9}"), ("a/b", "a-b")] {
            assert_ne!(folded(a), folded(b), "{a} {b}");
        }
    }
}
