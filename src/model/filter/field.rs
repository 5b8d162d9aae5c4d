//! The fields that a filter and an order can name.

use std::fmt;

use super::error::quoted;
use super::lex::{Part, begins_name, continues_name};
use crate::model::text::Invalid;

/// A field of a version or of its model.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Field {
    /// A plain field, not an entry of a table.
    Plain(Plain),
    /// An entry of a table, by its key.
    Keyed(Table, String),
}

/// A table of keys and values.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Table {
    /// The version's tags, and the model's where the version has no such key.
    Tags,
    /// The model's tags alone.
    ModelTags,
    /// The version's tags alone.
    VersionTags,
    /// The metrics.
    Metrics,
    /// The params.
    Params,
}

/// The type of a field's values, which decides the possible comparisons.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// Text in the order of its bytes.
    Text,
    /// Text without an order, compared without regard to case.
    Folded,
    /// A whole number.
    Whole,
    /// A number.
    Number,
    /// A point in time.
    Time,
    /// True or false.
    Boolean,
    /// Text, a number or a boolean; the type may differ between versions.
    Any,
}

macro_rules! plain_fields {
    ($($(#[$doc:meta])* $name:ident, $kind:ident, $canonical:literal $(, $alias:literal)*;)*) => {
        /// A field with a name of its own.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum Plain { $($(#[$doc])* $name,)* }

        /// All names of all plain fields; a field's canonical name comes before its other names.
        const PLAIN: &[(&str, Plain)] = &[$(($canonical, Plain::$name), $(($alias, Plain::$name),)*)*];

        impl Plain {
            /// The field's canonical name, as in [`super::HELP`].
            pub fn name(self) -> &'static str {
                match self { $(Self::$name => $canonical,)* }
            }

            fn kind(self) -> Kind {
                match self { $(Self::$name => Kind::$kind,)* }
            }
        }
    };
}

plain_fields! {
    /// The model's name.
    Name, Text, "name", "model", "model.name";
    /// The version's number.
    Version, Whole, "version", "version_number";
    /// The stage that the version is in, or `None` or `Archived`.
    Stage, Folded, "stage", "current_stage";
    /// The aliases that point to the version.
    Alias, Text, "alias", "aliases";
    /// The version's project, and the model's where the version names none.
    Project, Text, "project", "project_id";
    /// The environment in which the version was trained and registered.
    Environment, Text, "environment";
    /// The version's description.
    Description, Text, "description";
    /// When the version was registered.
    CreatedAt, Time, "created_at", "registered_at", "creation_timestamp";
    /// Who registered the version.
    CreatedBy, Folded, "created_by", "user_id";
    /// When the version's file last changed.
    LastModified, Time, "last_modified", "last_updated_timestamp", "timestamp";
    /// The artifact's address.
    Uri, Text, "uri", "source_path", "source";
    /// The library that wrote the artifact.
    Flavor, Text, "flavor";
    /// The artifact's digest.
    Digest, Text, "digest";
    /// The artifact's size in bytes.
    Size, Whole, "size";
    /// The training run.
    RunId, Text, "run_id";
    /// The experiment that the run belongs to.
    Experiment, Text, "experiment";
    /// The commit of the code that trained it.
    Commit, Text, "commit";
    /// The parent version.
    Parent, Text, "parent";
    /// The names, addresses and digests of the training data.
    Dataset, Text, "dataset", "datasets";
    /// Whether the version's stage is `Archived`.
    Archived, Boolean, "archived";
    /// Whether the version or its model is deleted.
    Deleted, Boolean, "deleted";
    /// The model's owners.
    Owner, Folded, "owner", "owners", "model.owner", "model.owners";
    /// The model's project.
    ModelProject, Text, "model.project";
    /// The model's description.
    ModelDescription, Text, "model.description";
    /// When the model was registered.
    ModelCreatedAt, Time, "model.created_at";
    /// Who registered the model.
    ModelCreatedBy, Folded, "model.created_by";
    /// The newest time in the files of the model, its versions and its stages.
    ModelLastModified, Time, "model.last_modified";
}

impl Table {
    /// All names of all tables; a table's canonical name comes before its other names.
    const NAMES: [(&str, Table); 12] = [
        ("tags", Self::Tags),
        ("tag", Self::Tags),
        ("model.tags", Self::ModelTags),
        ("model.tag", Self::ModelTags),
        ("version.tags", Self::VersionTags),
        ("version.tag", Self::VersionTags),
        ("metrics", Self::Metrics),
        ("metric", Self::Metrics),
        ("params", Self::Params),
        ("param", Self::Params),
        ("parameters", Self::Params),
        ("parameter", Self::Params),
    ];

    fn name(self) -> &'static str {
        match self {
            Self::Tags => "tags",
            Self::ModelTags => "model.tags",
            Self::VersionTags => "version.tags",
            Self::Metrics => "metrics",
            Self::Params => "params",
        }
    }
}

impl Field {
    pub(super) fn kind(&self) -> Kind {
        match self {
            Self::Plain(plain) => plain.kind(),
            Self::Keyed(Table::Metrics, _) => Kind::Number,
            Self::Keyed(..) => Kind::Any,
        }
    }

    /// The field with a dotted name. The case of a field's name does not matter; the case of a key does.
    pub(super) fn resolve(parts: &[Part]) -> Result<Self, Invalid> {
        let is_prefix = |part: &Part| ["attribute", "attributes"].iter().any(|p| part.text.eq_ignore_ascii_case(p));
        let parts = if parts.len() > 1 && is_prefix(&parts[0]) { &parts[1..] } else { parts };
        // Names of fields have at most two parts.
        let start = |most: usize| {
            let names: Vec<_> = parts.iter().take(most).map(|part| part.text.to_ascii_lowercase()).collect();
            names.join(".")
        };
        if parts.len() <= 2
            && let Some((_, plain)) = PLAIN.iter().find(|(name, _)| *name == start(2))
        {
            return Ok(Self::Plain(*plain));
        }
        for length in [1, 2] {
            if let Some((name, table)) = Table::NAMES.iter().find(|(name, _)| *name == start(length)) {
                return key(name, &parts[length.min(parts.len())..]).map(|key| Self::Keyed(*table, key));
            }
        }
        let name: Vec<_> = parts.iter().map(|part| part.text.as_str()).collect();
        Err(unknown(&name.join(".")))
    }
}

/// The key of a table's entry: one quoted part, or bare parts whose dots belong to the key.
fn key(table: &str, parts: &[Part]) -> Result<String, Invalid> {
    let example = format!(
        "write {table}.KEY, with backticks around a key that has other characters than letters, digits, _ and -"
    );
    match parts {
        [] => Err(Invalid::new(format!("`{table}` is a table; its key is missing"), example)),
        [one] => Ok(one.text.clone()),
        _ if parts.iter().any(|part| part.quoted) => {
            Err(Invalid::new("only a part of the key is in quotes", "put the whole key in one pair of backticks"))
        }
        _ => Ok(parts.iter().map(|part| part.text.as_str()).collect::<Vec<_>>().join(".")),
    }
}

/// The error for an unknown field, with the most similar field.
fn unknown(name: &str) -> Invalid {
    let why = format!("unknown field {}", quoted(name));
    let (head, key) = name.split_once('.').map_or((name, None), |(head, key)| (head, Some(key)));
    let tables = || Table::NAMES.iter().map(|(name, table)| (*name, table.name()));
    let plain = PLAIN.iter().map(|(name, plain)| (*name, plain.name()));
    // A long name is not a typo, and comparing it would be slow.
    if name.len() <= 64 {
        let heads = tables().filter(|(written, _)| !written.contains('.'));
        let entry = key.and_then(|key| closest(head, heads).map(|table| format!("{table}.{key}")));
        if let Some(meant) = entry.or_else(|| closest(name, plain.chain(tables())).map(str::to_owned)) {
            return Invalid::new(why, format!("did you mean {}?", quoted(&meant)));
        }
        if key.is_none() {
            let hint = format!("write metrics.{name} for a metric, params.{name} for a param, tags.{name} for a tag");
            return Invalid::new(why, hint);
        }
    }
    Invalid::new(why, format!("the fields are {}", names().join(", ")))
}

/// The canonical name of the most similar field; none if no field is similar enough.
fn closest(name: &str, known: impl Iterator<Item = (&'static str, &'static str)>) -> Option<&'static str> {
    let name = name.to_ascii_lowercase();
    let mut best = (0.85, None);
    for (written, own) in known {
        let closeness = strsim::jaro_winkler(&name, written);
        if closeness > best.0 {
            best = (closeness, Some(own));
        }
    }
    best.1
}

/// The canonical name of every field, tables with `.KEY`.
pub(super) fn names() -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    let plain = PLAIN.iter().map(|(_, plain)| plain.name().to_owned());
    let tables = Table::NAMES.iter().map(|(_, table)| format!("{}.KEY", table.name()));
    for name in plain.chain(tables) {
        if !names.contains(&name) {
            names.push(name);
        }
    }
    names
}

impl fmt::Display for Field {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Plain(plain) => f.write_str(plain.name()),
            Self::Keyed(table, key) => {
                let bare = |part: &str| part.starts_with(begins_name) && part.chars().all(continues_name);
                if key.split('.').all(bare) {
                    write!(f, "{}.{key}", table.name())
                } else {
                    write!(f, "{}.`{}`", table.name(), key.replace('`', "``"))
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn resolve(name: &str) -> Result<Field, Invalid> {
        let parts: Vec<_> = name.split('.').map(|text| Part { text: text.into(), quoted: false }).collect();
        Field::resolve(&parts)
    }

    #[test]
    fn every_name_leads_to_its_field_and_the_own_name_back() {
        for (name, plain) in PLAIN {
            assert_eq!(resolve(name).unwrap(), Field::Plain(*plain), "{name}");
            assert_eq!(resolve(plain.name()).unwrap(), Field::Plain(*plain));
            assert_eq!(resolve(&format!("Attribute.{}", name.to_uppercase())).unwrap(), Field::Plain(*plain), "{name}");
        }
        for (name, table) in Table::NAMES {
            assert_eq!(resolve(&format!("{name}.Some.Key")).unwrap(), Field::Keyed(table, "Some.Key".into()), "{name}");
            assert!(resolve(name).is_err());
        }
    }

    #[test]
    fn a_wrong_name_gets_a_suggestion() {
        for (wrong, right) in [
            ("verison", "did you mean `version`?"),
            ("Metrcs.Accuracy", "did you mean `metrics.Accuracy`?"),
            ("created", "did you mean `created_at`?"),
            ("accuracy", "metrics.accuracy"),
            ("x.y", "the fields are name, version"),
            ("model.nam", "did you mean `name`?"),
        ] {
            let hint = resolve(wrong).unwrap_err().hint;
            assert!(hint.contains(right), "{wrong}: {hint}");
        }
    }

    #[test]
    fn a_key_is_written_bare_only_when_it_can_be() {
        for (key, shown) in [
            ("f1-score", "tags.f1-score"),
            ("a.b", "tags.a.b"),
            ("my key", "tags.`my key`"),
            ("a`b", "tags.`a``b`"),
            ("a..b", "tags.`a..b`"),
            ("5", "tags.`5`"),
        ] {
            assert_eq!(Field::Keyed(Table::Tags, key.into()).to_string(), shown);
        }
    }
}
