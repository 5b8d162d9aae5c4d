use std::path::{Path, PathBuf};

use anyhow::Result;

use super::{outcome, preview};
use crate::cli::args::{WriteArgs, pair, parsed, prose};
use crate::cli::output::Output;
use crate::cli::progress::Bar;
use crate::cli::{Context, Status};
use crate::model::{
    ArtifactUri, Code, CommitId, Dataset, Digest, Invalid, Key, Line, Link, ModelName, Number, RepositoryUrl, Scalar,
    Text,
};
use crate::ops::{Facts, Refusal, Register, Scanned, code_commit, file_uri, preview_register, register, scan};

/// Register the next version of a model
///
/// Creates the model on first use. A local artifact, a file or a folder, is read, and its file manifest and digests are
/// recorded; `--uri` is the address from which others load it. An address without a local artifact is recorded
/// unchanged.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  modelreg register iris --artifact ./out/model --uri s3://models/iris/10 --metric accuracy=0.97
  modelreg register iris --artifact s3://models/iris/11 --from run.json --git-info
  modelreg register iris --artifact model.onnx --param depth=4 --dataset iris=s3://data/iris.parquet")]
pub(in crate::cli) struct Args {
    /// The registered model's name
    #[arg(value_parser = parsed::<ModelName>)]
    model: ModelName,
    /// The artifact: a local file or folder, or its address
    #[arg(long, value_name = "PATH-or-URI")]
    artifact: String,
    /// The address from which others load the local artifact [default: its file: address]
    #[arg(long, value_parser = parsed::<ArtifactUri>)]
    uri: Option<ArtifactUri>,
    /// The artifact's digest, if only its address is given
    #[arg(long, value_parser = parsed::<Digest>, value_name = "sha256:HEX")]
    digest: Option<Digest>,
    /// A param of the training; a number only where it is written in the same characters, else text
    #[arg(long = "param", value_name = "KEY=VALUE", value_parser = |s: &str| pair::<Key, _>(s, |v| Ok(Scalar::parse(v))))]
    params: Vec<(Key, Scalar)>,
    /// A measured value; nan, inf and -inf are kept, but meet no gate
    #[arg(long = "metric", value_name = "KEY=NUMBER", value_parser = |s: &str| pair::<Key, _>(s, number), allow_hyphen_values = true)]
    metrics: Vec<(Key, Number)>,
    /// A tag
    #[arg(long = "tag", value_name = "KEY=VALUE", value_parser = |s: &str| pair::<Key, _>(s, parsed::<Text>))]
    tags: Vec<(Key, Text)>,
    /// The description of the version, in Markdown
    #[arg(long, value_parser = prose, value_name = "TEXT")]
    description: Option<Text>,
    /// Project id
    #[arg(long, value_parser = parsed::<Line>, value_name = "ID")]
    project: Option<Line>,
    /// The environment in which it was trained and is registered
    #[arg(long, value_parser = parsed::<Line>, value_name = "NAME")]
    environment: Option<Line>,
    /// The library that wrote the artifact: sklearn, pytorch, ...
    #[arg(long, value_parser = parsed::<Line>, value_name = "NAME")]
    flavor: Option<Line>,
    /// The training run's id
    #[arg(long, value_parser = parsed::<Line>, value_name = "ID")]
    run_id: Option<Line>,
    /// The experiment the run belongs to
    #[arg(long, value_parser = parsed::<Line>, value_name = "NAME")]
    experiment: Option<Line>,
    /// The address of the run's page
    #[arg(long, value_parser = parsed::<Link>, value_name = "URL")]
    run_link: Option<Link>,
    /// A training dataset, with its address
    #[arg(long = "dataset", value_name = "NAME[=URI]", value_parser = dataset)]
    datasets: Vec<Dataset>,
    /// The parent version
    #[arg(long, value_parser = parsed::<ArtifactUri>, value_name = "models:/NAME/VERSION")]
    parent: Option<ArtifactUri>,
    /// The commit of the training code, with its repository
    #[arg(long, value_name = "[REPOSITORY@]COMMIT", value_parser = code, conflicts_with = "git_info")]
    code: Option<Code>,
    /// Record the commit that is checked out in the current folder as the training code
    #[arg(long)]
    git_info: bool,
    /// Read params, metrics, tags, lineage ... from a TOML or JSON file; flags override it. Nested params become keys with
    /// dots
    #[arg(long, value_name = "FILE")]
    from: Option<PathBuf>,
    /// Show the version that would be registered and the findings of the rules, and write nothing
    #[arg(long, conflicts_with = "push")]
    dry_run: bool,
    #[command(flatten)]
    write: WriteArgs,
}

fn number(text: &str) -> Result<Number, String> {
    Number::parse_metric(text)
        .ok_or_else(|| format!("`{text}` is not a number; write one such as 0.97, or nan, inf or -inf"))
}

fn dataset(text: &str) -> Result<Dataset, String> {
    match text.split_once('=') {
        None => Ok(Dataset { name: parsed(text)?, uri: None, digest: None }),
        Some((name, uri)) => Ok(Dataset { name: parsed(name)?, uri: Some(parsed(uri)?), digest: None }),
    }
}

fn code(text: &str) -> Result<Code, String> {
    match text.rsplit_once('@') {
        Some((repository, commit)) if CommitId::check(commit).is_ok() => {
            Ok(Code { repository: Some(parsed::<RepositoryUrl>(repository)?), commit: parsed(commit)? })
        }
        _ => Ok(Code { repository: None, commit: parsed(text)? }),
    }
}

pub(super) fn run(args: &Args, context: &Context, output: &mut Output) -> Result<Status> {
    let session = context.writing(&args.write)?;
    let (uri, scanned) = artifact(args)?;
    let ask = Register { model: args.model.clone(), uri, scanned, digest: args.digest.clone(), facts: facts(args)? };
    if args.dry_run {
        return Ok(preview::print(&preview_register(&session, &ask)?, output));
    }
    let done = register(&session, &ask)?;
    outcome::print_summary(done.into_summary(), args.write.commit.format, output)
}

/// The address of the artifact, and the files found there.
fn artifact(args: &Args) -> Result<(ArtifactUri, Option<Scanned>)> {
    let text = args.artifact.as_str();
    if looks_like_address(text) {
        let uri = ArtifactUri::new(text)?;
        if let Some(other) = &args.uri {
            let why = format!("`{text}` and `--uri {other}` are both addresses");
            return Err(Refusal::new(why, "give one address; use `--uri` with a local path").into());
        }
        return Ok((uri, None));
    }
    if args.digest.is_some() {
        let why = "`--digest` is only for an address: the digest of a local artifact is computed";
        return Err(Refusal::new(why, "remove `--digest`").into());
    }
    let path = Path::new(text);
    let scanned = scan(path, &Bar::new("hashing"))?;
    let uri = match &args.uri {
        Some(uri) => uri.clone(),
        None => file_uri(path)?,
    };
    Ok((uri, Some(scanned)))
}

/// Whether the text begins with a scheme such as `s3:`. A path can be written `./s3:x`.
fn looks_like_address(text: &str) -> bool {
    text.split_once(':').is_some_and(|(scheme, _)| {
        scheme.len() > 1
            && scheme.starts_with(|c: char| c.is_ascii_lowercase())
            && scheme.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b"+.-".contains(&b))
    })
}

fn facts(args: &Args) -> Result<Facts> {
    let mut facts = args.from.as_deref().map(Facts::read).transpose()?.unwrap_or_default();
    let given = |flag: &Option<Line>, fact: &mut Option<Line>| {
        if flag.is_some() {
            fact.clone_from(flag);
        }
    };
    given(&args.project, &mut facts.project);
    given(&args.environment, &mut facts.environment);
    given(&args.flavor, &mut facts.flavor);
    given(&args.run_id, &mut facts.lineage.run_id);
    given(&args.experiment, &mut facts.lineage.experiment);
    if args.description.is_some() {
        facts.description.clone_from(&args.description);
    }
    let lineage = &mut facts.lineage;
    lineage.run_link = args.run_link.clone().or(lineage.run_link.take());
    lineage.parent = args.parent.clone().or(lineage.parent.take());
    lineage.code = args.code.clone().or(lineage.code.take());
    if args.git_info {
        lineage.code = Some(code_commit(Path::new("."))?);
    }
    lineage.datasets.extend(args.datasets.iter().cloned());
    facts.params.extend(unique("--param", &args.params)?);
    facts.metrics.extend(unique("--metric", &args.metrics)?);
    facts.tags.extend(unique("--tag", &args.tags)?);
    Ok(facts)
}

/// The pairs as a map. Error: a key is given twice.
fn unique<V: Clone>(flag: &str, pairs: &[(Key, V)]) -> Result<Vec<(Key, V)>, Invalid> {
    for (at, (key, _)) in pairs.iter().enumerate() {
        if pairs[..at].iter().any(|(other, _)| other == key) {
            return Err(Invalid::new(format!("`{flag} {key}=...` is given twice"), "give each key once"));
        }
    }
    Ok(pairs.to_vec())
}
