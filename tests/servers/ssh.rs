//! An sshd that the test starts.

use super::team::Team;
use super::{Server, free_port, story, wait_for};

pub fn over_ssh() {
    let team = Team::new("signed");
    let env = &team.env;
    let (port, root) = (free_port(), env.path("").display().to_string().trim_end_matches('/').to_owned());
    let host_key = format!("{root}/host");
    let made = env.program(".", "ssh-keygen").args(["-q", "-t", "ed25519", "-N", "", "-f", &host_key]).status();
    assert!(made.unwrap().success());
    let keys: String = ["ada", "lead", "eve"].iter().map(|person| env.read(&format!("home/{person}.pub"))).collect();
    env.write("authorized", &keys);
    // The hub's side has the test's home too: the login shell else runs the start files of whoever runs the test, for each
    // connection, and some take longer than the rest of the test.
    env.write(
        "sshd.conf",
        &format!(
            "Port {port}\nListenAddress 127.0.0.1\nHostKey {host_key}\nAuthorizedKeysFile {root}/authorized\nPidFile none\n\
             StrictModes no\nUsePAM no\nPermitRootLogin yes\nPasswordAuthentication no\nMaxStartups 100\n\
             SetEnv HOME={root}/home\n"
        ),
    );
    // If root starts sshd, it needs this folder.
    let _ = std::fs::create_dir_all("/run/sshd");
    let mut sshd = env.program(".", "/usr/sbin/sshd");
    sshd.args(["-D", "-e", "-f"]).arg(env.path("sshd.conf"));
    let _server = Server::start([sshd]);
    wait_for(port);
    let user = String::from_utf8(env.program(".", "id").arg("-un").output().unwrap().stdout).unwrap();
    for person in ["ada", "lead", "eve"] {
        let ssh = format!(
            "ssh -F none -o KexAlgorithms=curve25519-sha256 -i {root}/home/{person} -o IdentitiesOnly=yes -o BatchMode=yes -o StrictHostKeyChecking=no \
             -o UserKnownHostsFile=/dev/null -o LogLevel=ERROR -p {port}"
        );
        team.git(person, &["config", "core.sshCommand", &ssh]);
        let address = format!("ssh://{}@127.0.0.1:{port}{root}/hub.git", user.trim());
        team.git(person, &["remote", "set-url", "origin", &address]);
    }
    story::play(&team);
}
