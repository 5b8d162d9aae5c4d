//! Names: of models, stages, aliases, teams and branches.

use gix_validate::path::component_is_windows_device;

use super::invisible::first_hidden;
use super::text::{Checked, Invalid, Shown, string_type};

/// The maximum length of a name, in characters.
pub const MAX_NAME: usize = 100;

string_type! {
    /// A registered model's name: 1 to 100 of `A-Z a-z 0-9 . _ -` and inner single spaces, safe as a folder
    /// on every file system and as a part of a branch name.
    ///
    /// ```
    /// use modelreg::model::ModelName;
    ///
    /// let name = ModelName::new("IRIS_pred_model")?;
    /// assert_eq!(name.as_str(), "IRIS_pred_model");
    /// for refused in ["", "../x", "-x", "nul.txt", "model."] {
    ///     assert!(ModelName::new(refused).is_err());
    /// }
    /// # Ok::<(), modelreg::model::Invalid>(())
    /// ```
    ModelName, format = "model-name", check = check_model, pattern = r"^[A-Za-z0-9]( ?(\. ?)?[A-Za-z0-9_-])*$", max = MAX_NAME
}

string_type! {
    /// A stage's name, under the same rules as a model's.
    StageName, format = "stage-name", check = check_stage, pattern = r"^[A-Za-z0-9]( ?(\. ?)?[A-Za-z0-9_-])*$", max = MAX_NAME
}

string_type! {
    /// An alias of a model version: `champion`, `eu-canary`.
    AliasName, format = "alias-name", check = check_alias, pattern = r"^[A-Za-z0-9_-]+$", max = MAX_NAME
}

string_type! {
    /// A team of approvers in the policy.
    TeamName, format = "team-name", check = check_team, pattern = r"^[A-Za-z0-9][A-Za-z0-9._-]*$", max = MAX_NAME
}

string_type! {
    /// A branch, without `refs/heads/`.
    BranchName, format = "branch-name", check = check_branch, max = 200
}

impl ModelName {
    /// The name in lower case, in which two names of a registry must differ.
    pub fn folded(&self) -> String {
        self.as_str().to_ascii_lowercase()
    }
}

impl StageName {
    /// The name in lower case, in which two names of a registry must differ.
    pub fn folded(&self) -> String {
        self.as_str().to_ascii_lowercase()
    }

    /// The name of the stage's pointer file, without folder: `production.toml`. A space becomes `+`.
    pub fn file_name(&self) -> String {
        format!("{}.toml", self.folded().replace(' ', "+"))
    }

    /// Whether both name the same stage, ignoring case.
    pub fn is(&self, other: &str) -> bool {
        self.as_str().eq_ignore_ascii_case(other)
    }
}

/// The stage of a version that was never in a stage.
pub const STAGE_NONE: &str = "None";
/// The stage of a version that has left its stages, or was archived.
pub const STAGE_ARCHIVED: &str = "Archived";

fn check_model(name: &str) -> Checked {
    let hint = "use 1 to 100 of A-Z a-z 0-9 . _ - and inner single spaces, beginning with a letter or digit";
    let refuse = |why: String| Err(Invalid::new(why, hint));
    if name.is_empty() {
        return refuse("the name is empty".into());
    }
    if name.chars().count() > MAX_NAME {
        return refuse(format!("the name has {} characters; the maximum is {MAX_NAME}", name.chars().count()));
    }
    if let Some(c) = name.chars().find(|&c| !(c.is_ascii_alphanumeric() || "._- ".contains(c))) {
        return refuse(format!("a name must not contain {}", Shown(c)));
    }
    if !name.starts_with(|c: char| c.is_ascii_alphanumeric()) {
        return refuse("a name begins with a letter or a digit".into());
    }
    if name.ends_with(['.', ' ']) {
        return refuse("a name cannot end in a dot or a space".into());
    }
    if name.contains("..") || name.contains("  ") {
        return refuse("a name must not contain two dots or spaces side by side".into());
    }
    if name.to_ascii_lowercase().ends_with(".lock") {
        return refuse("a name cannot end in `.lock`: git keeps its locks under such names".into());
    }
    let stem = name.split('.').next().unwrap_or_default().trim_end().to_ascii_lowercase();
    // Git, and with it the crate, omits `COM0`, which some versions of Microsoft's list contain.
    if component_is_windows_device(name.into()) || stem == "com0" {
        return refuse(format!("`{stem}` is a device on Windows"));
    }
    Ok(())
}

fn check_stage(name: &str) -> Checked {
    check_model(name)?;
    for reserved in [STAGE_NONE, STAGE_ARCHIVED] {
        if name.eq_ignore_ascii_case(reserved) {
            return Err(Invalid::new(
                format!("`{reserved}` is reserved: it describes versions that are in no stage"),
                "choose another name for the stage",
            ));
        }
    }
    match reads_like_a_version(name) {
        // `models:/MODEL/latest` and `models:/MODEL/1` never lead to a stage.
        Some(why) => Err(Invalid::new(why, "choose another name for the stage")),
        None => Ok(()),
    }
}

/// Why a name would be taken for a version; none if it would not.
fn reads_like_a_version(name: &str) -> Option<String> {
    if name.eq_ignore_ascii_case("latest") {
        return Some("`latest` always means the newest version".into());
    }
    let digits = name.strip_prefix(['v', 'V']).unwrap_or(name);
    let is_number = !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit());
    is_number.then(|| format!("`{name}` reads like a version number"))
}

fn check_alias(name: &str) -> Checked {
    let hint = "use 1 to 100 letters, digits, _ and -, for example `champion`";
    let refuse = |why: String| Err(Invalid::new(why, hint));
    if name.is_empty() || name.len() > MAX_NAME {
        return refuse(format!("an alias has 1 to {MAX_NAME} characters"));
    }
    if let Some(c) = name.chars().find(|&c| !(c.is_ascii_alphanumeric() || c == '_' || c == '-')) {
        return refuse(format!("an alias must not contain {}", Shown(c)));
    }
    if name.starts_with('-') {
        return refuse("an alias cannot begin with `-`: programs would take it for an option".into());
    }
    if let Some(why) = reads_like_a_version(name) {
        return refuse(why);
    }
    if [STAGE_NONE, STAGE_ARCHIVED].iter().any(|reserved| name.eq_ignore_ascii_case(reserved)) {
        return refuse(format!("`{name}` describes versions that are in no stage"));
    }
    Ok(())
}

fn check_team(name: &str) -> Checked {
    check_model(name)?;
    if name.contains(' ') {
        return Err(Invalid::new(
            "a team's name must not contain a space",
            "use `-` instead of a space, for example `ml-leads`",
        ));
    }
    Ok(())
}

/// The rules of `git check-ref-format --branch`. Names that look like options, or like other names, are refused too.
fn check_branch(name: &str) -> Checked {
    let refuse = |why: String| Err(Invalid::new(why, "use a valid git branch name, for example `main`"));
    if name.is_empty() || name.len() > 200 {
        return refuse("a branch name has 1 to 200 characters".into());
    }
    if name.starts_with('-') || matches!(name, "@" | "HEAD") {
        return refuse("git would read it as an option or an expression".into());
    }
    if let Some(c) = first_hidden(name) {
        return refuse(format!("a branch name must not contain {}", Shown(c)));
    }
    match gix_validate::reference::branch_name(format!("refs/heads/{name}").as_str().into()) {
        Ok(_) => Ok(()),
        Err(why) => refuse(why.to_string().replace("Reference name", "a branch name")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_names_of_safety_1_to_3_are_refused() {
        let long = "a".repeat(101);
        let bad = [
            "../x",
            "a/b",
            ".",
            "..",
            ".git",
            "",
            "dot.",
            "space ",
            &long,
            "-x",
            "--output=f",
            "CON",
            "nul.toml",
            "com1",
            "LPT9.x",
            "Modеl",
            "a\u{0}b",
            "a\nb",
            "a\\b",
            "x.lock",
            "a..b",
            "a  b",
            "a\u{200b}b",
            "git~1",
            " a",
        ];
        for name in bad {
            assert!(ModelName::new(name).is_err(), "{name:?}");
        }
    }

    #[test]
    fn the_names_just_inside_the_rules_are_taken() {
        let long = "a".repeat(100);
        for name in ["IRIS_pred_model", "a", "7", &long, "a b c", "x.lockx", "console", "nul1", "v1.2-rc_3", "com10"] {
            assert!(ModelName::new(name).is_ok(), "{name:?}");
        }
    }

    #[test]
    fn stages_that_are_derived_cannot_be_declared() {
        assert!(StageName::new("none").is_err());
        assert!(StageName::new("ARCHIVED").is_err());
        for bad in ["latest", "Latest", "1", "v2"] {
            assert!(StageName::new(bad).is_err(), "{bad:?}");
        }
        assert!(StageName::new("v2 canary").is_ok());
        assert_eq!(StageName::new("Pre Production").unwrap().file_name(), "pre+production.toml");
    }

    #[test]
    fn an_alias_never_reads_like_a_version() {
        for bad in ["latest", "Latest", "v1", "V22", "12", "a.b", "", "a b", "-x", "None", "archived"] {
            assert!(AliasName::new(bad).is_err(), "{bad:?}");
        }
        for good in ["champion", "v1x", "eu-canary", "v"] {
            assert!(AliasName::new(good).is_ok(), "{good:?}");
        }
    }

    #[test]
    fn branches_follow_git() {
        for bad in [
            "",
            "-f",
            "a..b",
            "a//b",
            "a b",
            "a\u{200d}b",
            "a\u{200f}",
            "x.lock",
            "/a",
            "a/",
            "a~1",
            "@",
            "a@{1}",
            "HEAD",
            "a\u{7f}b",
            "a\u{1d173}",
            "a.lock/b",
            "a/.b",
            "a.",
            "a\\b",
            "a*",
        ] {
            assert!(BranchName::new(bad).is_err(), "{bad:?}");
        }
        for good in ["release/2026.11", "a@b", "@/a", "HEAD/x", "head", "x.lockx", "a{b}", "zweig-\u{fc}"] {
            assert!(BranchName::new(good).is_ok(), "{good:?}: {:?}", BranchName::new(good));
        }
    }
}
