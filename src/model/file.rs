//! The common parts of all registry files.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, de};

/// The file format's version. This program reads and writes 1.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Format;

impl Format {
    /// The version that this program supports.
    pub const KNOWN: i64 = 1;
    /// The name of this type's check in the JSON Schemas.
    pub const FORMAT: &'static str = "file-format";
}

impl<'de> Deserialize<'de> for Format {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match i64::deserialize(deserializer)? {
            Self::KNOWN => Ok(Self),
            other => Err(de::Error::invalid_value(de::Unexpected::Signed(other), &"format 1")),
        }
    }
}

impl schemars::JsonSchema for Format {
    fn inline_schema() -> bool {
        true
    }
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Format".into()
    }
    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({ "type": "integer", "const": Self::KNOWN, "format": Self::FORMAT })
    }
}

/// The kinds of TOML files in a registry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum FileKind {
    /// `registry.toml`
    Registry,
    /// `model.toml`
    Model,
    /// `versions/N.toml`
    Version,
    /// `stages/NAME.toml`
    Stage,
}

impl FileKind {
    /// All kinds.
    pub const ALL: [Self; 4] = [Self::Registry, Self::Model, Self::Version, Self::Stage];
}

impl fmt::Display for FileKind {
    /// The stem of the kind's schema file.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Registry => "registry",
            Self::Model => "model",
            Self::Version => "version",
            Self::Stage => "stage",
        })
    }
}

/// The maximum size of a registry file, in bytes. Registry files are small; a larger file is a mistake or an attack,
/// and is not read.
pub const MAX_FILE: u64 = 1 << 20;
