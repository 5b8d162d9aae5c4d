//! How to use a model: commands and code to copy.

use crate::diag::sanitize::for_shell;
use crate::model::{Manifest, ModelSnapshot};

/// Commands or code to copy.
pub(super) struct Snippet {
    /// What the text does.
    pub title: &'static str,
    pub text: String,
}

/// The snippets for a version; without a number, for the version in the last stage, or else for the newest version.
pub(super) fn usage(model: &ModelSnapshot, version: Option<&Manifest>) -> Vec<Snippet> {
    let name = model.file.name.as_str();
    let held = model.stages.iter().rev().find_map(|stage| Some((stage.stage.as_str(), stage.version?)));
    let (selector, number) = match (version, held) {
        (Some(manifest), _) => (manifest.version.to_string(), Some(manifest.version)),
        (None, Some((stage, number))) => (stage.to_owned(), Some(number)),
        (None, None) => ("latest".to_owned(), model.latest().map(|manifest| manifest.version)),
    };
    let uri = format!("models:/{name}/{selector}");
    let folder = name.replace(' ', "-");
    let (shell_uri, shell_folder) = (for_shell(&uri), for_shell(&folder));
    let manifest = number.and_then(|number| model.versions.get(&number));
    let flavor =
        manifest.and_then(|manifest| manifest.artifact.flavor.as_ref()).map_or("pyfunc", |flavor| flavor.as_str());
    // The flavor becomes a part of the code only if it is a Python name.
    let flavor = if flavor.bytes().all(|b| b.is_ascii_lowercase() || b == b'_') { flavor } else { "pyfunc" };
    // `modelreg pull` copies from local paths only: other stores have their own programs.
    let local = manifest.is_some_and(|manifest| manifest.artifact.uri.as_str().starts_with("file:"));
    let from = if local { "" } else { " --from DOWNLOADED" };
    let ask = format!(
        "found = subprocess.run(\n    [\"modelreg\", \"resolve\", {}, \"--format\", \"json\"],\n    \
         check=True, capture_output=True)\nuri = json.loads(found.stdout)[\"uri\"]",
        python(&uri)
    );
    vec![
        Snippet { title: "Address", text: uri },
        Snippet { title: "Show the artifact's address and digest", text: format!("modelreg resolve {shell_uri}") },
        Snippet {
            title: "Copy the artifact and check every byte",
            text: format!("modelreg pull {shell_uri} --into {shell_folder}{from}"),
        },
        Snippet {
            title: "MLflow",
            text: format!("import json, subprocess\nimport mlflow\n\n{ask}\nmodel = mlflow.{flavor}.load_model(uri)"),
        },
        Snippet { title: "Plain Python", text: format!("import json, subprocess\n\n{ask}") },
    ]
}

/// A text as a Python string.
fn python(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_becomes_one_python_string() {
        assert_eq!(python("a\"b\\"), "\"a\\\"b\\\\\"");
    }
}
