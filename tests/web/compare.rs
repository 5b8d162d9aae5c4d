//! The comparison of versions, of one model and of several.

use crate::common::TestEnvironment;
use crate::{ask, dashboard, example, page};

/// Two models whose versions share only some metrics and params.
fn two_models() -> TestEnvironment {
    let env = TestEnvironment::with_registry();
    for (model, version, facts) in [
        ("oak", 1, "metric accuracy=0.9|metric loss=0.3|metric rows=10|param depth=2|param kind=tree"),
        ("oak", 2, "metric accuracy=0.95|metric loss=0.4|metric rows=20|param depth=4|param kind=tree"),
        ("elm", 1, "metric accuracy=0.95|metric loss=0.1|param depth=8|param kind=tree"),
        ("elm", 2, "metric rows=5|param kind=tree"),
    ] {
        let address = format!("s3://models/{model}/{version}");
        let mut command = vec!["register".to_owned(), model.into(), "--artifact".into(), address];
        for fact in facts.split('|') {
            let (table, pair) = fact.split_once(' ').unwrap();
            command.extend([format!("--{table}"), pair.to_owned()]);
        }
        env.succeed("reg", &command.iter().map(String::as_str).collect::<Vec<_>>());
    }
    env
}

/// The address of the comparison of these versions.
fn comparison(versions: &[&str], more: &str) -> String {
    let versions: Vec<String> = versions.iter().map(|version| format!("v={}", version.replace('@', "%40"))).collect();
    format!("/compare/?{}{more}", versions.join("&"))
}

/// A row of the table: whether its values differ, and the cells. The best value ends in `*`; a missing value is empty.
fn row(shown: &str, key: &str) -> (bool, Vec<String>) {
    let mut rows = shown.split("<tr class=\"").filter(|row| row.contains(&format!("<th scope=\"row\">{key}<")));
    let row = rows.next().unwrap_or_else(|| panic!("there is no row `{key}`")).split("</tr>").next().unwrap();
    let cells = row.split("<td").skip(1).map(|cell| {
        let value = cell.split("<span class=\"value\"").nth(1).unwrap_or(">");
        let value = value.split_once('>').unwrap().1.split('<').next().unwrap();
        let is_best = cell.starts_with(" class=\"best\"");
        assert_eq!(is_best, cell.contains(">best</span>"), "{cell}");
        format!("{value}{}", if is_best { "*" } else { "" })
    });
    (row.starts_with("differs"), cells.collect())
}

const ALL: [&str; 4] = ["oak@1", "oak@2", "elm@1", "elm@2"];

#[test]
fn the_best_of_each_metric_is_marked_by_its_goal_also_across_models_and_where_some_lack_it() {
    let env = two_models();
    let app = dashboard(&env);
    let shown = page(&app, &comparison(&ALL, ""));
    let cells = |key: &str| row(&shown, key).1;
    assert_eq!(cells("accuracy"), ["0.9", "0.95*", "0.95*", ""]);
    assert_eq!(cells("loss"), ["0.3", "0.4", "0.1*", ""]);
    // The better direction is unknown.
    assert_eq!(cells("rows"), ["10", "20", "", "5"]);
    assert_eq!(cells("depth"), ["2", "4", "8", ""]);
    assert!(shown.contains("higher is better") && shown.contains("lower is better"));
}

#[test]
fn rows_with_equal_values_can_be_hidden() {
    let env = two_models();
    let app = dashboard(&env);
    let shown = page(&app, &comparison(&ALL, ""));
    for (key, differs) in
        [("accuracy", true), ("depth", true), ("kind", false), ("created_by", false), ("artifact.uri", true)]
    {
        assert_eq!(row(&shown, key).0, differs, "{key}");
    }
    // The style sheet hides the rows, so no script is needed.
    assert!(shown.contains("<input type=\"checkbox\" id=\"only-differences\">"));
    let style = ask(&app, "/assets/dashboard.css").text;
    assert!(style.contains(".comparison:has(#only-differences:checked) tr.same { display: none; }"));
}

#[test]
fn any_two_keys_can_be_the_axes_of_the_chart() {
    let env = two_models();
    let app = dashboard(&env);
    let scatter = |more: &str| {
        let shown = page(&app, &comparison(&ALL, more));
        let svg = shown.split("<svg class=\"chart scatter\"").nth(1).map(|rest| rest.split("</svg>").next().unwrap());
        svg.map(|svg| {
            let says = svg.split("aria-label=\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
            let points = svg.split("<title>").skip(1).map(|rest| rest.split("</title>").next().unwrap().to_owned());
            (says, points.collect::<Vec<_>>())
        })
    };
    let of =
        |(says, points): (&str, &[&str])| Some((says.to_owned(), points.iter().map(ToString::to_string).collect()));
    // Only versions with both values are points.
    let three = ["oak@1: loss 0.3, accuracy 0.9", "oak@2: loss 0.4, accuracy 0.95", "elm@1: loss 0.1, accuracy 0.95"];
    assert_eq!(scatter("&x=loss&y=accuracy"), of(("accuracy over loss", &three)));
    let two = ["oak@1: depth 2, rows 10", "oak@2: depth 4, rows 20"];
    assert_eq!(scatter("&x=depth&y=rows"), of(("rows over depth", &two)));
    // An unknown key is ignored.
    assert_eq!(scatter("&x=kind&y=nonsense"), scatter(""));
    assert!(scatter("").is_some());
    // With only one version that has both values, there is no chart.
    assert!(!page(&app, &comparison(&["oak@1", "elm@2"], "&x=loss&y=accuracy")).contains("chart scatter"));
}

#[test]
fn two_to_twelve_versions_are_lines_with_gaps_for_missing_values() {
    let env = example();
    let app = dashboard(&env);
    let mut all: Vec<String> = (1..=10).map(|version| format!("IRIS_pred_model@{version}")).collect();
    all.extend((1..=6).map(|version| format!("digits-reader@{version}")));
    for count in 2..=all.len() {
        let asked: Vec<&str> = all[..count].iter().map(String::as_str).collect();
        let shown = page(&app, &comparison(&asked, ""));
        let lines = shown.matches("<g class=\"line s").count();
        let columns = shown.matches("<span class=\"swatch").count();
        assert_eq!((lines, columns), (count.min(12), count.min(12)), "{count}");
        assert!(!shown.contains("NaN") && !shown.contains("inf%"));
    }
    assert_eq!(page(&app, &comparison(&["IRIS_pred_model@1"], "")).matches("chart parallel").count(), 0);
    let env = two_models();
    let shown = page(&dashboard(&env), &comparison(&ALL, ""));
    let lines: Vec<usize> = shown
        .split("<g class=\"line s")
        .skip(1)
        .map(|line| line.split("</g>").next().unwrap().matches("<circle").count())
        .collect();
    assert_eq!(lines, [4, 4, 3, 1], "accuracy, loss, rows and depth; each version has a dot for what it has");
}

#[test]
fn a_version_can_be_removed_and_is_listed_once() {
    let env = two_models();
    let app = dashboard(&env);
    let shown = page(&app, &comparison(&["oak@1", "oak@1", "elm@1", "oak@2", "ash@1"], ""));
    assert_eq!(shown.matches("<span class=\"swatch").count(), 3);
    assert!(shown.contains("Version <code>ash@1</code> does not exist"));
    let without = shown.split("class=\"without\" href=\"").nth(1).unwrap().split('"').next().unwrap();
    let rest = page(&app, &format!("/compare/{}", without.split("compare/").nth(1).unwrap().replace("&#38;", "&")));
    assert!(rest.contains("elm@1") && rest.contains("oak@2") && !rest.contains("Without oak@1"));
    assert_eq!(rest.matches("<span class=\"swatch").count(), 2);
}
