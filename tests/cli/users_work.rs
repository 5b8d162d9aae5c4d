//! A commit does not touch files that the user has staged or edited, and the user's next commit does not undo it.

use crate::common::TestEnvironment;

#[test]
fn staged_and_edited_files_elsewhere_stay_as_they_are() {
    let env = TestEnvironment::with_model();
    env.write("reg/notes.md", "staged\n");
    env.git("reg", &["add", "notes.md"]);
    env.write("reg/notes.md", "staged, then edited\n");
    env.write("reg/README.md", "edited\n");
    env.write("reg/scratch.txt", "untracked\n");
    let status = env.git("reg", &["status", "--porcelain"]);
    env.register("iris", 3);
    env.succeed("reg", &["promote", "iris", "3", "--to", "Staging"]);
    assert_eq!(env.git("reg", &["status", "--porcelain"]), status);
    assert_eq!(env.git("reg", &["show", ":notes.md"]), "staged");
    assert_eq!(env.read("reg/README.md"), "edited\n");
    assert_eq!(env.git("reg", &["show", "--format=", "--name-only"]), "models/iris/stages/staging.toml");
}

#[test]
fn an_edited_file_that_the_commit_changes_keeps_the_edit_with_a_warning() {
    let env = TestEnvironment::with_model();
    let path = "reg/models/iris/model.toml";
    let edited = env.read(path) + "# my remark\n";
    env.write(path, &edited);
    insta::assert_snapshot!(env.run("reg", &["describe", "iris", "Tells irises apart"]));
    assert_eq!(env.read(path), edited);
    assert_eq!(env.git("reg", &["diff", "--cached", "--name-only"]), "", "a commit would undo nothing");
    assert_eq!(env.git("reg", &["diff", "--name-only"]), "models/iris/model.toml");
}

#[test]
fn a_staged_file_that_the_commit_changes_stays_staged_with_a_warning() {
    let env = TestEnvironment::with_model();
    let path = "reg/models/iris/model.toml";
    let staged = env.read(path) + "# my remark\n";
    env.write(path, &staged);
    env.git("reg", &["add", "."]);
    insta::assert_snapshot!(env.run("reg", &["describe", "iris", "Tells irises apart"]));
    assert_eq!(env.git("reg", &["show", ":models/iris/model.toml"]) + "\n", staged);
    assert_eq!(env.read(path), staged);
}

#[test]
fn an_untracked_file_in_the_way_stays() {
    let env = TestEnvironment::with_model();
    env.write("reg/models/iris/versions/3.toml", "mine\n");
    insta::assert_snapshot!(env.run("reg", &["register", "iris", "--artifact", "s3://models/iris/3"]));
    assert_eq!(env.read("reg/models/iris/versions/3.toml"), "mine\n");
    assert!(env.git("reg", &["show", "HEAD:models/iris/versions/3.toml"]).contains("s3://models/iris/3"));
}

#[test]
fn a_symbolic_link_in_the_way_is_not_followed() {
    let env = TestEnvironment::with_model();
    std::fs::create_dir(env.path("outside")).unwrap();
    std::os::unix::fs::symlink(env.path("outside"), env.path("reg/models/iris/stages")).unwrap();
    insta::assert_snapshot!(env.run("reg", &["promote", "iris", "1", "--to", "Staging"]));
    assert_eq!(std::fs::read_dir(env.path("outside")).unwrap().count(), 0);
}
