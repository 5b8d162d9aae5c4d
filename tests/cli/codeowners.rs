//! CODEOWNERS files, written from the policy.

use std::fs;
use std::os::unix::fs::symlink;

use crate::common::TestEnvironment;

const POLICY: &str = r#"format = 1
name = "acme"
branch = "main"
policy_version = 1

[[stages]]
name = "Staging"

[[stages]]
name = "Pre Prod"
review = "forge"

[[stages]]
name = "Production"
review = "signed"
approvals = 2
approvers = ["@ml-leads", "zoe@example.com"]

[teams]
ml-leads = ["lead@example.com", "grace@example.com"]
"#;

/// A registry in `reg` with that policy and the models `iris` and `wine list`, each with its owner.
fn registry(layout: &str) -> TestEnvironment {
    let env = TestEnvironment::new();
    env.succeed(".", &["init", "reg", "--layout", layout]);
    fs::remove_file(env.path("reg/CODEOWNERS")).ok();
    env.register("iris", 1);
    env.succeed("reg", &["register", "wine list", "--artifact", "s3://models/wine/1"]);
    let policy = POLICY.replace("policy_version", &format!("layout = \"{layout}\"\npolicy_version"));
    env.write("reg/registry.toml", &policy);
    env
}

fn owners(env: &TestEnvironment, model: &str, owners: &str) {
    let path = format!("reg/models/{model}/model.toml");
    let text = env.read(&path);
    let others = text.lines().filter(|line| !line.starts_with("owners")).map(|line| format!("{line}\n"));
    let text: String = others.collect();
    env.write(&path, &text.replacen("created_at", &format!("owners = [{owners}]\ncreated_at"), 1));
}

const NAMES: [&str; 6] =
    ["--name", "lead@example.com=lead", "--name", "ada@example.com=@ada", "--name", "zoe@example.com=acme/zoes"];

#[test]
fn each_forge_gets_its_own_file() {
    let env = registry("flat");
    owners(&env, "wine list", "\"ada@example.com\", \"lead@example.com\"");
    owners(&env, "iris", "\"ada@example.com\"");
    let github = env.run("reg", &["codeowners", "--forge", "github"]);
    let gitlab = env.run("reg", &["codeowners", "--forge", "gitlab"]);
    let gitea = env.run("reg", &[&["codeowners", "--forge", "gitea"], &NAMES[..]].concat());
    let files = [".github/CODEOWNERS", ".gitlab/CODEOWNERS", "CODEOWNERS"].map(|file| env.read(&format!("reg/{file}")));
    insta::assert_snapshot!(format!("{github}\n{}\n{gitlab}\n{}\n{gitea}\n{}", files[0], files[1], files[2]));
    let again = env.run("reg", &["codeowners", "--forge", "gitlab", "--check"]);
    // GitLab reads the file at Gitea's path first.
    assert!(again.contains("CODEOWNERS is not up to date"), "{again}");
}

#[test]
fn the_sharded_layout_and_a_folder_above_are_part_of_the_pattern() {
    let env = TestEnvironment::new();
    env.git(".", &["init", "--quiet", "-b", "main", "mono"]);
    env.succeed(".", &["init", "mono/my ml", "--layout", "sharded"]);
    fs::remove_file(env.path("mono/CODEOWNERS")).ok();
    let policy = POLICY.replace("policy_version", "layout = \"sharded\"\npolicy_version");
    env.write("mono/my ml/registry.toml", &policy);
    env.succeed("mono/my ml", &["codeowners", "--forge", "github"]);
    insta::assert_snapshot!(env.read("mono/.github/CODEOWNERS"));
}

#[test]
fn lines_outside_the_part_are_kept_and_check_reports_a_changed_policy() {
    let env = registry("flat");
    env.write("reg/CODEOWNERS", "# mine\r\n* @all");
    env.succeed("reg", &["codeowners", "--forge", "github"]);
    let first = env.read("reg/CODEOWNERS");
    assert!(first.starts_with("# mine\r\n* @all\n\n# modelreg: begin."), "{first}");
    assert!(!env.path("reg/.github/CODEOWNERS").exists(), "another file would hide the one that is there");
    env.write("reg/CODEOWNERS", &format!("{first}*.py @coders\n"));
    let fine = env.run("reg", &["codeowners", "--forge", "github", "--check"]);
    env.write("reg/registry.toml", &POLICY.replace("zoe@", "yan@"));
    let stale = env.run("reg", &["codeowners", "--forge", "github", "--check"]);
    assert_eq!(env.read("reg/CODEOWNERS"), format!("{first}*.py @coders\n"), "a check writes nothing");
    env.succeed("reg", &["codeowners", "--forge", "github"]);
    assert_eq!(env.read("reg/CODEOWNERS"), format!("{}*.py @coders\n", first.replace("zoe@", "yan@")));
    insta::assert_snapshot!([fine, stale].join("\n"));
}

#[test]
fn a_registry_without_a_review_has_no_code_owners() {
    let env = registry("flat");
    env.write("reg/registry.toml", "format = 1\nname = \"acme\"\n[[stages]]\nname = \"Staging\"\n");
    env.succeed("reg", &["codeowners", "--forge", "github"]);
    insta::assert_snapshot!(env.read("reg/.github/CODEOWNERS"));
}

#[test]
fn a_link_in_place_of_the_file_is_not_followed() {
    let env = registry("flat");
    env.write("elsewhere", "kept\n");
    symlink(env.path("elsewhere"), env.path("reg/CODEOWNERS")).unwrap();
    insta::assert_snapshot!(env.run("reg", &["codeowners", "--forge", "gitea"]));
    assert_eq!(env.read("elsewhere"), "kept\n");
}

#[test]
fn a_name_that_would_add_owners_is_refused() {
    let env = registry("flat");
    for name in ["ada@example.com=a b", "ada@example.com=", "ada@example.com=a\n*", "ada=ada lovelace"] {
        assert!(env.run("reg", &["codeowners", "--forge", "gitea", "--name", name]).ends_with("status 2\n"), "{name}");
    }
}
