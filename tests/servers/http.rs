//! Smart HTTP: nginx checks a password, and `git http-backend` answers.

use super::team::{ID, POINTER, Team};
use super::{Server, free_port, story, wait_for};

/// Serves the hub. Returns the address.
fn serve(team: &Team) -> (Server, String) {
    let env = &team.env;
    let (port, root) = (free_port(), env.path("").display().to_string().trim_end_matches('/').to_owned());
    let backend = format!("{}/git-http-backend", env.git(".", &["--exec-path"]));
    env.write("passwords", "ada:{PLAIN}secret-a\nlead:{PLAIN}secret-l\neve:{PLAIN}secret-e\n");
    let folders: String = ["client_body", "fastcgi", "proxy", "uwsgi", "scgi"]
        .iter()
        .map(|kind| format!("{kind}_temp_path {root}/nginx-{kind};\n"))
        .collect();
    env.write(
        "nginx.conf",
        &format!(
            "daemon off; master_process off; pid {root}/nginx.pid; error_log {root}/nginx.log;\nevents {{}}\n\
             http {{ access_log off; client_max_body_size 0; {folders}\n\
             server {{ listen 127.0.0.1:{port}; location / {{\n\
             auth_basic models; auth_basic_user_file {root}/passwords;\n\
             fastcgi_pass unix:{root}/fcgi.sock;\n\
             fastcgi_param SCRIPT_FILENAME {backend}; fastcgi_param GIT_PROJECT_ROOT {root};\n\
             fastcgi_param GIT_HTTP_EXPORT_ALL 1; fastcgi_param PATH_INFO $uri;\n\
             fastcgi_param QUERY_STRING $query_string; fastcgi_param REQUEST_METHOD $request_method;\n\
             fastcgi_param CONTENT_TYPE $content_type; fastcgi_param CONTENT_LENGTH $content_length;\n\
             fastcgi_param REMOTE_USER $remote_user; }} }} }}\n"
        ),
    );
    let socket = format!("unix:{root}/fcgi.sock");
    let mut wrap = env.program(".", "fcgiwrap");
    wrap.args(["-c", "4", "-s", &socket]);
    let mut nginx = env.program(".", "nginx");
    nginx.arg("-e").arg(env.path("nginx.log")).arg("-c").arg(env.path("nginx.conf"));
    let server = Server::start([wrap, nginx]);
    wait_for(port);
    (server, format!("127.0.0.1:{port}/hub.git"))
}

/// Sets the hub's address in a clone, and stores a person's password with git's credential helper.
fn log_in(team: &Team, person: &str, address: &str, password: &str) {
    let host = address.split('/').next().unwrap();
    team.env.write(&format!("home/{person}.credentials"), &format!("http://{person}:{password}@{host}\n"));
    let file = team.env.path(format!("home/{person}.credentials"));
    team.git(person, &["config", "credential.helper", &format!("store --file={}", file.display())]);
    team.git(person, &["remote", "set-url", "origin", &format!("http://{address}")]);
}

pub fn over_http_with_passwords() {
    let team = Team::new("signed");
    let (_server, address) = serve(&team);
    for person in ["ada", "lead", "eve"] {
        log_in(&team, person, &address, &format!("secret-{}", &person[..1]));
    }
    story::play(&team);
}

pub fn safety_19_a_refused_password_is_told_without_the_password() {
    let team = Team::new("signed");
    let (_server, address) = serve(&team);
    team.git("ada", &["config", "core.askPass", "true"]);
    team.git("ada", &["remote", "set-url", "origin", &format!("http://ada:wrong-secret@{address}")]);
    let before = team.git("ada", &["for-each-ref"]);
    let shown = team.env.run("ada", &["promote", "iris", "2", "--to", "Production", "--push"]);
    assert!(shown.contains("git fetch") && shown.ends_with("--- status 2\n"), "{shown}");
    assert!(!shown.contains("wrong-secret"), "{shown}");
    assert_eq!(team.git("ada", &["for-each-ref"]), before);
}

pub fn without_a_program_the_page_is_printed_and_its_address_can_be_recorded() {
    let team = Team::new("forge");
    let (_server, address) = serve(&team);
    team.git("ada", &["config", "modelreg.forge", "github"]);
    team.git("ada", &["remote", "set-url", "origin", &format!("http://ada:secret-a@{address}")]);
    let shown = team.ok("ada", &["promote", "iris", "2", "--to", "Production", "--push"]);
    let page = address.trim_end_matches(".git");
    assert!(shown.contains(&format!("http://{page}/compare/main...requests/iris/Production/2?expand=1")), "{shown}");
    assert!(!shown.contains("secret-a"), "{shown}");
    let page = "https://github.example/acme/models/pull/9";
    team.ok("ada", &["request", "link", ID, page, "--push"]);
    let journal = team.git("hub.git", &["show", &format!("requests/{ID}:{POINTER}")]);
    assert!(journal.contains(&format!("request = \"{page}\"")), "{journal}");
    assert!(team.ok("ada", &["request", "show", ID]).contains(page));
    let refused = team.env.run("ada", &["request", "link", ID, "javascript:alert(1)"]);
    assert!(refused.ends_with("--- status 2\n"), "{refused}");
}
