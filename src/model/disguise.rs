//! Names that some file system takes for one of git's own. On Windows and macOS they open `.git`, and with it git's
//! hooks and settings.

use super::text::is_hidden;

/// Whether a name could stand for one of git's own: a cheap look, before the careful one.
pub fn is_suspicious(name: &str) -> bool {
    let first = name.as_bytes().first().copied().unwrap_or_default();
    matches!(first, b'.' | b'g' | b'G') || !name.is_ascii() || name.contains('\\')
}

/// The name as a forgiving file system sees it: HFS+ skips characters that show nothing, NTFS what follows a colon and
/// dots and spaces at the end, and both skip case. NTFS also has short names: `git~1`, and where those run out ones made of
/// a hash, as `gi7eba~1` for `.gitmodules`. See `is_ntfs_dotgit` and `is_ntfs_dotgitmodules` in git's `path.c`.
pub fn visible(name: &str) -> String {
    let name = name.split(':').next().unwrap_or_default();
    let name: String = name.chars().filter(|c| !is_hidden(*c)).flat_map(char::to_lowercase).collect();
    name.trim_end_matches(['.', ' ']).to_owned()
}

/// Whether a name, as [`visible`] gives it, is that of git's folder.
pub fn is_git(visible: &str) -> bool {
    let short = visible.strip_prefix("git~");
    visible == ".git" || short.is_some_and(|n| !n.is_empty() && n.bytes().all(|b| b.is_ascii_digit()))
}
