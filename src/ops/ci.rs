//! The CI files of a new registry: a GitHub workflow and a GitLab pipeline that validate every push and every pull
//! request, and a first CODEOWNERS. The files are at the root of the repository, where forges look for them, even if
//! the registry is in a folder.
//!
//! CI checks the merge result of a pull request by the policy of its target branch.

use super::commit::Edits;

const WORKFLOW: &str = include_str!("ci/github.yml");
const PIPELINE: &str = include_str!("ci/gitlab.yml");
const CODEOWNERS: &str =
    "# The reviewers. `modelreg codeowners --forge github` (or gitlab, gitea) writes them here from the policy.\n";

/// The files for a registry in a folder of the repository, by path; `branch` is the registry's branch.
pub(super) fn files(branch: &str, folder: &str) -> Edits {
    let at = if folder.is_empty() { "." } else { folder };
    let filled = |text: &str, quoted: fn(&str) -> String| {
        text.replace("{{branch}}", &quoted(branch)).replace("{{folder}}", &quoted(at))
    };
    // Both forges expand expressions in strings: GitHub `${{ }}`, whose only escape is an expression, GitLab `$NAME`.
    let github = |text: &str| quoted(&text.replace("${{", "${{ '${{' }}"));
    let gitlab = |text: &str| quoted(&text.replace('$', "$$"));
    let files = [
        ("/.github/workflows/modelreg.yml", filled(WORKFLOW, github)),
        ("/.gitlab-ci.yml", filled(PIPELINE, gitlab)),
        ("/CODEOWNERS", CODEOWNERS.to_owned()),
    ];
    files.into_iter().map(|(path, text)| (path.to_owned(), Some(text.into_bytes()))).collect()
}

/// A quoted YAML string: every JSON string is one. The scripts read the value as a variable, so that it cannot inject
/// commands.
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
