//! SARIF, the format of code scanning: "Static Analysis Results Interchange Format (SARIF) Version 2.1.0", OASIS
//! Standard. Section numbers below are of that document. GitHub's additional requirements are in its "SARIF support for
//! code scanning".

use serde_json::{Value, json};

use crate::diag::sanitize::for_terminal;
use crate::diag::{Code, Finding, Place, Report, Severity, codes};

const SCHEMA: &str = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json";

/// Writes the report as a SARIF log of one run. All codes are listed as rules, so a viewer can show their explanations
/// and the rules without findings.
pub fn render(report: &Report, prefix: &str) -> String {
    let codes: Vec<&Code> = codes::all().collect();
    let fingerprints = super::fingerprint::of(report, prefix);
    let results = report.findings.iter().zip(fingerprints).map(|(f, print)| result(f, &print, &codes, prefix));
    super::json_text(&json!({
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": [{
            "tool": {
                "driver": {
                    "name": "modelreg",
                    "version": env!("CARGO_PKG_VERSION"),
                    "semanticVersion": env!("CARGO_PKG_VERSION"),
                    "rules": codes.iter().map(|code| rule(code)).collect::<Vec<_>>(),
                },
            },
            // A column counts characters (3.14.17), as places do.
            "columnKind": "unicodeCodePoints",
            "results": results.collect::<Vec<_>>(),
        }],
    }))
}

/// A reportingDescriptor (3.49).
fn rule(code: &Code) -> Value {
    let reason = code.explanation.split("\n\n").next().unwrap_or(code.summary);
    json!({
        "id": code.id,
        "shortDescription": { "text": code.summary },
        "fullDescription": { "text": reason },
        "help": { "text": code.explanation, "markdown": code.explanation },
        "defaultConfiguration": { "level": level(code.severity) },
    })
}

/// A result (3.27).
fn result(finding: &Finding, fingerprint: &str, codes: &[&Code], prefix: &str) -> Value {
    let mut result = json!({
        "ruleId": finding.code.id,
        "level": level(finding.code.severity),
        "message": { "text": message(finding) },
        "locations": [{
            "physicalLocation": {
                "artifactLocation": { "uri": uri(&super::path(finding, prefix)), "uriBaseId": "%SRCROOT%" },
                "region": region(finding.place),
            },
        }],
        "partialFingerprints": { "modelregFinding/v1": fingerprint },
    });
    if let Some(index) = codes.iter().position(|code| code.id == finding.code.id) {
        result["ruleIndex"] = index.into();
    }
    result
}

/// A region (3.30). GitHub requires a first line, so findings about the whole file are at line 1.
fn region(place: Option<Place>) -> Value {
    match place {
        None => json!({ "startLine": 1 }),
        Some(p) => {
            json!({ "startLine": p.line, "startColumn": p.column, "endLine": p.end_line, "endColumn": p.end_column })
        }
    }
}

fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
    }
}

/// A plain text message (3.11.3). `[text](address)` would be a link (3.11.6) to an address from the registry's text, so
/// brackets are escaped. Braces are not doubled as in 3.11.5: placeholders exist only in messages with arguments, and
/// viewers show both braces.
fn message(finding: &Finding) -> String {
    let text = format!("{}\n{}", finding.message, finding.hint);
    let text = for_terminal(&text);
    if text.contains("](") { text.replace('\\', "\\\\").replace('[', "\\[").replace(']', "\\]") } else { text.into() }
}

/// A path as a relative reference (RFC 3986, section 4.2): all characters except unreserved ones and `/` are
/// percent-encoded.
fn uri(path: &str) -> String {
    let mut uri = String::new();
    for byte in path.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte) {
            uri.push(char::from(byte));
        } else {
            uri.push_str(&format!("%{byte:02X}"));
        }
    }
    uri
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diag::render::sample::{hostile, ordinary};

    fn run(report: &Report, prefix: &str) -> Value {
        let log: Value = serde_json::from_str(&render(report, prefix)).unwrap();
        log["runs"][0].clone()
    }

    #[test]
    fn a_result_says_where_and_points_to_its_rule() {
        let run = run(&ordinary(), "registry/");
        insta::assert_snapshot!(format!("{:#}", run["results"]));
        for result in run["results"].as_array().unwrap() {
            let index = usize::try_from(result["ruleIndex"].as_u64().unwrap()).unwrap();
            assert_eq!(run["tool"]["driver"]["rules"][index]["id"], result["ruleId"]);
        }
    }

    #[test]
    fn every_code_is_a_rule_with_its_help() {
        let run = run(&Report::default(), "");
        let rules = run["tool"]["driver"]["rules"].as_array().unwrap();
        assert_eq!(rules.len(), codes::all().count());
        assert_eq!(run["results"], json!([]));
        let rule = rules.iter().find(|rule| rule["id"] == "unknown-key").unwrap();
        insta::assert_snapshot!(format!("{rule:#}"));
    }

    #[test]
    fn a_text_cannot_forge_a_link_or_an_address() {
        let run = run(&hostile(), "");
        let first = &run["results"][0];
        let text = first["message"]["text"].as_str().unwrap();
        assert!(text.contains("\\[a\\](http://evil.example)"), "{text}");
        let uri = first["locations"][0]["physicalLocation"]["artifactLocation"]["uri"].as_str().unwrap();
        assert_eq!(
            uri,
            "models/a%2Cb%3Ac%250A%3A%3Aerror%3A%3Ax%20%5D%5D%3E%22%27%26%3Ci%3E%E2%80%AE/%C3%A9%20%C3%BC.toml"
        );
    }
}
