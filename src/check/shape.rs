use super::sink::*;
use crate::model::FileKind;
pub(super) fn explain(_: FileKind, _: &Source, _: &toml::de::Error, _: &mut Sink) {}
