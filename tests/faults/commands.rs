//! The commands that are disturbed, and the registry that each begins with.

use crate::common::TestEnvironment;
use crate::injection::Fault;

/// A command, and the state before it.
pub struct Commands {
    pub before: Before,
    /// The branch that the command moves.
    pub branch: &'static str,
    pub command: &'static [&'static str],
    /// Whether the command pushes: then the registry is a clone, and what counts is the remote's branch.
    pub pushes: bool,
    /// What is run after a command that was done: the same command again would be refused.
    pub next: &'static [&'static str],
}

/// What is there before the command.
pub enum Before {
    Commands(&'static [&'static [&'static str]]),
    /// These commands; then Production is reviewed and allows emergencies.
    Reviewed(&'static [&'static [&'static str]]),
    /// Bob asks to promote version 2 to Production.
    Request,
    /// And Ada has approved it.
    Approved,
}

pub const REGISTER: Commands = Commands {
    before: Before::Commands(&[]),
    branch: "main",
    command: &["register", "iris", "--artifact", "s3://models/iris/3"],
    pushes: false,
    next: &["register", "iris", "--artifact", "s3://models/iris/3"],
};
pub const PROMOTE: Commands = Commands {
    before: Before::Commands(&[]),
    branch: "main",
    command: &["promote", "iris", "2", "--to", "Staging", "--reason", "better"],
    pushes: false,
    next: &["promote", "iris", "1", "--to", "Staging"],
};
pub const ROLLBACK: Commands = Commands {
    before: Before::Commands(&[
        &["promote", "iris", "2", "--to", "Staging"],
        &["promote", "iris", "1", "--to", "Staging"],
    ]),
    branch: "main",
    command: &["rollback", "iris", "--stage", "Staging", "--reason", "worse"],
    pushes: false,
    next: &["rollback", "iris", "--stage", "Staging", "--reason", "worse"],
};

pub const REQUEST: Commands = Commands {
    before: Before::Reviewed(&[]),
    branch: "requests/iris/Production/2",
    command: &["promote", "iris", "2", "--to", "Production", "--reason", "better"],
    pushes: false,
    next: &["request", "link", "iris/Production/2", "https://forge.example/pull/1"],
};
pub const EMERGENCY: Commands = Commands {
    before: Before::Reviewed(&[
        &["promote", "iris", "1", "--to", "Production"],
        &["promote", "iris", "2", "--to", "Production"],
    ]),
    branch: "main",
    command: &["rollback", "iris", "--reason", "it burns", "--emergency"],
    pushes: false,
    next: &["describe", "iris", "What it is."],
};
pub const APPROVE: Commands = Commands {
    before: Before::Request,
    branch: "requests/iris/Production/2",
    command: &["approve", "iris/Production/2", "--comment", "fine"],
    pushes: false,
    next: &["request", "link", "iris/Production/2", "https://forge.example/pull/1"],
};
pub const LAND: Commands = Commands {
    before: Before::Approved,
    branch: "main",
    command: &["land", "iris/Production/2"],
    pushes: false,
    next: &["describe", "iris", "What it is."],
};
pub const REJECT: Commands = Commands {
    before: Before::Request,
    branch: "main",
    command: &["reject", "iris/Production/2", "--reason", "recall fell"],
    pushes: false,
    next: &["describe", "iris", "What it is."],
};

pub const REGISTER_PUSHED: Commands = Commands {
    command: &["register", "iris", "--artifact", "s3://models/iris/3", "--push"],
    pushes: true,
    next: &["register", "iris", "--artifact", "s3://models/iris/3", "--push"],
    ..REGISTER
};
pub const ROLLBACK_PUSHED: Commands = Commands {
    command: &["rollback", "iris", "--stage", "Staging", "--reason", "worse", "--push"],
    pushes: true,
    next: &["rollback", "iris", "--stage", "Staging", "--reason", "worse", "--push"],
    ..ROLLBACK
};
pub const REQUEST_PUSHED: Commands = Commands {
    command: &["promote", "iris", "2", "--to", "Production", "--reason", "better", "--push"],
    pushes: true,
    next: &["request", "link", "iris/Production/2", "https://forge.example/pull/1", "--push"],
    ..REQUEST
};
pub const APPROVE_PUSHED: Commands = Commands {
    command: &["approve", "iris/Production/2", "--comment", "fine", "--push"],
    pushes: true,
    next: &["request", "link", "iris/Production/2", "https://forge.example/pull/1", "--push"],
    ..APPROVE
};
pub const LAND_PUSHED: Commands = Commands {
    command: &["land", "iris/Production/2", "--push"],
    pushes: true,
    next: &["describe", "iris", "What it is.", "--push"],
    ..LAND
};

/// The tests: each command with each kind of fault that it must survive.
pub const TESTS: [(&str, &Commands, Fault); 28] = [
    ("registering_on_a_full_disk", &REGISTER, Fault::Enospc),
    ("registering_on_a_failing_disk", &REGISTER, Fault::Eio),
    ("registering_killed", &REGISTER, Fault::Kill),
    ("promoting_on_a_full_disk", &PROMOTE, Fault::Enospc),
    ("promoting_on_a_failing_disk", &PROMOTE, Fault::Eio),
    ("promoting_killed", &PROMOTE, Fault::Kill),
    ("rolling_back_on_a_failing_disk", &ROLLBACK, Fault::Eio),
    ("rolling_back_killed", &ROLLBACK, Fault::Kill),
    ("requesting_on_a_full_disk", &REQUEST, Fault::Enospc),
    ("requesting_on_a_failing_disk", &REQUEST, Fault::Eio),
    ("requesting_killed", &REQUEST, Fault::Kill),
    ("an_emergency_on_a_failing_disk", &EMERGENCY, Fault::Eio),
    ("an_emergency_killed", &EMERGENCY, Fault::Kill),
    ("approving_on_a_full_disk", &APPROVE, Fault::Enospc),
    ("approving_on_a_failing_disk", &APPROVE, Fault::Eio),
    ("approving_killed", &APPROVE, Fault::Kill),
    ("landing_on_a_full_disk", &LAND, Fault::Enospc),
    ("landing_on_a_failing_disk", &LAND, Fault::Eio),
    ("landing_killed", &LAND, Fault::Kill),
    ("rejecting_killed", &REJECT, Fault::Kill),
    ("registering_with_a_push_on_a_failing_disk", &REGISTER_PUSHED, Fault::Eio),
    ("registering_with_a_push_killed", &REGISTER_PUSHED, Fault::Kill),
    ("rolling_back_with_a_push_on_a_full_disk", &ROLLBACK_PUSHED, Fault::Enospc),
    ("rolling_back_with_a_push_on_a_failing_disk", &ROLLBACK_PUSHED, Fault::Eio),
    ("rolling_back_with_a_push_killed", &ROLLBACK_PUSHED, Fault::Kill),
    ("requesting_with_a_push_killed", &REQUEST_PUSHED, Fault::Kill),
    ("approving_with_a_push_killed", &APPROVE_PUSHED, Fault::Kill),
    ("landing_with_a_push_killed", &LAND_PUSHED, Fault::Kill),
];

impl Commands {
    /// A registry in `reg`, ready for the command.
    pub fn prepare(&self) -> TestEnvironment {
        let env = TestEnvironment::with_model();
        env.succeed("reg", &["promote", "iris", "1", "--to", "Staging"]);
        match self.before {
            Before::Commands(before) => before.iter().for_each(|args| env.succeed("reg", args)),
            Before::Reviewed(before) => {
                before.iter().for_each(|args| env.succeed("reg", args));
                review(&env);
            }
            Before::Request => ask(&env),
            Before::Approved => {
                ask(&env);
                env.succeed("reg", &["approve", "iris/Production/2"]);
            }
        }
        if self.pushes {
            publish(&env);
        }
        env
    }
}

/// Makes the registry a clone of `hub.git`, which has all of its branches.
fn publish(env: &TestEnvironment) {
    env.git(".", &["clone", "-q", "--bare", "reg", "hub.git"]);
    env.git("reg", &["remote", "add", "origin", "../hub.git"]);
    env.git("reg", &["fetch", "-q", "origin"]);
    env.git("reg", &["branch", "-q", "--set-upstream-to=origin/main", "main"]);
    env.git(".", &["clone", "-q", "--bare", "hub.git", "before.git"]);
}

/// Production wants Ada's approval, and allows emergencies.
fn review(env: &TestEnvironment) {
    let policy = "format = 1\nname = \"acme\"\npolicy_version = 2\n\n[[stages]]\nname = \"Staging\"\n\n[[stages]]\n\
                  name = \"Production\"\nreview = \"recorded\"\napprovers = [\"ada@example.com\"]\nemergency = true\n";
    env.write("reg/registry.toml", policy);
    env.git("reg", &["commit", "-q", "-a", "-m", "policy: Production is reviewed"]);
}

/// Bob asks for a review.
fn ask(env: &TestEnvironment) {
    review(env);
    let args = ["promote", "iris", "2", "--to", "Production", "--reason", "better"];
    let asked = env.modelreg("reg", &args).env("GIT_AUTHOR_EMAIL", "bob@example.com").output().unwrap();
    assert!(asked.status.success(), "{}", env.shown(&args, &asked));
}
