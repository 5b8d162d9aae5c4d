//! File names that some file system treats as one of git's own names. On Windows and macOS such names open `.git`,
//! which contains git's hooks and settings.
//!
//! The crate `gix-validate` covers fewer names: the characters that HFS+ skips, `git~1`, and the short names of
//! `.gitmodules`. A test proves that all names that the crate refuses are covered here too.

use super::invisible::is_hidden;

/// A name with a meaning for git.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum GitName {
    /// `.git`, the folder of hooks and settings.
    Folder,
    /// `.gitmodules`.
    Modules,
    /// `.gitattributes`.
    Attributes,
}

/// The name of git's that some file system would treat this name as.
pub fn git_name(name: &str) -> Option<GitName> {
    let first = name.as_bytes().first().copied().unwrap_or_default();
    // Fast path for nearly all names.
    if name.is_ascii() && !matches!(first, b'.' | b'g' | b'G' | b'~') {
        return None;
    }
    let plain = visible(name);
    if plain == ".git" || is_short(&plain, "git", "") {
        Some(GitName::Folder)
    } else if plain == ".gitmodules" || is_short(&plain, "gitmod", "gi7eba") {
        Some(GitName::Modules)
    } else if plain == ".gitattributes" || is_short(&plain, "gitatt", "gi7d29") {
        Some(GitName::Attributes)
    } else {
        None
    }
}

/// The name as file systems compare it: HFS+ ignores invisible characters, NTFS ignores the part from a colon on and
/// final dots and spaces, and both ignore case.
pub fn visible(name: &str) -> String {
    let name = name.split(':').next().unwrap_or_default();
    let name: String = name.chars().filter(|c| !is_hidden(*c)).flat_map(char::to_lowercase).collect();
    name.trim_end_matches(['.', ' ']).to_owned()
}

/// The name of ours that a reader or a file system could take this name for.
pub fn looks_like<'n>(name: &str, ours: &[&'n str]) -> Option<&'n str> {
    let plain: String = visible(name).chars().map(latin).collect();
    ours.iter().copied().find(|own| *own == plain && *own != name)
}

/// The Latin letter or sign that looks the same as a letter of another script. Only those of our file names.
fn latin(c: char) -> char {
    match c {
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(u32::from(c) - 0xfee0).map_or(c, |c| c.to_ascii_lowercase()),
        '\u{430}' | '\u{3b1}' | '\u{251}' => 'a',
        '\u{501}' => 'd',
        '\u{435}' => 'e',
        '\u{261}' | '\u{581}' => 'g',
        '\u{456}' | '\u{3b9}' | '\u{131}' => 'i',
        '\u{4cf}' | '\u{2d3}' => 'l',
        '\u{43c}' | '\u{217f}' => 'm',
        '\u{578}' => 'n',
        '\u{43e}' | '\u{3bf}' | '\u{585}' => 'o',
        '\u{433}' => 'r',
        '\u{455}' => 's',
        '\u{442}' | '\u{3c4}' => 't',
        '\u{461}' | '\u{51d}' => 'w',
        '\u{443}' | '\u{3b3}' => 'y',
        '\u{2024}' => '.',
        '\u{203f}' => '_',
        c => c,
    }
}

/// Whether a name is a short name of NTFS: the first letters and a number, or, after several equal ones, letters of a
/// hash and a number, with eight characters in total. See `is_ntfs_dotgit` and `is_ntfs_dotgitmodules` in git's
/// `path.c`.
fn is_short(visible: &str, letters: &str, hash: &str) -> bool {
    let Some((stem, number)) = visible.split_once('~') else { return false };
    let counted = !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit());
    counted && (stem == letters || !hash.is_empty() && hash.starts_with(stem) && visible.len() == 8)
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_name_that_can_be_taken_for_one_of_ours_is_found() {
        let ours = ["registry.toml", "models"];
        for name in ["Registry.toml", "REGISTRY.TOML", "registry.toml.", "registry.toml ", "r\u{435}gistry.toml"] {
            assert_eq!(looks_like(name, &ours), Some("registry.toml"), "{name}");
        }
        assert_eq!(looks_like("m\u{43e}dels", &ours), Some("models"));
        assert_eq!(looks_like("\u{ff2d}odels", &ours), Some("models"));
        for name in ["registry.toml", "models", "registry.toml.bak", "model", "README.md", "my-registry.toml"] {
            assert_eq!(looks_like(name, &ours), None, "{name}");
        }
    }

    use gix_validate::path::component::{self, Error, Mode};
    use proptest::prelude::*;

    use super::*;

    /// What `gix-validate` takes a name for.
    fn judged(name: &str) -> Option<GitName> {
        let options = component::Options { protect_windows: false, protect_hfs: true, protect_ntfs: true };
        match gix_validate::path::component(name.into(), Some(Mode::Symlink), options) {
            Err(Error::DotGitDir) => Some(GitName::Folder),
            Err(Error::SymlinkedGitModules) => Some(GitName::Modules),
            _ => None,
        }
    }

    /// A name that may be one of git's, with letters of either case, and what file systems skip in it and after it.
    fn disguised() -> impl Strategy<Value = String> {
        const NAMES: &[&str] = &[
            ".git",
            "git~1",
            "git~2",
            ".gitmodules",
            "gitmod~1",
            "gitmod~4",
            "gi7eba~1",
            "gi7eb~10",
            "gi7e~123",
            "~1234567",
        ];
        const SKIPPED: &[&str] = &["", "", "", "\u{200c}", "\u{feff}", "\u{202e}", "\u{206a}"];
        const ENDS: &[&str] = &["", "", ".", " ", ". .", ":", "::$INDEX_ALLOCATION", "x", "~"];
        let letters = prop::collection::vec((any::<bool>(), prop::sample::select(SKIPPED)), 12);
        (prop::sample::select(NAMES), letters, prop::sample::select(ENDS)).prop_map(|(name, letters, end)| {
            let mut out = String::new();
            for (c, (upper, skipped)) in name.chars().zip(letters) {
                out.push(if upper { c.to_ascii_uppercase() } else { c });
                out.push_str(skipped);
            }
            out + end
        })
    }

    proptest! {
        #[test]
        fn safety_4_a_name_that_gix_takes_for_gits_is_taken_for_it(name in disguised()) {
            if let Some(judged) = judged(&name) {
                prop_assert_eq!(git_name(&name), Some(judged), "{:?}", name);
            }
        }
    }

    #[test]
    fn safety_4_short_names_count_on() {
        for (name, is) in [
            ("GIT~2", Some(GitName::Folder)),
            ("git~12", Some(GitName::Folder)),
            ("gi7eb~10", Some(GitName::Modules)),
            ("GI7D2~10. ", Some(GitName::Attributes)),
            ("gitatt~1", Some(GitName::Attributes)),
            ("gi7d29~1", Some(GitName::Attributes)),
            (".gitattribute\u{1bca0}s", Some(GitName::Attributes)),
            ("~1234567", Some(GitName::Modules)),
            ("gi7eba~10", None),
            ("gi7eb~1", None),
            ("git~", None),
            ("git~x", None),
            ("gitmod~x", None),
            (".gitmodule", None),
            (".gi\u{e9}t", None),
        ] {
            assert_eq!(git_name(name), is, "{name:?}");
        }
        assert_eq!((judged("GIT~1"), judged(".gitm\u{200d}odules")), (Some(GitName::Folder), Some(GitName::Modules)));
    }
}
