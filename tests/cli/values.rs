//! Values are kept as they are given.

use crate::common::TestEnvironment;

/// The manifest of a version of `iris`.
fn manifest(env: &TestEnvironment, version: u64) -> String {
    env.read(&format!("reg/models/iris/versions/{version}.toml"))
}

#[test]
fn a_param_keeps_the_characters_that_were_given() {
    let env = TestEnvironment::with_registry();
    let given = [
        ("python", "3.10", "\"3.10\""),
        ("zip", "01234", "\"01234\""),
        ("commit", "0012e45", "\"0012e45\""),
        ("run", "20240115123456789012", "\"20240115123456789012\""),
        ("seed", "18446744073709551615", "\"18446744073709551615\""),
        ("plus", "+5", "\"+5\""),
        ("rate", "1e-05", "\"1e-05\""),
        ("depth", "4", "4"),
        ("alpha", "0.5", "0.5"),
        ("tiny", "1e-7", "1e-7"),
        ("huge", "1e300", "1e300"),
        ("whole", "3.0", "3.0"),
        ("shuffle", "true", "true"),
    ];
    let params: Vec<String> = given.iter().map(|(key, value, _)| format!("--param={key}={value}")).collect();
    let mut args = vec!["register", "iris", "--artifact", "s3://models/iris/1"];
    args.extend(params.iter().map(String::as_str));
    env.succeed("reg", &args);
    let file = manifest(&env, 1);
    let shown = env.run("reg", &["show", "iris@1"]);
    for (key, value, written) in given {
        assert!(file.contains(&format!("\n{key} = {written}\n")), "{key}: {file}");
        let line = shown.lines().find(|line| line.trim_start().starts_with(&format!("{key} ")));
        assert!(line.is_some_and(|line| line.trim_end().ends_with(&format!(" {value}"))), "{key}: {shown}");
    }
    // What is text is still found by its number.
    let found = env.run("reg", &["search", "params.rate < 0.0001 AND params.python = '3.10' AND params.seed > 5"]);
    assert!(found.contains("iris"), "{found}");
}

#[test]
fn a_metric_that_ended_in_nan_is_kept_and_never_enters_by_a_gate() {
    let env = TestEnvironment::with_registry();
    let registry = env.read("reg/registry.toml");
    let gate = "[[stages.gates]]\nmetric = \"loss\"\nmax = 1e300\n";
    let policy = registry.replace("policy_version = 1", "policy_version = 2");
    env.write(
        "reg/registry.toml",
        &policy.replace("name = \"Production\"\n", &format!("name = \"Production\"\n{gate}")),
    );
    env.git("reg", &["commit", "--quiet", "-am", "a gate"]);
    for (value, written, json) in
        [("nan", "nan", "\"NaN\""), ("Infinity", "inf", "\"Infinity\""), ("-inf", "-inf", "\"-Infinity\"")]
    {
        env.succeed(
            "reg",
            &["register", "iris", "--artifact", "s3://models/iris/1", "--metric", &format!("loss={value}")],
        );
        let version = env.versions("reg", "main", "iris").len() as u64;
        assert!(manifest(&env, version).contains(&format!("\nloss = {written}\n")));
        let shown = env.run("reg", &["show", &format!("iris@{version}"), "--format", "json"]);
        assert!(shown.contains(&format!("\"loss\": {json}")), "{shown}");
        let refused = env.run("reg", &["promote", "iris", &version.to_string(), "--to", "Production"]);
        assert!(refused.contains(&format!("loss <= 1e300 is required, and it is {written}")), "{refused}");
    }
    env.succeed("reg", &["register", "iris", "--artifact", "s3://models/iris/4", "--metric", "loss=0.2"]);
    env.succeed("reg", &["promote", "iris", "4", "--to", "Production"]);
    env.succeed("reg", &["validate"]);
    let compared = env.run("reg", &["compare", "iris", "1", "3", "4"]);
    assert!(compared.contains("0.2 best") && compared.contains("nan"), "{compared}");
    assert!(
        env.run("reg", &["register", "iris", "--artifact", "s3://a/b", "--metric", "loss=1e999"]).contains("status 2")
    );
}

#[test]
fn the_digest_of_a_data_set_is_kept_as_its_source_gives_it() {
    let env = TestEnvironment::with_registry();
    let digests = ["md5:9e107d9d372bb6826bd81d3542a419d6", "062ac4fa", "W/\"5d8c-2\""];
    let datasets = digests.map(|digest| format!("{{ name = \"wine\", digest = '{digest}' }}")).join(", ");
    env.write("run.toml", &format!("[lineage]\ndatasets = [{datasets}]\n"));
    env.succeed("reg", &["register", "iris", "--artifact", "s3://models/iris/1", "--from", "../run.toml"]);
    let shown = env.run("reg", &["show", "iris@1"]);
    assert!(digests.iter().all(|digest| shown.contains(digest)), "{shown}");
    env.write("run.toml", "[lineage]\ndatasets = [{ name = \"wine\", digest = \"two\\nlines\" }]\n");
    let refused = env.run("reg", &["register", "iris", "--artifact", "s3://models/iris/1", "--from", "../run.toml"]);
    assert!(refused.contains("it has more than one line"), "{refused}");
}

#[test]
fn what_training_code_writes_is_registered() {
    let env = TestEnvironment::with_registry();
    let json = "\u{feff}{\r\n\"description\": \"two\\r\\nlines\",\r\n\"params\": {\"optimizer\": {\"name\": \"adam\", \"lr\": 1e-05}, \"layers\": [64, 32], \"resume\": null},\r\n\
                \"metrics\": {\"accuracy\": 0.9, \"loss\": NaN}\r\n}\r\n";
    env.write("run.json", json);
    env.succeed("reg", &["register", "iris", "--artifact", "s3://models/iris/1", "--from", "../run.json"]);
    let file = manifest(&env, 1);
    for line in ["layers = \"[64,32]\"", "\"optimizer.lr\" = 1e-5", "\"optimizer.name\" = \"adam\"", "loss = nan"] {
        assert!(file.contains(&format!("\n{line}\n")), "{line}: {file}");
    }
    assert!(!file.contains("resume") && !file.contains('\r'), "{file}");
    env.succeed("reg", &["validate"]);
}

#[test]
fn all_that_a_file_of_facts_cannot_give_is_named_at_once() {
    let env = TestEnvironment::with_registry();
    env.write(
        "run.json",
        "{\n  \"metrics\": {\"acc\": 0.9, \"acc\": 0.1, \"f1\": \"high\"},\n  \"lineage\": {\"runid\": 3}\n}\n",
    );
    env.write("run.toml", "[metrics]\nacc = 0.9\nacc = 0.1\nf1 = \"high\"\n\n[lineage]\nrunid = 3\n");
    insta::assert_snapshot!(env.story(&[
        &["register", "iris", "--artifact", "s3://models/iris/1", "--from", "../run.json"],
        &["register", "iris", "--artifact", "s3://models/iris/1", "--from", "../run.toml"],
    ]));
    assert!(!env.path("reg/models").exists(), "nothing was written");
}

#[test]
fn addresses_are_kept_as_given_and_what_moves_is_fixed() {
    let env = TestEnvironment::with_registry();
    env.succeed("reg", &["register", "iris", "--artifact", "s3://models/my iris/v 1"]);
    env.succeed("reg", &["register", "iris", "--artifact", "models:/m-768a230f93144916ac3c7927e8da088f"]);
    env.succeed("reg", &["promote", "iris", "1", "--to", "Production"]);
    env.succeed("reg", &["alias", "iris", "champion", "2"]);
    assert!(manifest(&env, 1).contains("uri = \"s3://models/my iris/v 1\""));
    for (version, (given, fixed)) in [
        ("models:/iris/Production", 1),
        ("models:/iris@champion", 2),
        ("models:/iris/latest", 4),
        ("models:/iris/3", 3),
    ]
    .into_iter()
    .enumerate()
    {
        env.succeed("reg", &["register", "iris", "--artifact", given, "--parent", given]);
        let file = manifest(&env, version as u64 + 3);
        assert!(file.contains(&format!("uri = \"models:/iris/{fixed}\"\n")), "{given}: {file}");
        assert!(file.contains(&format!("parent = \"models:/iris/{fixed}\"\n")), "{given}: {file}");
    }
    env.succeed("reg", &["validate"]);
    let unknown = env.run("reg", &["register", "iris", "--artifact", "models:/iris/Staging"]);
    assert!(unknown.contains("--- status 1"), "{unknown}");
    let secret = env.run("reg", &["register", "iris", "--artifact", "s3://AKIA:secret@models/iris"]);
    assert!(secret.contains("is a credential"), "{secret}");
}

#[test]
fn a_signature_keeps_required_tensors_nested_fields_and_params() {
    let env = TestEnvironment::with_registry();
    let signature = "[signature]\n\
        inputs = [\n    { name = \"image\", type = \"float32\", required = true, shape = [-1, 28] },\n    \
        { name = \"rows\", type = \"array\", fields = [{ type = \"object\", fields = [{ name = \"a\", type = \"double\", required = false }] }] },\n]\n\
        params = [\n    { name = \"temperature\", type = \"double\", default = 0.7 },\n]\n";
    env.write("run.toml", signature);
    env.succeed("reg", &["register", "iris", "--artifact", "s3://models/iris/1", "--from", "../run.toml"]);
    assert!(manifest(&env, 1).contains(signature), "{}", manifest(&env, 1));
    env.succeed("reg", &["validate"]);
    let shown = env.run("reg", &["show", "iris@1"]);
    for line in ["float32[-1, 28]", "array<object{a: double (optional)}>", "double = 0.7"] {
        assert!(shown.contains(line), "{line}: {shown}");
    }
    env.write("run.toml", &signature.replace("required = false", "required = 0"));
    let refused = env.run("reg", &["register", "iris", "--artifact", "s3://models/iris/2", "--from", "../run.toml"]);
    assert!(refused.contains("`required`: this is an integer, but true or false is required"), "{refused}");
}
