//! What filters and orders mean; how they are read is in `reading`.

mod reading;

use std::cmp::Ordering;

use super::*;
use crate::model::{Manifest, Stage};

/// A model with four versions: 1 archived by leaving its stage, 2 in production, 3 bare, 4 deleted.
fn model() -> ModelSnapshot {
    let file = toml::from_str(
        r#"
        format = 1
        name = "iris"
        project = "flowers"
        description = "Tells irises apart"
        owners = ["Ada@example.com", "bob@example.com"]
        created_at = 2022-01-28T13:11:14Z
        created_by = "ada@example.com"
        tags = { tier = "gold", "my key" = "both", "a.b" = "dotted" }
        aliases = { champion = 2, best = 2 }
        "#,
    );
    let version = |n: u64, at: &str, rest: &str| {
        let head = format!("format = 1\nversion = {n}\ncreated_at = {at}\ncreated_by = \"ada@example.com\"\n");
        let manifest: Manifest = toml::from_str(&format!("{head}{rest}")).unwrap();
        (n, manifest)
    };
    let bare = "[artifact]\nuri = \"s3://models/iris\"\n";
    let full = format!(
        r#"
        project = "botany"
        environment = "databricks-9.1-ml"
        description = "Its O'Hara kernel"
        tags = {{ tier = "silver", count = "12", ready = "true" }}
        [artifact]
        uri = "s3://models/iris/2"
        flavor = "sklearn"
        size = 18231
        digest = "sha256:{digest}"
        [lineage]
        run_id = "run-7"
        experiment = "petals"
        parent = "models:/iris/1"
        code = {{ repository = "https://git.example.com/iris", commit = "0123456789abcdef" }}
        [[lineage.datasets]]
        name = "iris-csv"
        uri = "s3://data/iris.csv"
        [[lineage.datasets]]
        name = "extra"
        [params]
        C = 0.5
        depth = 3
        kernel = "rbf"
        text_number = "10"
        shuffle = true
        [metrics]
        accuracy = 0.91
        rows = 150
        "my metric" = 1
        loss = nan
        peak = inf
        "#,
        digest = "a".repeat(64)
    );
    let deleted = format!("{bare}[deleted]\nat = 2022-03-02T00:00:00Z\nby = \"ada@example.com\"\n");
    let stage: Stage = toml::from_str(
        r#"
        format = 1
        stage = "Production"
        version = 2
        [[history]]
        at = 2022-02-09T00:00:00Z
        by = "ada@example.com"
        action = "promote"
        version = 1
        [[history]]
        at = 2022-02-11T00:00:00Z
        by = "ada@example.com"
        action = "promote"
        version = 2
        from = 1
        "#,
    )
    .unwrap();
    let versions = [
        version(1, "2022-02-08T00:00:00Z", bare),
        version(2, "2022-02-10T19:50:00.250Z", &full),
        version(3, "2022-02-12T00:00:00Z", bare),
        version(4, "2022-03-01T00:00:00Z", &deleted),
    ];
    ModelSnapshot { file: file.unwrap(), versions: versions.into(), stages: vec![stage] }
}

fn found(text: &str) -> Vec<u64> {
    let (filter, model) = (Filter::parse(text).unwrap_or_else(|e| panic!("{}", e.render(text))), model());
    (0..=5).filter(|&version| filter.matches(&model, version)).collect()
}

/// Each pair: one comparison that version 2 passes, and one that it just does not.
#[test]
fn every_comparison_has_an_edge() {
    for (takes, refuses) in [
        ("metrics.accuracy = 0.91", "metrics.accuracy = 0.910001"),
        ("metrics.accuracy == 9.1e-1", "metrics.accuracy == 91e-1"),
        ("metrics.accuracy != 0.9", "metrics.accuracy != 0.91"),
        ("metrics.accuracy <> 0.9", "metrics.accuracy <> 0.91"),
        ("metrics.rows < 151", "metrics.rows < 150"),
        ("metrics.rows <= 150", "metrics.rows <= 149.9"),
        ("metrics.rows > 149", "metrics.rows > 150.0"),
        ("metrics.rows >= +150", "metrics.rows >= 151"),
        ("metrics.accuracy > '0.9'", "metrics.accuracy > '0.91'"),
        ("metric.`my metric` = 1", "metrics.\"my metric\" = -1"),
        ("name LIKE 'ir%'", "name LIKE 'IR%'"),
        ("name ILIKE 'IR__'", "name ILIKE 'IR_'"),
        ("name NOT LIKE 'IR%'", "name NOT LIKE 'ir%'"),
        ("name NOT ILIKE 'r%'", "name NOT ILIKE 'IR%'"),
        ("name IN ('x', 'iris')", "name IN ('x', 'Iris')"),
        ("version NOT IN (1, 3)", "version NOT IN (1, 2)"),
        ("flavor IS NOT NULL", "flavor IS NULL"),
        ("stage = 'production' AND version = 2", "stage = 'production' AND version = 3"),
        ("version = 3 OR version = 2", "version = 3 OR version = 1"),
        ("NOT version = 3", "NOT version = 2"),
        ("(version = 1 OR version = 2) AND name = 'iris'", "version = 1 OR version = 2 AND name = 'x'"),
        ("description = 'Its O''Hara kernel'", "description = 'Its OHara kernel'"),
        ("name >= \"iris\"", "name > \"iris\""),
        ("archived = false", "archived = true"),
        ("archived != 'TRUE'", "archived IN (true)"),
    ] {
        assert!(found(takes).contains(&2), "{takes}");
        assert!(!found(refuses).contains(&2), "{refuses}");
    }
}

#[test]
fn every_field_is_found() {
    for (field, test) in [
        ("name", "= 'iris'"),
        ("attribute.version_number", "= '2'"),
        ("current_stage", "LIKE 'PROD%'"),
        ("alias", "= 'champion'"),
        ("project", "= 'botany'"),
        ("environment", "LIKE 'databricks%'"),
        ("description", "LIKE '%kernel'"),
        ("created_at", "= '2022-02-10'"),
        ("created_by", "= 'ADA@example.com'"),
        ("last_modified", ">= 1644522600250"),
        ("source_path", "= 's3://models/iris/2'"),
        ("flavor", "= 'sklearn'"),
        ("digest", "LIKE 'sha256:aa%'"),
        ("size", "> 18230"),
        ("run_id", "= 'run-7'"),
        ("experiment", "= 'petals'"),
        ("commit", "LIKE '0123456%'"),
        ("parent", "= 'models:/iris/1'"),
        ("dataset", "= 's3://data/iris.csv'"),
        ("archived", "= FALSE"),
        ("deleted", "= false"),
        ("owner", "= 'ada@example.com'"),
        ("model.project", "= 'flowers'"),
        ("model.description", "ILIKE '%IRISES%'"),
        ("model.created_at", "< '2022-02-01'"),
        ("model.created_by", "= 'ada@example.com'"),
        ("model.last_modified", "= '2022-03-02'"),
        ("parameters.kernel", "= 'rbf'"),
        ("tag.tier", "= 'silver'"),
        ("version.tags.tier", "= 'silver'"),
        ("model.tags.tier", "= 'gold'"),
        ("metrics.accuracy", "> 0.9"),
    ] {
        assert!(found(&format!("{field} {test}")).contains(&2), "{field} {test}");
    }
}

#[test]
fn a_version_in_several_stages_is_found_in_each() {
    let mut model = model();
    let staging: Stage =
        toml::from_str("format = 1\nstage = \"Staging\"\nversion = 3\nbeside = [2]\nhistory = []\n").unwrap();
    model.stages.insert(0, staging);
    assert_eq!(model.stages_of(2), ["Staging", "Production"]);
    assert_eq!((model.stages_of(1), model.stages_of(3)), (vec!["Archived"], vec!["Staging"]));
    let found = |filter: &str| {
        let filter = Filter::parse(filter).unwrap();
        model.versions.keys().copied().filter(|&version| filter.matches(&model, version)).collect::<Vec<_>>()
    };
    assert_eq!(found("stage = 'Staging'"), [2, 3]);
    assert_eq!(found("stage = 'Production'"), [2]);
    assert_eq!(found("stage = 'Staging' AND stage = 'Production'"), [2]);
    assert_eq!(found("stage != 'Staging'"), [1]);
}

#[test]
fn stages_and_what_is_out_of_sight_are_derived() {
    assert_eq!(found("stage = 'ARCHIVED'"), [1]);
    assert_eq!(found("archived = true"), [1]);
    assert_eq!(found("stage = 'none'"), [3]);
    assert_eq!(found(""), [1, 2, 3]);
    assert_eq!(found("version > 2"), [3]);
    assert_eq!(found("version > 2 AND (deleted = true OR deleted = false)"), [3, 4]);
    let mut gone = model();
    gone.file.deleted = gone.versions[&4].deleted.clone();
    assert!(!Filter::default().matches(&gone, 2));
    assert!(Filter::parse("deleted = true").unwrap().matches(&gone, 2));
}

#[test]
fn a_missing_value_passes_only_is_null() {
    for test in ["= 'x'", "!= 'x'", "NOT IN ('x')", "NOT LIKE 'x'", "LIKE '%'", "< 'x'", ">= 'x'"] {
        assert_eq!(found(&format!("flavor {test} AND version = 3")), [0; 0], "{test}");
        assert_eq!(found(&format!("NOT flavor {test} AND version = 3")), [0; 0], "NOT {test}");
    }
    assert_eq!(found("flavor IS NULL"), [1, 3]);
    assert_eq!(found("NOT flavor IS NULL"), [2]);
    assert_eq!(found("NOT (metrics.accuracy < 0.9 AND version = 3)"), [1, 2]);
    assert_eq!(found("metrics.accuracy < 0.9 OR version = 3"), [3]);
}

#[test]
fn of_several_values_one_that_fits_is_enough() {
    assert_eq!(found("owner = 'bob@example.com' AND owner = 'ada@example.com'"), [1, 2, 3]);
    assert_eq!(found("owner != 'bob@example.com'"), [0; 0]);
    assert_eq!(found("alias != 'x'"), [2]);
    assert_eq!(found("alias NOT IN ('x', 'best')"), [0; 0]);
    assert_eq!(found("dataset LIKE 'ex%' AND dataset LIKE 'iris%'"), [2]);
}

#[test]
fn a_tag_of_the_version_hides_the_models() {
    assert_eq!(found("tags.tier = 'gold'"), [1, 3]);
    assert_eq!(found("tags.tier != 'gold'"), [2]);
    assert_eq!(found("model.tags.tier = 'gold'"), [1, 2, 3]);
    assert_eq!(found("version.tags.tier IS NULL"), [1, 3]);
    assert_eq!(found("tags.`my key` = 'both' AND tags.a.b = 'dotted' AND tags.`a.b` = 'dotted'"), [1, 2, 3]);
    assert_eq!(found("project = 'flowers'"), [1, 3]);
}

#[test]
fn params_and_tags_are_compared_as_what_they_are() {
    for (takes, refuses) in [
        ("params.C = '0.50'", "params.C = '0.51'"),
        ("params.depth > '2'", "params.depth > '10'"),
        ("params.depth LIKE '3'", "params.depth LIKE '3.0'"),
        ("params.text_number > 9", "params.text_number > 10"),
        ("params.text_number < '9'", "params.text_number = '10.0'"),
        ("params.kernel != 3", "params.kernel = 3"),
        ("params.shuffle = true", "params.shuffle = false"),
        ("params.shuffle = 'true'", "params.shuffle != 'true'"),
        ("metrics.loss = 'nan'", "metrics.loss != 'nan'"),
        ("NOT metrics.loss < 5", "metrics.loss <= 5 OR metrics.loss >= 5"),
        ("metrics.peak > 1e308 AND metrics.peak = 'inf'", "metrics.peak < 1e308"),
        ("tags.count >= 12", "tags.count > 12"),
        ("tags.ready = true", "tags.tier = true"),
    ] {
        assert_eq!(found(takes), [2], "{takes}");
        assert_eq!(found(refuses), [0; 0], "{refuses}");
    }
}

#[test]
fn a_bare_date_is_the_whole_day() {
    assert_eq!(found("created_at = '2022-02-10'"), [2]);
    assert_eq!(found("created_at != '2022-02-10'"), [1, 3]);
    assert_eq!(found("created_at < '2022-02-10'"), [1]);
    assert_eq!(found("created_at <= '2022-02-10'"), [1, 2]);
    assert_eq!(found("created_at > '2022-02-10'"), [3]);
    assert_eq!(found("created_at >= '2022-02-10'"), [2, 3]);
    assert_eq!(found("created_at = '2022-02-10 19:50:00'"), [2]);
    assert_eq!(found("created_at = '2022-02-10T20:50:00.250+01:00'"), [2]);
    assert_eq!(found("created_at IN ('2022-02-08', '2022-02-12')"), [1, 3]);
}

#[test]
fn a_model_by_itself_passes_by_its_own_fields() {
    let model = model();
    for (takes, refuses) in [
        ("name = 'iris' AND tags.tier = 'gold'", "tags.tier = 'silver'"),
        ("project = 'flowers'", "version > 0"),
        ("created_at = '2022-01-28'", "metrics.accuracy > 0"),
        ("stage IS NULL", "version.tags.tier IS NOT NULL"),
        ("", "deleted = true"),
    ] {
        assert!(Filter::parse(takes).unwrap().matches_model(&model), "{takes}");
        assert!(!Filter::parse(refuses).unwrap().matches_model(&model), "{refuses}");
    }
}

fn order(text: &str) -> Vec<u64> {
    let (order, model) = (OrderBy::parse(text).unwrap(), model());
    let mut versions: Vec<u64> = model.versions.keys().copied().collect();
    versions.sort_by(|&a, &b| order.cmp((&model, a), (&model, b)));
    versions
}

#[test]
fn an_order_puts_missing_values_last_and_the_newest_first_among_equals() {
    assert_eq!(order(""), [4, 3, 2, 1]);
    assert_eq!(order("version"), [1, 2, 3, 4]);
    assert_eq!(order("metrics.accuracy"), [2, 4, 3, 1]);
    assert_eq!(order("metrics.accuracy DESC, version ASC"), [2, 1, 3, 4]);
    assert_eq!(order("`tags`.tier desc, created_at"), [2, 1, 3, 4]);
    assert_eq!(order("alias, last_modified DESC"), [2, 4, 3, 1]);
    let model = model();
    assert_eq!(OrderBy::default().cmp((&model, 1), (&model, 9)), Ordering::Less);
    assert_eq!(OrderBy::default().cmp_models(&model, &model), Ordering::Equal);
}

#[test]
fn a_wrong_order_is_refused_with_its_place() {
    let many: Vec<_> = (0..100).map(|n| format!("tags.k{n}")).collect();
    for (text, column) in [
        ("version, version_number", 10),
        ("version DESC ASC", 14),
        ("version,", 9),
        (", version", 1),
        ("verison", 1),
        ("version > 3", 9),
        (&many.join(", "), 311),
    ] {
        assert_eq!(OrderBy::parse(text).unwrap_err().column, column, "{text}");
    }
    assert_eq!(OrderBy::parse("metric.a desc,Name asc").unwrap().to_string(), "metrics.a DESC, name");
}
