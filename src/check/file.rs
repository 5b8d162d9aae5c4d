//! Reading one file: its size, its bytes, and its TOML. All that is wrong with it is found at once.

use anyhow::Result;
use serde::de::DeserializeOwned;

use super::shape;
use super::sink::{Loaded, Sink, Source};
use crate::diag::codes::file::{BYTE_ORDER_MARK, CRLF, FILE_TOO_LARGE, NOT_UTF8, TOML_SYNTAX};
use crate::model::strict::from_toml;
use crate::model::{Content, Entry, FileKind, MAX_FILE, Tree, depth};

/// Reads a file as `T`. None where it cannot be read as one; why is in the sink then.
pub(super) fn load<T: DeserializeOwned>(
    tree: &dyn Tree,
    entry: &Entry,
    kind: FileKind,
    sink: &mut Sink,
) -> Result<Option<Loaded<T>>> {
    let Some(source) = read(tree, entry, sink)? else { return Ok(None) };
    if let Some(at) = depth::too_deep(&source.text) {
        let hint = "nest tables, arrays and dotted keys at most 80 deep";
        sink.span(&TOML_SYNTAX, &source, at..at + 1, "the file nests too deep to be read", hint);
        return Ok(None);
    }
    match from_toml(&source.text) {
        Ok(value) => Ok(Some(Loaded { value, source })),
        Err(error) => {
            shape::explain(kind, &source, &error, sink);
            Ok(None)
        }
    }
}

/// Reads a file's text.
pub(super) fn read(tree: &dyn Tree, entry: &Entry, sink: &mut Sink) -> Result<Option<Source>> {
    sink.count_file();
    let path = entry.path.as_str();
    let bytes = match tree.read(entry)? {
        Content::Bytes(bytes) => bytes,
        Content::TooLarge(size) => {
            let message = format!("the file is {size} bytes large, and {MAX_FILE} are the most");
            sink.path(
                &FILE_TOO_LARGE,
                path,
                message,
                "keep data beside the artifact, and record its address and digest",
            );
            return Ok(None);
        }
    };
    let text = match String::from_utf8(bytes) {
        Ok(text) => text,
        Err(error) => {
            let at = error.utf8_error().valid_up_to();
            let message = format!("the file is not UTF-8: byte {at} begins no character");
            sink.path(&NOT_UTF8, path, message, "save the file as UTF-8");
            return Ok(None);
        }
    };
    let source = Source { path: path.to_owned(), text: text.into() };
    if source.text.starts_with('\u{feff}') {
        sink.span(
            &BYTE_ORDER_MARK,
            &source,
            0..3,
            "the file begins with a byte order mark",
            "save it as UTF-8 without one",
        );
    }
    if let Some(at) = source.text.find("\r\n") {
        sink.span(&CRLF, &source, at..at + 1, "the file has lines that end in CR LF", "save it with LF line ends");
    }
    Ok(Some(source))
}
