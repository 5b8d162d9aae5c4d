//! The output of `modelreg show` for a version: all facts, in groups.

use indicatif::HumanBytes;

use super::sections::{comment_text, deleted, excerpt, fact, listed, next, pairs, requests, section};
use crate::cli::output::{BAD, BOLD, DIM, styled};
use crate::cli::table::{count, line, stage, stages};
use crate::diag::sanitize::for_shell;
use crate::model::{Action, Artifact, ClosedRequest, Field, Lineage, Manifest, Signature, Timestamp};
use crate::ops::{StageMove, VersionView};

/// Renders a version.
pub(super) fn render(view: &VersionView) -> String {
    let manifest = &view.manifest;
    let target = format!("{}@{}", line(&view.name), manifest.version);
    let mut page = format!("{}  {}\n", styled(BOLD, &target), stages(&view.stages));
    page += &deleted(manifest.deleted.as_ref());
    page += &manifest.description.as_ref().map_or(String::new(), |text| excerpt(text.as_str()));
    page.push('\n');
    page += &fact("registered", Some(format!("{} by {}", manifest.created_at.human(), manifest.created_by)));
    page += &fact("last modified", Some(view.last_modified.human()));
    page += &fact("aliases", listed(&view.aliases));
    page += &fact("project", manifest.project.as_ref());
    page += &fact("environment", manifest.environment.as_ref());
    page += &artifact(&manifest.artifact);
    page += &lineage(&manifest.lineage);
    page += &pairs("Params", &manifest.params);
    page += &pairs("Metrics", &manifest.metrics);
    page += &manifest.signature.as_ref().map_or(String::new(), signature);
    page += &pairs("Tags", &manifest.tags);
    // The withdrawal of another version beside this one does not concern this version.
    let concerns =
        |moved: &&StageMove| moved.entry.action != Action::Withdraw || moved.entry.version == manifest.version;
    let moves = view.moves.iter().filter(concerns);
    page += &requests(&view.requests);
    page += &entries("Stage moves", moves.map(|moved| stage_move(moved, manifest)));
    page += &section("Closed requests", manifest.closed_requests.iter().map(closed_request));
    page += &entries("Comments", manifest.comments.iter().map(|c| (c.at, c.by.to_string(), Some(c.text.as_str()))));
    page + &if manifest.deleted.is_some() {
        next(&format!("modelreg restore {}", for_shell(&target)), "undoes the deletion")
    } else {
        next(&format!("modelreg pull {} --into DIR", for_shell(&target)), "fetches the artifact and checks it")
    }
}

fn closed_request(request: &ClosedRequest) -> [String; 3] {
    let reason = request.reason.as_ref().map_or(String::new(), |reason| format!(": {}", line(reason.as_str())));
    let by = styled(DIM, line(&format!("by {}", request.by)));
    [styled(DIM, request.at.human()), format!("{}{reason}", line(&request.in_words())), by]
}

fn artifact(artifact: &Artifact) -> String {
    let size = artifact.size.map(|size| {
        let files = if artifact.files.is_empty() {
            String::new()
        } else {
            format!(" in {}", count(artifact.files.len(), "file"))
        };
        format!("{} ({size} bytes){files}", HumanBytes(size))
    });
    let facts = [
        ("uri", Some(artifact.uri.to_string())),
        ("flavor", artifact.flavor.as_ref().map(ToString::to_string)),
        ("size", size),
        ("digest", artifact.digest.as_ref().map(ToString::to_string)),
    ];
    let files = artifact.files.iter().map(|file| {
        let size = format!("{:>11}", HumanBytes(file.size).to_string());
        [line(file.path.as_str()), size, styled(DIM, file.digest.short())]
    });
    known("Artifact", facts) + &section("Files", files)
}

fn lineage(lineage: &Lineage) -> String {
    let code = lineage.code.as_ref();
    let facts = [
        ("run", lineage.run_id.as_ref().map(ToString::to_string)),
        ("experiment", lineage.experiment.as_ref().map(ToString::to_string)),
        ("run page", lineage.run_link.as_ref().map(ToString::to_string)),
        ("code", code.and_then(|code| code.repository.as_ref()).map(ToString::to_string)),
        ("commit", code.map(|code| code.commit.to_string())),
        ("parent", lineage.parent.as_ref().map(ToString::to_string)),
    ];
    let datasets = lineage.datasets.iter().map(|data| {
        let uri = data.uri.as_ref().map_or(String::new(), |uri| line(uri.as_str()));
        [line(data.name.as_str()), uri, styled(DIM, line(&data.short_digest().unwrap_or_default()))]
    });
    known("Lineage", facts) + &section("Datasets", datasets)
}

/// The known facts under a title.
fn known<const N: usize>(title: &str, facts: [(&str, Option<String>); N]) -> String {
    let known = facts.into_iter().filter_map(|(label, value)| Some([styled(DIM, label), line(&value?)]));
    section(title, known)
}

fn signature(signature: &Signature) -> String {
    let row = |side: &str, field: &Field| {
        let name = field.name.as_ref().map_or("-".into(), |name| line(name.as_str()));
        [styled(DIM, side), name, line(&field.whole_type())]
    };
    let inputs = signature.inputs.iter().map(|field| row("takes", field));
    let outputs = signature.outputs.iter().map(|field| row("gives", field));
    section("Signature", inputs.chain(outputs).chain(signature.params.iter().map(|field| row("param", field))))
}

/// The effect of a journal entry.
fn stage_move<'a>(moved: &'a StageMove, manifest: &Manifest) -> (Timestamp, String, Option<&'a str>) {
    let entry = &moved.entry;
    let name = stage(&moved.stage);
    let what = match entry.action {
        Action::Withdraw => format!("withdraw from {name}"),
        action => {
            // Another version entered the stage while this version was in it.
            let other = if entry.version == manifest.version { String::new() } else { format!(" {}", entry.version) };
            let was = entry.from.map_or(String::new(), |from| format!(" (was {from})"));
            format!("{}{other} -> {name}{was}", action.word())
        }
    };
    let emergency = if entry.emergency { format!(" {}", styled(BAD, "emergency")) } else { String::new() };
    let approved = listed(entry.approvals.iter().map(|approval| &approval.by));
    let approved = approved.map_or(String::new(), |by| format!(", approved by {by}"));
    let by = line(&format!("by {}{approved}", entry.by));
    (entry.at, format!("{what}{emergency}  {}", styled(DIM, by)), entry.reason.as_ref().map(|reason| reason.as_str()))
}

/// The events, oldest first, each with its text below. The second item of each pair is safe to print.
fn entries<'a>(title: &str, entries: impl Iterator<Item = (Timestamp, String, Option<&'a str>)>) -> String {
    let shown: String = entries
        .map(|(at, what, text)| {
            format!("  {}  {what}\n{}", styled(DIM, at.human()), text.map_or(String::new(), comment_text))
        })
        .collect();
    if shown.is_empty() { shown } else { format!("\n{}\n{shown}", styled(BOLD, title)) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Move;

    #[test]
    fn the_page_groups_every_fact() {
        let digest = format!("sha256:{}", "ab".repeat(32));
        let manifest = format!(
            "format = 1\nversion = 9\ncreated_at = 2022-02-03T18:02:16Z\ncreated_by = \"ada@example.com\"\n\
             project = \"iris\"\ndescription = \"Better.\"\n\
             [artifact]\nuri = \"s3://models/iris/9\"\nflavor = \"sklearn\"\nsize = 18231\ndigest = \"{digest}\"\n\
             files = [{{ path = \"model.pkl\", size = 18231, digest = \"{digest}\" }}]\n\
             [lineage]\nrun_id = \"r1\"\ncode = {{ commit = \"0123456\" }}\n\
             datasets = [{{ name = \"train\", uri = \"s3://data/train\" }}]\n\
             [params]\nC = 1.0\n[metrics]\naccuracy = 0.95\n\
             [signature]\ninputs = [{{ name = \"x\", type = \"double\" }}]\noutputs = [{{ type = \"long\", shape = [-1] }}]\n\
             [[comments]]\nat = 2022-02-04T10:00:00Z\nby = \"bob@example.com\"\ntext = \"Looks\\n\\n::error::good\"\n"
        );
        let moved = |text: &str| StageMove { stage: "Production".into(), entry: toml::from_str::<Move>(text).unwrap() };
        let by = "by = \"ada@example.com\"\n";
        let view = VersionView {
            name: "iris".into(),
            manifest: toml::from_str(&manifest).unwrap(),
            stage: "Archived".into(),
            stages: vec!["Archived".into()],
            aliases: vec!["champion".into()],
            last_modified: Timestamp::parse("2022-02-05").unwrap(),
            requests: Vec::new(),
            moves: vec![
                moved(&format!(
                    "at = 2022-02-03T19:00:00Z\n{by}action = \"promote\"\nversion = 9\nfrom = 8\nreason = \"why\""
                )),
                moved(&format!("at = 2022-02-04T19:00:00Z\n{by}action = \"promote\"\nversion = 10\nfrom = 9")),
                moved(&format!(
                    "at = 2022-02-05T00:00:00Z\n{by}action = \"rollback\"\nversion = 9\nfrom = 10\nemergency = true"
                )),
                moved(&format!("at = 2022-02-05T00:00:00Z\n{by}action = \"withdraw\"\nversion = 9\nfrom = 9")),
            ],
        };
        insta::assert_snapshot!(anstream::adapter::strip_str(&render(&view)).to_string());
    }
}
