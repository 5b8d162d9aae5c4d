//! A registry and artifacts in a folder behind a symbolic link, such as a Mac's `/tmp`. The link is above the path that the
//! user named, so it has no effect.

use crate::common::TestEnvironment;

fn linked() -> (TestEnvironment, String) {
    let env = TestEnvironment::with_model();
    std::os::unix::fs::symlink(env.path("."), env.path("link")).unwrap();
    let registry = env.path("link/reg").display().to_string();
    (env, registry)
}

#[test]
fn commands_work_and_leave_the_working_tree_clean() {
    let (env, registry) = linked();
    let commands: [&[&str]; 7] = [
        &["validate"],
        &["promote", "iris", "1", "--to", "Staging"],
        &["promote", "iris", "2", "--to", "Staging"],
        &["rollback", "iris", "--stage", "Staging", "--reason", "wrong labels"],
        &["rename", "iris", "iris2"],
        &["validate", "--base", "HEAD~1"],
        &["hook", "install"],
    ];
    for command in commands {
        env.succeed(".", &[&["-C", &registry], command].concat());
        assert_eq!(env.git("reg", &["status", "--porcelain"]), "", "{command:?}");
    }
    assert!(env.path("reg/models/iris2/stages/staging.toml").exists());
    assert!(env.path("reg/.git/hooks/pre-commit").exists());
}

#[test]
fn artifacts_are_registered_verified_and_pulled() {
    let (env, registry) = linked();
    std::fs::create_dir(env.path("out")).unwrap();
    env.write("out/model.pkl", "weights");
    let (out, copy) = (env.path("link/out").display().to_string(), env.path("link/copy").display().to_string());
    env.succeed(".", &["-C", &registry, "register", "iris", "--artifact", &out]);
    env.succeed(".", &["-C", &registry, "verify", "iris@3"]);
    env.succeed(".", &["-C", &registry, "verify", "iris@3", "--from", &out]);
    env.succeed(".", &["-C", &registry, "pull", "iris@3", "--into", &copy]);
    assert_eq!(env.read("copy/model.pkl"), "weights");
}
