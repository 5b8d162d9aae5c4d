//! Conversion between `file:///` addresses (RFC 8089) and paths.

use std::path::{Component, Path, PathBuf};

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, percent_encode};

use super::ArtifactError;
use crate::model::uri::ArtifactUri;
use crate::store::platform::names;

/// The path of a `file:///` address, percent-decoded once. None for another scheme, a query, an invalid escape, or an
/// escaped `..` part or NUL.
pub fn local_path(uri: &ArtifactUri) -> Option<PathBuf> {
    let path =
        uri.as_str().strip_prefix("file://").filter(|path| path.starts_with('/') && !path.contains(['?', '#']))?;
    let whole = |after: &str| after.as_bytes().get(..2).is_some_and(|hex| hex.iter().all(u8::is_ascii_hexdigit));
    if !path.split('%').skip(1).all(whole) {
        return None;
    }
    let path = PathBuf::from(names::from_vec(percent_decode_str(path).collect()));
    // `a%2F..%2Fb` is one part before decoding, and three parts after.
    let climbs =
        path.components().any(|part| part == Component::ParentDir) || names::bytes(path.as_os_str()).contains(&0);
    (!climbs).then_some(path)
}

/// All but RFC 3986's unreserved characters, and the slash.
const ESCAPED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~').remove(b'/');

/// The `file:///` address of a path: made absolute from the working folder, all but RFC 3986's unreserved characters
/// percent-encoded. Symbolic links are not resolved, unless the path has `..`, which only the file system can
/// resolve.
///
/// Errors: the working folder does not exist, a path with `..` does not exist, or the address is invalid (too long).
pub fn file_uri(path: &Path) -> Result<ArtifactUri, ArtifactError> {
    let absolute = if path.components().any(|part| part == Component::ParentDir) {
        path.canonicalize()
    } else {
        std::path::absolute(path)
    }
    .map_err(ArtifactError::io(path, "find"))?;
    let uri = format!("file://{}", percent_encode(names::bytes(absolute.as_os_str()), ESCAPED));
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
        for uri in [
            "s3://b/x",
            "file:///a%2F..%2F..%2Fetc",
            "file:///a%zz",
            "file:///a%2",
            "file:///a%",
            "file:///a%+1",
            "file:///a?b=c",
        ] {
            if let Ok(uri) = ArtifactUri::new(uri) {
                assert_eq!(local_path(&uri), None, "{uri}");
            }
        }
    }
}
