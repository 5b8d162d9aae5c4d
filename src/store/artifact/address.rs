//! `file:///` addresses (RFC 8089) and the paths they stand for.

use std::path::{Component, Path, PathBuf};

use super::ArtifactError;
use crate::model::uri::ArtifactUri;
use crate::store::platform::names;

/// The path that a `file:///` address stands for, percent-decoded once. None for every other scheme, and where the
/// address has a query, a broken escape, or a `..` part or NUL that the escapes hid.
pub fn local_path(uri: &ArtifactUri) -> Option<PathBuf> {
    let path =
        uri.as_str().strip_prefix("file://").filter(|path| path.starts_with('/') && !path.contains(['?', '#']))?;
    let mut decoded = Vec::with_capacity(path.len());
    let mut bytes = path.bytes();
    while let Some(byte) = bytes.next() {
        decoded.push(if byte == b'%' { hex(bytes.next()?)? << 4 | hex(bytes.next()?)? } else { byte });
    }
    let path = PathBuf::from(names::from_vec(decoded));
    // `a%2F..%2Fb` is one part to whoever splits before decoding, and three parts here.
    let climbs =
        path.components().any(|part| part == Component::ParentDir) || names::bytes(path.as_os_str()).contains(&0);
    (!climbs).then_some(path)
}

fn hex(digit: u8) -> Option<u8> {
    char::from(digit).to_digit(16).and_then(|value| u8::try_from(value).ok())
}

/// The `file:///` address of a path: made absolute from the working folder, all but RFC 3986's unreserved characters
/// percent-encoded. Symbolic links stay as they are, unless the path holds `..`, which only the file system can resolve.
///
/// Errors: the working folder is gone, a path with `..` does not exist, or the address would be refused (too long).
pub fn file_uri(path: &Path) -> Result<ArtifactUri, ArtifactError> {
    let absolute = if path.components().any(|part| part == Component::ParentDir) {
        path.canonicalize()
    } else {
        std::path::absolute(path)
    }
    .map_err(ArtifactError::io(path, "find"))?;
    let mut uri = String::from("file://");
    for &byte in names::bytes(absolute.as_os_str()) {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'/' => uri.push(char::from(byte)),
            _ => uri.push_str(&format!("%{byte:02X}")),
        }
    }
    ArtifactUri::new(uri).map_err(|why| ArtifactError::Address { path: path.to_owned(), why })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_and_its_address_are_one() {
        for path in ["/srv/models/iris", "/a b/ü%/x#y?z", "/plus+at@colon:x", "/tab\there"] {
            let uri = file_uri(Path::new(path)).unwrap();
            assert_eq!(local_path(&uri).as_deref(), Some(Path::new(path)), "{uri}");
        }
        let odd = PathBuf::from(names::from_vec(b"/not-utf8-\xff".to_vec()));
        assert_eq!(local_path(&file_uri(&odd).unwrap()), Some(odd));
        assert_eq!(file_uri(Path::new("/a b")).unwrap().as_str(), "file:///a%20b");
    }

    #[test]
    fn a_relative_path_becomes_absolute() {
        let here = std::env::current_dir().unwrap();
        assert_eq!(local_path(&file_uri(Path::new("m/x")).unwrap()), Some(here.join("m/x")));
        let up = file_uri(Path::new("src/../src")).unwrap();
        assert_eq!(local_path(&up), Some(here.canonicalize().unwrap().join("src")));
    }

    #[test]
    fn only_whole_file_addresses_have_a_path() {
        for uri in ["s3://b/x", "file:///a%2F..%2F..%2Fetc", "file:///a%zz", "file:///a%2", "file:///a?b=c"] {
            if let Ok(uri) = ArtifactUri::new(uri) {
                assert_eq!(local_path(&uri), None, "{uri}");
            }
        }
    }
}
