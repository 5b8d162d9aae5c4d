//! The comparison of versions: equal and different values, and the best metrics.

use std::collections::BTreeMap;
use std::fmt;

use serde::Serialize;

use super::metric_goal::goal_of;
use super::registry::{Goal, Registry};
use super::scalar::{Number, Scalar};
use super::time::Timestamp;
use super::version::{Dataset, Field, Manifest, Signature};

/// A version to be compared.
#[derive(Debug, Clone, Copy)]
pub struct Candidate<'a> {
    /// The version's label in the comparison: `iris@9`.
    pub label: &'a str,
    /// Its manifest.
    pub manifest: &'a Manifest,
    /// Its stage.
    pub stage: &'a str,
}

/// A comparison of versions. Every row has one value per version, in the order of `versions`.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Comparison {
    /// The versions' labels.
    pub versions: Vec<String>,
    /// The stage and the origin of each version, by the manifest's keys (`lineage.run_id`). Keys that no version has
    /// are omitted.
    pub facts: Vec<Row<Fact>>,
    /// Every param that some version has, sorted by key.
    pub params: Vec<Row<Scalar>>,
    /// Every metric that some version has, sorted by key.
    pub metrics: Vec<MetricRow>,
    /// The inputs and outputs of the versions.
    pub signature: SignatureRows,
}

/// One key in all versions.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Row<T> {
    /// The key.
    pub key: String,
    /// Each version's value; null if the version has none.
    pub values: Vec<Option<T>>,
    /// Whether the values differ. A missing value differs from any value.
    pub differs: bool,
}

/// One metric in all versions.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct MetricRow {
    /// The metric.
    pub key: String,
    /// Which direction is better; null if neither the policy nor the metric's name says so.
    pub goal: Option<Goal>,
    /// Each version's value, in the metric's unit; null if the version has none.
    pub values: Vec<Option<Number>>,
    /// Each value minus the first version's, in the metric's unit, rounded to the decimals of the two values; null for
    /// the first version, and if one of the two has no value.
    pub deltas: Vec<Option<Number>>,
    /// The indexes in `versions`, from 0, of the best value; several if they tie. Empty if the goal is unknown, if
    /// fewer than two versions have a value, or if all values tie.
    pub best: Vec<usize>,
    /// Whether the values differ.
    pub differs: bool,
}

/// The input and output columns and tensors of the versions, in the order of their first appearance.
///
/// A row's key is the column's name, or `#1`, `#2`, ... without a name; a value is the type and, if known, the shape:
/// `float32[-1, 28]`.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct SignatureRows {
    /// The inputs.
    pub inputs: Vec<Row<String>>,
    /// The outputs.
    pub outputs: Vec<Row<String>>,
    /// The params.
    pub params: Vec<Row<String>>,
    /// Whether any row differs.
    pub differs: bool,
}

/// A fact's value.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(untagged)]
pub enum Fact {
    /// A point in time.
    Time(Timestamp),
    /// Bytes.
    Size(u64),
    /// Text.
    Text(String),
    /// Several texts. The text of a dataset is its name, then its URI and digest if known.
    List(Vec<String>),
}

impl fmt::Display for Fact {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Time(time) => f.write_str(&time.human()),
            Self::Size(bytes) => write!(f, "{bytes}"),
            Self::Text(text) => f.write_str(text),
            Self::List(texts) => f.write_str(&texts.join(", ")),
        }
    }
}

impl Comparison {
    /// Whether the versions have the same params, metrics and signature. Facts such as the time of registration differ
    /// between any two.
    pub fn is_same(&self) -> bool {
        !(self.params.iter().any(|row| row.differs)
            || self.metrics.iter().any(|row| row.differs)
            || self.signature.differs)
    }
}

/// Compares versions of one or several models. The registry's policy says which direction of a metric is better.
pub fn compare(candidates: &[Candidate<'_>], registry: &Registry) -> Comparison {
    Comparison {
        versions: candidates.iter().map(|candidate| candidate.label.to_owned()).collect(),
        facts: FACTS.iter().filter_map(|(key, fact)| fact_row(key, candidates, fact)).collect(),
        params: params(candidates),
        metrics: metrics(candidates, registry),
        signature: signature(candidates),
    }
}

type FactOf = fn(&Candidate<'_>) -> Option<Fact>;

/// The facts, in the order in which they are shown.
const FACTS: [(&str, FactOf); 15] = [
    ("stage", |c| text(Some(c.stage))),
    ("created_at", |c| Some(Fact::Time(c.manifest.created_at))),
    ("created_by", |c| text(Some(c.manifest.created_by.as_str()))),
    ("project", |c| text(c.manifest.project.as_ref())),
    ("environment", |c| text(c.manifest.environment.as_ref())),
    ("artifact.flavor", |c| text(c.manifest.artifact.flavor.as_ref())),
    ("artifact.uri", |c| text(Some(c.manifest.artifact.uri.as_str()))),
    ("artifact.digest", |c| text(c.manifest.artifact.digest.as_ref())),
    ("artifact.size", |c| c.manifest.artifact.size.map(Fact::Size)),
    ("lineage.run_id", |c| text(c.manifest.lineage.run_id.as_ref())),
    ("lineage.experiment", |c| text(c.manifest.lineage.experiment.as_ref())),
    ("lineage.code.repository", |c| text(c.manifest.lineage.code.as_ref()?.repository.as_ref())),
    ("lineage.code.commit", |c| text(c.manifest.lineage.code.as_ref().map(|code| &code.commit))),
    ("lineage.parent", |c| text(c.manifest.lineage.parent.as_ref())),
    ("lineage.datasets", |c| datasets(&c.manifest.lineage.datasets)),
];

fn text(text: Option<impl AsRef<str>>) -> Option<Fact> {
    text.map(|text| Fact::Text(text.as_ref().to_owned()))
}

fn datasets(datasets: &[Dataset]) -> Option<Fact> {
    let shown = |dataset: &Dataset| {
        let uri = dataset.uri.as_ref().map(AsRef::<str>::as_ref);
        let digest = dataset.digest.as_ref().map(AsRef::<str>::as_ref);
        [Some(dataset.name.as_str()), uri, digest].into_iter().flatten().collect::<Vec<_>>().join(" ")
    };
    (!datasets.is_empty()).then(|| Fact::List(datasets.iter().map(shown).collect()))
}

fn fact_row(key: &str, candidates: &[Candidate<'_>], fact: &FactOf) -> Option<Row<Fact>> {
    let values: Vec<_> = candidates.iter().map(fact).collect();
    values.iter().any(Option::is_some).then(|| row(key, values, |a, b| a == b))
}

fn row<T>(key: &str, values: Vec<Option<T>>, same: impl Fn(&T, &T) -> bool) -> Row<T> {
    let differs = differ(&values, same);
    Row { key: key.to_owned(), values, differs }
}

fn differ<T>(values: &[Option<T>], same: impl Fn(&T, &T) -> bool) -> bool {
    values.windows(2).any(|pair| match (&pair[0], &pair[1]) {
        (Some(a), Some(b)) => !same(a, b),
        (a, b) => a.is_some() != b.is_some(),
    })
}

/// Each key of the tables with its value in every table.
fn union<'a, K: Ord + AsRef<str> + 'a, V: Clone + 'a>(
    tables: impl ExactSizeIterator<Item = &'a BTreeMap<K, V>>,
) -> BTreeMap<&'a str, Vec<Option<V>>> {
    let count = tables.len();
    let mut rows: BTreeMap<&str, Vec<Option<V>>> = BTreeMap::new();
    for (place, table) in tables.enumerate() {
        for (key, value) in table {
            rows.entry(key.as_ref()).or_insert_with(|| vec![None; count])[place] = Some(value.clone());
        }
    }
    rows
}

fn params(candidates: &[Candidate<'_>]) -> Vec<Row<Scalar>> {
    let rows = union(candidates.iter().map(|candidate| &candidate.manifest.params));
    rows.into_iter().map(|(key, values)| row(key, values, same_scalar)).collect()
}

/// An integer and a float of the same value are equal.
fn same_scalar(a: &Scalar, b: &Scalar) -> bool {
    let number = |scalar: &Scalar| match scalar {
        Scalar::Integer(n) => Some(Number::Integer(*n)),
        Scalar::Float(x) => Some(Number::Float(*x)),
        Scalar::Boolean(_) | Scalar::String(_) => None,
    };
    match (number(a), number(b)) {
        (Some(a), Some(b)) => same_number(&a, &b),
        _ => a == b,
    }
}

fn same_number(a: &Number, b: &Number) -> bool {
    a.compare(*b).is_eq()
}

fn metrics(candidates: &[Candidate<'_>], registry: &Registry) -> Vec<MetricRow> {
    let rows = union(candidates.iter().map(|candidate| &candidate.manifest.metrics));
    let metric = |(key, values): (&str, Vec<Option<Number>>)| {
        let goal = goal_of(key, registry);
        let first = values.first().copied().flatten();
        let delta = |(place, value): (usize, &Option<Number>)| difference((*value)?, first.filter(|_| place > 0)?);
        MetricRow {
            key: key.to_owned(),
            goal,
            deltas: values.iter().enumerate().map(delta).collect(),
            best: goal.map_or_else(Vec::new, |goal| best(&values, goal)),
            differs: differ(&values, same_number),
            values,
        }
    };
    rows.into_iter().map(metric).collect()
}

/// `value - from`; none if the result is not finite. Rounded to the decimals of the two, so 0.93 - 0.91 is 0.02 and not
/// 0.020000000000000018.
fn difference(value: Number, from: Number) -> Option<Number> {
    if let (Number::Integer(a), Number::Integer(b)) = (value, from)
        && let Some(difference) = a.checked_sub(b)
    {
        return Some(Number::Integer(difference));
    }
    let decimals = |number: Number| match number {
        Number::Integer(_) => 0,
        Number::Float(x) => x.to_string().split_once('.').map_or(0, |(_, decimals)| decimals.len()),
    };
    let places = decimals(value).max(decimals(from));
    let exact = value.as_f64() - from.as_f64();
    format!("{exact:.places$}").parse().ok().filter(|x: &f64| x.is_finite()).map(Number::Float)
}

fn best(values: &[Option<Number>], goal: Goal) -> Vec<usize> {
    let there = values.iter().flatten().count();
    let known = values.iter().enumerate().filter_map(|(i, v)| Some((i, (*v)?)));
    let known: Vec<(usize, Number)> = known.filter(|(_, value)| value.is_finite()).collect();
    let by_value = |a: &&(usize, Number), b: &&(usize, Number)| a.1.compare(b.1);
    let best = match goal {
        Goal::Higher => known.iter().max_by(by_value),
        Goal::Lower => known.iter().min_by(by_value),
    };
    let Some((_, best)) = best else { return Vec::new() };
    let places: Vec<usize> = known.iter().filter(|(_, v)| same_number(v, best)).map(|(i, _)| *i).collect();
    if places.len() == there { Vec::new() } else { places }
}

fn signature(candidates: &[Candidate<'_>]) -> SignatureRows {
    let inputs = fields(candidates, |signature| &signature.inputs);
    let outputs = fields(candidates, |signature| &signature.outputs);
    let params = fields(candidates, |signature| &signature.params);
    let differs = inputs.iter().chain(&outputs).chain(&params).any(|row| row.differs);
    SignatureRows { inputs, outputs, params, differs }
}

fn fields(candidates: &[Candidate<'_>], side: fn(&Signature) -> &[Field]) -> Vec<Row<String>> {
    // A signature may repeat a name; the count distinguishes the fields.
    let mut places: BTreeMap<(String, usize), usize> = BTreeMap::new();
    let mut rows: Vec<(String, Vec<Option<String>>)> = Vec::new();
    for (column, candidate) in candidates.iter().enumerate() {
        let mut seen: BTreeMap<String, usize> = BTreeMap::new();
        let fields = candidate.manifest.signature.as_ref().map_or(&[][..], side);
        for (position, field) in fields.iter().enumerate() {
            let name =
                field.name.as_ref().map_or_else(|| format!("#{}", position + 1), |name| name.as_str().to_owned());
            let count = seen.entry(name.clone()).and_modify(|count| *count += 1).or_insert(1);
            let place = *places.entry((name.clone(), *count)).or_insert_with(|| {
                rows.push((name, vec![None; candidates.len()]));
                rows.len() - 1
            });
            rows[place].1[column] = Some(field.whole_type());
        }
    }
    rows.into_iter().map(|(key, values)| row(&key, values, |a, b| a == b)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn manifest(rest: &str) -> Manifest {
        let head = "format = 1\nversion = 1\ncreated_at = 2022-02-10T19:50:00Z\ncreated_by = \"ada@example.com\"\n";
        toml::from_str(&format!("{head}{rest}")).unwrap()
    }

    fn registry(stages: &str) -> Registry {
        toml::from_str(&format!("format = 1\nname = \"acme\"\n{stages}")).unwrap()
    }

    fn of(manifests: &[Manifest]) -> Comparison {
        let labels: Vec<_> = (1..=manifests.len()).map(|n| format!("iris@{n}")).collect();
        let stages = ["Production", "Staging", "None"].iter().cycle();
        let candidates: Vec<_> = labels
            .iter()
            .zip(manifests)
            .zip(stages)
            .map(|((label, manifest), stage)| Candidate { label, manifest, stage })
            .collect();
        compare(&candidates, &registry(""))
    }

    const BARE: &str = "[artifact]\nuri = \"s3://models/iris\"\n";

    fn metric(values: &[&str]) -> MetricRow {
        let manifests: Vec<_> = values
            .iter()
            .map(|value| match *value {
                "" => manifest(BARE),
                value => manifest(&format!("{BARE}[metrics]\naccuracy = {value}\n")),
            })
            .collect();
        of(&manifests).metrics.remove(0)
    }

    #[test]
    fn versions_stand_side_by_side() {
        let first = format!(
            "environment = \"lab\"\n{BARE}flavor = \"sklearn\"\nsize = 10\ndigest = \"sha256:{}\"\n\
             [lineage]\nrun_id = \"r1\"\ncode = {{ commit = \"0123456\" }}\n\
             [[lineage.datasets]]\nname = \"iris\"\nuri = \"s3://data/iris\"\n\
             [params]\nC = 1\nkernel = \"rbf\"\n[metrics]\naccuracy = 0.91\nloss = 0.3\nrows = 150\n\
             [signature]\ninputs = [{{ name = \"a\", type = \"double\" }}, {{ type = \"float32\", shape = [-1, 28] }}]\n",
            "a".repeat(64)
        );
        let second = format!(
            "{BARE}[params]\nC = 1.0\nseed = 7\n[metrics]\naccuracy = 0.93\nloss = 0.4\n\
             [signature]\ninputs = [{{ name = \"a\", type = \"float\" }}]\noutputs = [{{ name = \"y\", type = \"long\" }}]\n"
        );
        let comparison = of(&[manifest(&first), manifest(&second)]);
        assert!(!comparison.is_same());
        insta::assert_snapshot!(serde_json::to_string_pretty(&comparison).unwrap());
    }

    #[test]
    fn the_best_is_marked_only_where_one_is() {
        assert_eq!(metric(&["0.9", "0.91", "0.91", ""]).best, [1, 2]);
        assert_eq!(metric(&["1", "0.99"]).best, [0]);
        assert_eq!(metric(&["0.9", "0.9"]).best, [0; 0]);
        assert_eq!(metric(&["0.9", ""]).best, [0; 0]);
        assert_eq!(metric(&["nan", "0.9", "inf", "-inf", "0.8"]).best, [1], "what is no number is never the best");
        assert_eq!(metric(&["nan", "inf"]).best, [0; 0]);
        assert_eq!(metric(&["nan", "0.9"]).best, [1]);
    }

    #[test]
    fn a_delta_has_the_decimals_of_its_values() {
        let deltas = |values: &[&str]| metric(values).deltas;
        assert_eq!(deltas(&["0.91", "0.93", ""]), [None, Some(Number::Float(0.02)), None]);
        assert_eq!(deltas(&["3", "5"]), [None, Some(Number::Integer(2))]);
        assert_eq!(deltas(&["", "5"]), [None, None]);
        assert_eq!(deltas(&["1e-9", "3e-9"]), [None, Some(Number::Float(2e-9))]);
        assert_eq!(deltas(&["-1.7e308", "1.7e308"]), [None, None]);
        assert_eq!(deltas(&["nan", "1", "inf"]), [None, None, None]);
        assert_eq!(deltas(&["-9223372036854775808", "1"]), [None, Some(Number::Float(9_223_372_036_854_775_808.0))]);
    }

    #[test]
    fn a_version_without_a_value_differs_from_one_with() {
        assert!(metric(&["0.9", ""]).differs);
        assert!(!metric(&["1", "1.0"]).differs);
    }

    #[test]
    fn equal_versions_are_the_same_and_an_empty_list_is_accepted() {
        let one = manifest(&format!("{BARE}[params]\nC = 1\n"));
        assert!(of(&[one.clone(), one]).is_same());
        assert_eq!(of(&[]).facts, []);
    }

    #[test]
    fn a_repeated_column_keeps_its_rows() {
        let twice = "[signature]\ninputs = [{ name = \"a\", type = \"double\" }, { name = \"a\", type = \"long\" }]\n";
        let inputs = of(&[manifest(&format!("{BARE}{twice}")), manifest(BARE)]).signature.inputs;
        let values: Vec<_> = inputs.iter().map(|row| row.values.clone()).collect();
        assert_eq!(values, [[Some("double".into()), None], [Some("long".into()), None]]);
    }
}
