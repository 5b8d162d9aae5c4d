//! The output of `modelreg show` for a model: its facts, stages and versions.

use super::sections::{deleted, excerpt, fact, listed, next, pairs, requests};
use crate::cli::output::{BAD, BOLD, DIM, styled};
use crate::cli::table::{self, Columns, cell, count, line, stage};
use crate::diag::sanitize::for_shell;
use crate::ops::{ModelView, StageView, VersionLine};

/// The maximum length of a description in the table, in characters.
const CUT: usize = 60;

/// Renders a model with at most `most` of its newest versions.
pub(super) fn render(model: &ModelView, most: usize) -> String {
    let file = &model.file;
    let mut page = format!("{}\n", styled(BOLD, line(file.name.as_str())));
    page += &deleted(file.deleted.as_ref());
    page += &file.description.as_ref().map_or(String::new(), |text| excerpt(text.as_str()));
    page.push('\n');
    page += &fact("created", Some(format!("{} by {}", file.created_at.human(), file.created_by)));
    page += &fact("last modified", Some(model.last_modified.human()));
    page += &fact("owners", listed(&file.owners));
    page += &fact("project", file.project.as_ref());
    page += &fact("formerly", listed(&file.former_names));
    page += &fact("aliases", listed(file.aliases.iter().map(|(alias, version)| format!("{alias} -> {version}"))));
    page += &pairs("Tags", &file.tags);
    page += &stages(&model.stages);
    page += &requests(&model.requests);
    page += &versions(&model.versions, most);
    let name = for_shell(file.name.as_str());
    page + &match (&file.deleted, model.versions.first()) {
        (Some(_), _) => next(&format!("modelreg restore {name}"), "undoes the deletion"),
        (None, None) => next(&format!("modelreg register {name} --artifact PATH"), "adds the first version"),
        (None, Some(newest)) => {
            let target = for_shell(&format!("{}@{}", file.name, newest.version));
            next(&format!("modelreg show {target}"), "shows all facts of a version")
        }
    }
}

fn stages(stages: &[StageView]) -> String {
    if stages.is_empty() {
        return String::new();
    }
    let mut table = Columns::without_head();
    table.keep_whole([2, 0, 1]);
    for held in stages {
        let beside = if held.beside.is_empty() {
            String::new()
        } else {
            let others: Vec<String> = held.beside.iter().map(u64::to_string).collect();
            format!(" beside {}", others.join(", "))
        };
        let back = held.prior_version.map_or(String::new(), |prior| format!("(rollback goes to {prior})"));
        table.row([
            stage(&held.stage),
            held.version.map_or("-".into(), |version| format!("{}{}", styled(BOLD, version), styled(DIM, beside))),
            held.since.map_or(String::new(), |at| format!("since {}", at.human())),
            styled(DIM, back),
        ]);
    }
    format!("\n{}\n{}", styled(BOLD, "Stages"), table.indented("  "))
}

fn versions(versions: &[VersionLine], most: usize) -> String {
    if versions.is_empty() {
        return String::new();
    }
    let mut table = Columns::new(["VERSION", "REGISTERED AT", "CREATED BY", "STAGE", "ALIASES", "DESCRIPTION"]);
    table.keep_whole([1, 0, 3, 2]);
    for version in versions.iter().take(most) {
        let first = version.description.as_deref().and_then(|text| text.trim().lines().next()).map(cut);
        table.row([
            version.version.to_string(),
            version.created_at.human(),
            cell(Some(version.created_by.as_str())),
            if version.deleted { styled(BAD, "deleted") } else { table::stages(&version.stages) },
            cell(Some(&version.aliases.join(", "))),
            cell(first.as_deref()),
        ]);
    }
    let more = match versions.len().saturating_sub(most) {
        0 => String::new(),
        older => styled(DIM, format!("  and {}; `--all` shows them", count(older, "older version"))) + "\n",
    };
    format!("\n{}\n{}{more}", styled(BOLD, "Versions"), table.indented("  "))
}

fn cut(text: &str) -> String {
    match text.char_indices().nth(CUT) {
        None => text.to_owned(),
        Some((end, _)) => format!("{}...", text[..end].trim_end()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Timestamp;
    use crate::ops::RequestSummary;

    fn version(number: u64, stage: &str, description: Option<&str>) -> VersionLine {
        let at = Timestamp::parse("2022-02-03 18:02:16").unwrap();
        VersionLine {
            version: number,
            stage: stage.into(),
            stages: vec![stage.into()],
            created_at: at,
            created_by: crate::model::UserId::new("ada@example.com").unwrap(),
            last_modified: at,
            aliases: Vec::new(),
            description: description.map(str::to_owned),
            deleted: false,
        }
    }

    #[test]
    fn the_page_has_the_stages_and_the_newest_versions() {
        let file = "format = 1\nname = \"iris\"\ncreated_at = 2022-01-28T13:11:14Z\ncreated_by = \"ada@example.com\"\n\
                    owners = [\"ada@example.com\"]\ndescription = \"One\\n::debug::two\\n\\nfour\"\n\
                    [tags]\n\"::error::key\" = \"a\\nb\"\n[aliases]\nchampion = 9\n";
        let stage = StageView {
            stage: "Production".into(),
            version: Some(9),
            since: Timestamp::parse("2022-02-03 18:38:21").ok(),
            prior_version: Some(8),
            beside: vec![10],
            history: Vec::new(),
        };
        let long = "a word and ".repeat(8);
        let view = ModelView {
            file: toml::from_str(file).unwrap(),
            last_modified: Timestamp::parse("2022-02-10 19:50:00").unwrap(),
            versions: vec![
                version(10, "Production", Some(&long)),
                version(9, "Production", Some("first\nsecond")),
                version(8, "Archived", None),
            ],
            stages: vec![stage],
            requests: vec![RequestSummary {
                id: "iris/Production/10".into(),
                stage: "Production".into(),
                version: 10,
                action: crate::model::Action::Promote,
                by: crate::model::UserId::new("ada@example.com").unwrap(),
                at: Timestamp::parse("2022-02-04 18:02:16").unwrap(),
                approvals_counted: 0,
                approvals_needed: 1,
                state: crate::ops::State::AwaitsApproval,
            }],
        };
        let text = render(&view, 2);
        insta::assert_snapshot!(anstream::adapter::strip_str(&text).to_string());
        assert!(!render(&view, 3).contains("--all"));
    }
}
