//! The paths of a registry's files, relative to the registry's folder, with `/` between the parts.

use super::file::FileKind;
use super::name::{ModelName, StageName};
use super::registry::Layout;

/// The file that makes a folder a registry.
pub const REGISTRY_FILE: &str = "registry.toml";
/// The trusted keys, in OpenSSH's allowed-signers format.
pub const SIGNERS_FILE: &str = "allowed_signers";
/// The folder of all models.
pub const MODELS: &str = "models";
/// The file with the data that a model's versions share.
pub const MODEL_FILE: &str = "model.toml";
/// A model's folder of manifests.
pub const VERSIONS: &str = "versions";
/// A model's folder of stage pointers.
pub const STAGES: &str = "stages";
/// The registry's folder of JSON Schemas, to which each file's first line points.
pub const SCHEMAS: &str = "schema";

impl Layout {
    /// The folder between `models/` and the model's folder, in the sharded layout: the name's first two characters in
    /// lower case. A dot or space becomes `_`, because on some systems a folder's name must not end in either.
    pub fn shard(self, name: &str) -> Option<String> {
        match self {
            Self::Flat => None,
            Self::Sharded => Some(
                name.chars().take(2).map(|c| if ". ".contains(c) { '_' } else { c.to_ascii_lowercase() }).collect(),
            ),
        }
    }

    /// The model's folder. All other code gets the location of a model from this function.
    pub fn model_folder(self, name: &ModelName) -> String {
        match self.shard(name.as_str()) {
            None => format!("{MODELS}/{name}"),
            Some(shard) => format!("{MODELS}/{shard}/{name}"),
        }
    }

    /// The model's `model.toml`.
    pub fn model_file(self, name: &ModelName) -> String {
        format!("{}/{MODEL_FILE}", self.model_folder(name))
    }

    /// The manifest of a version.
    pub fn version_file(self, name: &ModelName, version: u64) -> String {
        format!("{}/{VERSIONS}/{version}.toml", self.model_folder(name))
    }

    /// The pointer of a stage.
    pub fn stage_file(self, name: &ModelName, stage: &StageName) -> String {
        format!("{}/{STAGES}/{}", self.model_folder(name), stage.file_name())
    }
}

/// A file of a model.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum ModelPart {
    /// The manifest of a version.
    Version(u64),
    /// `model.toml`
    Model,
    /// The file of a stage, by the file's name.
    Stage(String),
}

/// The model that a file belongs to, and the part of the model that the file is; none for any other file.
pub fn model_part(path: &str) -> Option<(ModelName, ModelPart)> {
    let parts: Vec<&str> = path.strip_prefix(MODELS)?.strip_prefix('/')?.split('/').collect();
    let (folder, rest) = match parts.as_slice() {
        [.., folder, MODEL_FILE] => (folder, ModelPart::Model),
        [.., folder, VERSIONS, file] => (folder, ModelPart::Version(version_of_file(file)?)),
        [.., folder, STAGES, file] => (folder, ModelPart::Stage((*file).to_owned())),
        _ => return None,
    };
    let name = ModelName::new(*folder).ok()?;
    let is_at_its_place = [Layout::Flat, Layout::Sharded].iter().any(|layout| {
        path.strip_prefix(&layout.model_folder(&name)).is_some_and(|rest| rest.starts_with('/') && depth(rest) < 3)
    });
    is_at_its_place.then_some((name, rest))
}

fn depth(rest: &str) -> usize {
    rest.matches('/').count()
}

/// The version number in a file name such as `10.toml`; none for any other form, such as a sign or a leading zero.
pub fn version_of_file(file: &str) -> Option<u64> {
    let digits = file.strip_suffix(".toml")?;
    let canonical = !digits.starts_with('0') && digits.bytes().all(|b| b.is_ascii_digit());
    if canonical { digits.parse().ok() } else { None }
}

/// The path of a schema file.
pub fn schema_file(kind: FileKind) -> String {
    format!("{SCHEMAS}/{kind}.json")
}

/// The first line of a registry file: the path of its schema, relative to the file, for editors.
pub fn schema_line(kind: FileKind, path: &str) -> String {
    format!("#:schema {}{}\n", "../".repeat(path.matches('/').count()), schema_file(kind))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sharded_model_lies_in_a_folder_of_its_first_two_characters() {
        let folder = |name: &str| Layout::Sharded.model_folder(&ModelName::new(name).unwrap());
        assert_eq!(folder("IRIS_pred_model"), "models/ir/IRIS_pred_model");
        assert_eq!(folder("a"), "models/a/a");
        assert_eq!(folder("a b"), "models/a_/a b");
    }

    #[test]
    fn a_file_of_a_model_is_known_by_its_path() {
        let part = |path: &str| model_part(path).map(|(name, part)| (name.to_string(), part));
        let iris = |part| Some(("iris".to_owned(), part));
        assert_eq!(part("models/iris/model.toml"), iris(ModelPart::Model));
        assert_eq!(part("models/ir/iris/versions/10.toml"), iris(ModelPart::Version(10)));
        assert_eq!(part("models/iris/stages/production.toml"), iris(ModelPart::Stage("production.toml".into())));
        for other in ["registry.toml", "models/iris/versions/01.toml", "models/xx/iris/model.toml", "models/iris/x"] {
            assert_eq!(part(other), None, "{other}");
        }
    }

    #[test]
    fn a_version_has_one_file_name() {
        assert_eq!(version_of_file("10.toml"), Some(10));
        for bad in ["010.toml", "0.toml", "+1.toml", "1", ".toml", "1.TOML", "99999999999999999999.toml"] {
            assert_eq!(version_of_file(bad), None, "{bad}");
        }
    }

    #[test]
    fn the_schema_line_is_relative_to_the_file() {
        assert_eq!(
            schema_line(FileKind::Version, "models/m/versions/1.toml"),
            "#:schema ../../../schema/version.json\n"
        );
        assert_eq!(schema_line(FileKind::Registry, "registry.toml"), "#:schema schema/registry.json\n");
    }
}
