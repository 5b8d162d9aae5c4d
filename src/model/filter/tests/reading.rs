//! How filters are read: errors, limits, the canonical form.

use proptest::prelude::*;

use super::super::field;
use super::*;

#[test]
fn an_error_says_where_why_and_what_to_write() {
    let shown: Vec<_> = [
        "nme = 'iris'",
        "name = iris",
        "name 'iris'",
        "name",
        "'iris' = name",
        "version = 1.5",
        "metrics.accuracy > 'high'",
        "created_at > 'yesterday'",
        "stage < 'Production'",
        "created_at LIKE '2022%'",
        "name = NULL",
        "name IN ()",
        "name IN 'iris'",
        "name = 'a' name = 'b'",
        "(name = 'a'",
        "name = 'a')",
        "name = 'a' AND",
        "name = 'iris",
        "tags.my key = 'x'",
        "archived = 1",
        "metrics > 1",
    ]
    .map(|text| Filter::parse(text).unwrap_err().render(text))
    .into();
    insta::assert_snapshot!(shown.join("\n\n"));
}

#[test]
fn hostile_filters_are_errors() {
    let nested = |n: usize, open: &str, close: &str| format!("{}name = 'x'{}", open.repeat(n), close.repeat(n));
    for text in [
        nested(10_000, "(", ")"),
        nested(4_900, "(", ")"),
        nested(2_000, "NOT ", ""),
        nested(MAX_DEPTH + 1, "(", ")"),
        nested(MAX_DEPTH / 2 + 1, "NOT (", ")"),
        "(".repeat(10_000),
        "x".repeat(10_000),
        format!("name = '{}'", "x".repeat(1_000_000)),
        vec!["size=1"; MAX_TERMS + 1].join(" OR "),
        format!("size IN ({})", vec!["1"; MAX_TERMS].join(",")),
        format!("tags.{} = 'x'", "`".repeat(9_001)),
        "\u{1b}[2J = '\u{202e}'".into(),
    ] {
        let error = Filter::parse(&text).unwrap_err();
        let shown = error.render(&text);
        assert!(shown.len() < 2_000 && !shown.contains(['\u{1b}', '\u{202e}']), "{shown}");
    }
    assert!(Filter::parse(&nested(MAX_DEPTH, "(", ")")).is_ok());
    assert!(Filter::parse(&vec!["size=1"; MAX_TERMS].join(" OR ")).is_ok());
    let text = format!("name = '{}'", "x".repeat(MAX_TEXT - 9));
    assert!(Filter::parse(&text).is_ok());
}

#[test]
fn the_help_names_every_field_and_its_examples_are_filters() {
    for name in field::names() {
        let words: Vec<_> = HELP.split(|c: char| !(c.is_alphanumeric() || "._".contains(c))).collect();
        assert!(words.iter().any(|word| word.trim_end_matches('.') == name), "{name}");
    }
    for example in HELP.lines().filter(|line| line.starts_with("  ")).take(3) {
        Filter::parse(example).unwrap();
    }
}

#[test]
fn the_canonical_form_is_readable() {
    for (text, canonical) in [
        ("ATTRIBUTE.Version_Number=='3'", "version = 3"),
        ("tag.\"my key\" <> \"it's\"", "tags.`my key` != 'it''s'"),
        (
            "((name='a') and ((flavor is not null) or not(not(size in(1,2)))))",
            "name = 'a' AND (flavor IS NOT NULL OR NOT NOT size IN (1, 2))",
        ),
        ("(name = 'a' AND size = 1) OR size = 2", "name = 'a' AND size = 1 OR size = 2"),
        ("created_at > '2022-02-10 19:50:00'", "created_at > '2022-02-10T19:50:00Z'"),
        ("stage like 'p%'", "stage ILIKE 'p%'"),
        ("  ", ""),
    ] {
        assert_eq!(Filter::parse(text).unwrap().to_string(), canonical);
    }
}

/// Filters made of the language's own pieces.
fn filters() -> impl Strategy<Value = String> {
    let text = "[a-z'\"`% _é]{0,6}".prop_map(|text: String| format!("'{}'", text.replace('\'', "''")));
    let number = prop_oneof![
        any::<i64>().prop_map(|n| n.to_string()),
        any::<f64>().prop_filter("finite", |x| x.is_finite()).prop_map(|x| format!("{x:?}"))
    ];
    let sign = prop::sample::select(vec!["=", "==", "!=", "<>", "<", "<=", ">", ">="]);
    let not = prop::sample::select(vec!["", "NOT "]);
    let key = "[a-z0-9.` \"_-]{1,5}".prop_map(|key: String| format!("`{}`", key.replace('`', "``")));
    let time =
        prop::sample::select(vec!["'2022-02-10'", "'2022-02-10 01:02:03'", "'2022-02-10T01:02:03.004+05:00'", "99"]);
    let test = prop_oneof![
        (key.clone(), sign.clone(), number.clone()).prop_map(|(key, sign, n)| format!("metric.{key} {sign} {n}")),
        (key.clone(), sign.clone(), prop_oneof![text.clone(), number.clone()])
            .prop_map(|(k, s, v)| format!("params.{k}{s}{v}")),
        (key, not.clone(), prop::collection::vec(prop_oneof![text.clone(), number, Just("true".into())], 1..4))
            .prop_map(|(key, not, values)| format!("tags.{key} {not}in ({})", values.join(","))),
        (not.clone(), prop::sample::select(vec!["LIKE", "ilike"]), text)
            .prop_map(|(not, like, text)| format!("stage {not}{like} {text}")),
        (sign, time).prop_map(|(sign, time)| format!("created_at {sign} {time}")),
        not.prop_map(|not| format!("archived IS {not}NULL")),
    ];
    test.prop_recursive(5, 40, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 2..4).prop_map(|parts| format!("({})", parts.join(" and "))),
            prop::collection::vec(inner.clone(), 2..4).prop_map(|parts| parts.join(" OR ")),
            inner.prop_map(|inner| format!("NOT ({inner})")),
        ]
    })
}

proptest! {
    #[test]
    fn reading_never_panics(text in any::<String>()) {
        if let Err(error) = Filter::parse(&text) {
            error.render(&text);
        }
        let _ = OrderBy::parse(&text);
    }

    #[test]
    fn reading_scraps_of_the_language_never_panics(words in prop::collection::vec(prop::sample::select(vec![
        "name", "tags.", "`k`", "\"k\"", "'x'", "'", "(", ")", ",", "=", "!=", "<", "IN", "NOT", "LIKE", "IS", "NULL", "AND",
        "OR", "1", "-", "1e9", "created_at", "'2022-02-10'", "true", "stage", ".", "é", "\u{0}", "metrics.a",
    ]), 0..24), space in "[ ]?") {
        let text = words.join(&space);
        match Filter::parse(&text) {
            Ok(filter) => { filter.matches(&model(), 2); }
            Err(error) => { error.render(&text); }
        }
    }

    #[test]
    fn the_canonical_form_reads_back_as_the_same_filter(text in filters()) {
        let filter = Filter::parse(&text).unwrap();
        let written = filter.to_string();
        let again = Filter::parse(&written).unwrap();
        prop_assert_eq!(&again, &filter, "{}", written);
        prop_assert_eq!(again.to_string(), written);
    }
}
