//! What a new registry gives its forge: a GitHub workflow and a GitLab pipeline that validate every push and every pull
//! request, and a beginning of CODEOWNERS. They lie at the repository's top, where forges look, also where the registry
//! lies in a folder.
//!
//! A pull request is judged as what merging it would do, by the policy of the branch that it is merged into.

use super::commit::Edits;

const WORKFLOW: &str = include_str!("ci/github.yml");
const PIPELINE: &str = include_str!("ci/gitlab.yml");
const CODEOWNERS: &str =
    "# Who reviews what. `modelreg codeowners --forge github` (or gitlab, gitea) writes it here from the policy.\n";

/// The files for a registry in a folder of the repository, by path from its top; `branch` is the registry's.
pub(super) fn files(branch: &str, folder: &str) -> Edits {
    let at = if folder.is_empty() { "." } else { folder };
    let filled = |text: &str, quoted: fn(&str) -> String| {
        text.replace("{{branch}}", &quoted(branch)).replace("{{folder}}", &quoted(at))
    };
    // Both read expressions in a string: GitHub `${{ }}`, which has no escape but an expression, GitLab `$NAME`.
    let github = |text: &str| quoted(&text.replace("${{", "${{ '${{' }}"));
    let gitlab = |text: &str| quoted(&text.replace('$', "$$"));
    let files = [
        ("/.github/workflows/modelreg.yml", filled(WORKFLOW, github)),
        ("/.gitlab-ci.yml", filled(PIPELINE, gitlab)),
        ("/CODEOWNERS", CODEOWNERS.to_owned()),
    ];
    files.into_iter().map(|(path, text)| (path.to_owned(), Some(text.into_bytes()))).collect()
}

/// A YAML string, whatever is in it: JSON's are. The scripts read it as a variable, never as a part of themselves.
fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn a_folders_name_stays_a_string() {
        let files = files("main", "a\": b\n- run: evil");
        let text = String::from_utf8(files["/.github/workflows/modelreg.yml"].clone().unwrap()).unwrap();
        assert!(text.contains(r#""a\": b\n- run: evil""#), "{text}");
        assert!(!text.contains("\n- run: evil") && !text.contains("{{branch}}"), "{text}");
    }

    #[test]
    fn a_name_is_no_expression_to_a_forge() {
        let files = files("main", "${{ secrets.A }}$B");
        let text = |path: &str| String::from_utf8(files[path].clone().unwrap()).unwrap();
        assert!(text("/.github/workflows/modelreg.yml").contains(r#"FOLDER: "${{ '${{' }} secrets.A }}$B""#));
        assert!(text("/.gitlab-ci.yml").contains(r#"REGISTRY_FOLDER: "$${{ secrets.A }}$$B""#));
    }
}
