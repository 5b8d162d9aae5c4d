use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde::Deserialize;

use super::*;
use crate::model::schema::schema_of;
use crate::model::{Key, Line, Lineage, Number, Scalar, Text};

/// The keys of a file for these tests.
#[derive(Debug, Default, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields, default)]
struct Facts {
    project: Option<Line>,
    description: Option<Text>,
    lineage: Lineage,
    params: BTreeMap<Key, Scalar>,
    metrics: BTreeMap<Key, Number>,
}

fn read(text: &str) -> Result<Facts, Vec<String>> {
    static SCHEMA: LazyLock<Value> = LazyLock::new(schema_of::<Facts>);
    let start = text.trim_start_matches('\u{feff}');
    let file = if start.starts_with('{') || start.starts_with("[1") { "run.json" } else { "run.toml" };
    given(file, text, file == "run.json", &SCHEMA).map_err(|report| {
        let shown = |finding: &crate::diag::Finding| {
            let at = finding.place.as_ref().map_or(String::new(), |at| format!("{}:{}", at.line, at.column));
            format!("{at} {}", finding.message)
        };
        report.findings.iter().map(shown).collect()
    })
}

fn params(text: &str) -> Vec<String> {
    let facts = read(text).unwrap_or_else(|findings| panic!("{text}: {findings:?}"));
    facts.params.iter().map(|(key, value)| format!("{key}={value:?}")).collect()
}

#[test]
fn nested_params_are_flattened_and_lists_are_json_text() {
    let json = r#"{"params": {"model": {"depth": 4, "name": "tree", "none": null}, "layers": [ 64, 3.0,
        null, {"a": "\"x\"", "b": [NaN]} ], "empty": {}}}"#;
    let expected = [
        r#"empty=String("{}")"#,
        r#"layers=String("[64,3.0,null,{\"a\":\"\\\"x\\\"\",\"b\":[NaN]}]")"#,
        "model.depth=Integer(4)",
        r#"model.name=String("tree")"#,
    ];
    assert_eq!(params(json), expected);
    let toml = "[params]\nempty = {}\nlayers = [64, 3.0]\n[params.model]\ndepth = 0x4\nday = 2022-01-02\n";
    assert_eq!(
        params(toml),
        [
            r#"empty=String("{}")"#,
            r#"layers=String("[64,3.0]")"#,
            r#"model.day=String("2022-01-02")"#,
            "model.depth=Integer(4)"
        ]
    );
}

#[test]
fn a_number_that_no_param_holds_exactly_is_kept_as_text() {
    for (given, kept) in [
        ("18446744073709551615", "String(\"18446744073709551615\")"),
        ("9223372036854775807", "Integer(9223372036854775807)"),
        ("0.1000000000000000055511151231257827", "String(\"0.1000000000000000055511151231257827\")"),
        ("1e400", "String(\"1e400\")"),
        ("1e-05", "Float(1e-5)"),
        ("1E+2", "Float(100.0)"),
        ("0.10", "Float(0.1)"),
        ("-0.0", "Float(-0.0)"),
        ("-0", "Integer(0)"),
        ("NaN", "String(\"NaN\")"),
        ("-Infinity", "String(\"-Infinity\")"),
        ("\"3.10\"", "String(\"3.10\")"),
    ] {
        assert_eq!(params(&format!("{{\"params\": {{\"p\": {given}}}}}")), [format!("p={kept}")], "{given}");
    }
}

#[test]
fn metrics_take_what_python_writes() {
    let facts = read(
        r#"{"metrics": {"a": NaN, "b": -Infinity, "c": "Infinity", "d": 1, "val": {"acc": 1e-05}, "n": 18446744073709551616, "x": null}}"#,
    );
    let shown: Vec<_> = facts.unwrap().metrics.iter().map(|(key, value)| format!("{key}={value}")).collect();
    assert_eq!(shown, ["a=nan", "b=-inf", "c=inf", "d=1", "n=1.8446744073709552e19", "val.acc=1e-5"]);
}

#[test]
fn a_byte_order_mark_cr_lf_and_null_are_accepted() {
    let facts =
        read("\u{feff}{\r\n\"project\": null,\r\n\"description\": \"a\\r\\nb\", \"lineage\": {\"run_id\": null}}\r\n")
            .unwrap();
    assert_eq!((facts.project, facts.description.unwrap().as_str(), facts.lineage.run_id), (None, "a\nb", None));
    assert_eq!(params("\u{feff}[params]\r\na = 1\r\n"), ["a=Integer(1)"]);
}

#[test]
fn everything_that_cannot_be_taken_is_named_with_its_place() {
    let json = "{\n \"metrics\": {\"acc\": \"high\", \"acc\": 0.1, \"f1\": [1]},\n \"paramz\": {},\n \"params\": {\"a.b\": 1, \"a\": {\"b\": 2}},\n \"project\": 3, \"lineage\": {\"code\": {}}\n}";
    assert_eq!(
        read(json).unwrap_err(),
        [
            "2:21 `acc`: this is a string, but a number is required",
            "2:29 the key `acc` is given twice",
            "2:47 `f1`: this is an array, but a number is required",
            "3:2 unknown key `paramz`",
            "4:29 the key `a.b` is given twice",
            "5:13 `project`: this is an integer, but a string is required",
            "5:28 `commit` is missing in `code`",
        ]
    );
    assert_eq!(read("[metrics]\nacc = 0.9\nacc = 0.1\nloss = 1e400\n").unwrap_err().len(), 2);
    assert_eq!(read("{\"params\": [1]}").unwrap_err(), ["1:12 `params` is not a table"]);
    assert!(read("{\"params\": null}").is_ok());
}

#[test]
fn what_is_no_json_is_reported_where_it_stops() {
    for (text, at) in [
        ("{\"params\": {\"a\": 1,}}", "1:20 "),
        ("{\"params\": {\"a\": nan}}", "1:19 "),
        ("{\"params\": {\"a\": 01}}", "1:19 "),
        ("[1]", "1:1 "),
        ("{} {}", "1:4 "),
        ("{\"description\": \"a", "1:19 "),
    ] {
        let found = read(text).unwrap_err();
        assert!(found[0].starts_with(at), "{text}: {found:?}");
    }
    let deep = format!("{{\"params\": {{\"a\": {}1{}}}}}", "[".repeat(5000), "]".repeat(5000));
    assert!(read(&deep).is_err());
    let fine = format!("{{\"params\": {{\"a\": {}1{}}}}}", "[".repeat(70), "]".repeat(70));
    assert!(read(&fine).is_ok());
}

#[test]
fn mlflows_signatures_are_read_in_our_keys() {
    #[derive(Debug, Default, Deserialize, schemars::JsonSchema)]
    #[serde(deny_unknown_fields, default)]
    struct Signed {
        signature: Option<crate::model::Signature>,
    }
    static SCHEMA: LazyLock<Value> = LazyLock::new(schema_of::<Signed>);
    let text = r#"{"signature": {
        "inputs": [
            {"type": "tensor", "name": "image", "tensor-spec": {"dtype": "float32", "shape": [-1, 28]}},
            {"type": "array", "items": {"type": "object", "properties": {"a": {"type": "double", "required": false}}}, "name": "rows", "required": true}
        ],
        "outputs": [{"type": "long", "required": true}],
        "params": [{"name": "temperature", "type": "double", "default": 0.7, "shape": null}, {"name": "stop", "type": "string", "shape": [-1], "default": ["a"]}]
    }}"#;
    let signature = given::<Signed>("run.json", text, true, &SCHEMA).unwrap().signature.unwrap();
    let shown = |fields: &[crate::model::Field]| fields.iter().map(crate::model::Field::whole_type).collect::<Vec<_>>();
    assert_eq!(shown(&signature.inputs), ["float32[-1, 28]", "array<object{a: double (optional)}>"]);
    assert_eq!(shown(&signature.params), ["double = 0.7", "string[-1] = [\"a\"]"]);
    assert_eq!((signature.inputs[1].required, signature.outputs[0].required), (Some(true), Some(true)));
    let unknown = r#"{"signature": {"inputs": [{"type": "array", "items": {"typ": "long"}}]}}"#;
    assert_eq!(given::<Signed>("run.json", unknown, true, &SCHEMA).unwrap_err().findings.len(), 2);
}
