//! x
use super::sink::{Sink, Source};
use crate::model::FileKind;
pub(super) fn explain(_kind: FileKind, source: &Source, error: &toml::de::Error, sink: &mut Sink) {
    sink.span(&crate::diag::codes::file::BAD_VALUE, source, error.span().unwrap_or(0..0), error.message(), "");
}
