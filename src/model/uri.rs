//! Addresses of artifacts, web pages and repositories.
//!
//! Every user who can push a branch can write a manifest. So an address must have a known scheme, must not contain
//! credentials, and must not lead out of its folder by `..`. The server never fetches these addresses.

use std::borrow::Cow;

use percent_encoding::percent_decode;

use super::disguise::{GitName, git_name};
use super::host::{self, Reach};
use super::invisible::{first_hidden, is_unsafe};
use super::model_uri::{ModelUri, is_logged_model};
use super::text::{Checked, Invalid, string_type};

string_type! {
    /// The address of an artifact or a dataset: `s3://bucket/key`, `file:///models/iris`, ...
    ArtifactUri, format = "artifact-uri", check = check_artifact, pattern = "^[a-z][a-z0-9+.-]*:[^#\\s\\\\]+( +[^#\\s\\\\]+)*$", max = MAX_URI
}

string_type! {
    /// The address of a web page: http or https, without credentials.
    Link, format = "link", check = check_link, pattern = "^https?://[^\\s\\\\]+$", max = MAX_URI
}

string_type! {
    /// A source repository: a URL, or git's `user@host:path`.
    RepositoryUrl, format = "repository-url", check = check_repository, max = MAX_URI
}

string_type! {
    /// A file inside an artifact, relative to its root, with `/` between the parts.
    ArtifactPath, format = "artifact-path", check = check_path, pattern = r"^[^/\\]([^\\]*[^/\\])?$", max = 1024
}

const MAX_URI: usize = 2048;

/// The allowed schemes of an artifact's address: object stores, file systems and registries that ML teams use.
pub const ARTIFACT_SCHEMES: [&str; 34] = [
    "s3",
    "s3a",
    "s3n",
    "minio",
    "gs",
    "gcs",
    "az",
    "abfs",
    "abfss",
    "adl",
    "wasb",
    "wasbs",
    "azureml",
    "dbfs",
    "hdfs",
    "viewfs",
    "webhdfs",
    "hf",
    "oci",
    "oss",
    "cos",
    "obs",
    "swift",
    "lakefs",
    "http",
    "https",
    "ftp",
    "sftp",
    "file",
    "runs",
    "models",
    "mlflow-artifacts",
    "wandb-artifact",
    "git+https",
];

/// The schemes of addresses that a browser or an HTTP client follows.
const WEB_SCHEMES: [&str; 3] = ["https", "http", "git+https"];

/// The other schemes with a host to which a client connects, usually with a token. (`s3`, `gs` and similar schemes have
/// a bucket or a container in place of the host.)
const HOST_SCHEMES: [&str; 15] = [
    "ssh",
    "git+ssh",
    "git",
    "oci",
    "hdfs",
    "webhdfs",
    "viewfs",
    "mlflow-artifacts",
    "abfs",
    "abfss",
    "adl",
    "wasb",
    "wasbs",
    "ftp",
    "sftp",
];

const LINK_HINT: &str = "write the address of a page, for example https://tracking.example.com/runs/1";

fn check_artifact(uri: &str) -> Checked {
    // Paths in stores and on disks have spaces, and each client would write the percent-encoded form in its own way.
    let written = if uri.ends_with(' ') { Cow::from(uri) } else { Cow::from(uri.replace(' ', "_")) };
    check_characters(&written)?;
    let scheme = check_parts(uri, &ARTIFACT_SCHEMES, "an artifact's address")?;
    if uri.contains('#') {
        return Err(Invalid::new("the address has a fragment, which no store serves", "remove the part from `#` on"));
    }
    if scheme == "file" && !uri.starts_with("file:///") {
        return Err(Invalid::new(
            "a file address must have an absolute path and no host",
            "write file:///path/to/artifact",
        ));
    }
    if scheme == "models" && !is_logged_model(uri) {
        ModelUri::parse(uri)?;
    }
    Ok(())
}

fn check_link(url: &str) -> Checked {
    check_uri(url, &["https", "http"], "a link").map(drop)
}

fn check_repository(url: &str) -> Checked {
    // git's scp-like form has no scheme: `git@example.com:team/repo.git`.
    if !url.contains("://")
        && let Some((before, path)) = url.split_once(':')
        && let Some(at) = before.rfind('@')
        && !path.is_empty()
    {
        check_characters(url)?;
        let host = &url[at + 1..];
        return check_host(if host.starts_with('[') { bracketed(host) } else { &before[at + 1..] });
    }
    check_uri(url, &["https", "http", "ssh", "git", "git+https", "git+ssh", "file"], "a repository's address").map(drop)
}

fn check_characters(uri: &str) -> Checked {
    if uri.is_empty() {
        return Err(Invalid::new("the address is empty", "write the address, or remove the key"));
    }
    if uri.len() > MAX_URI {
        return Err(Invalid::new(format!("the address is longer than {MAX_URI} bytes"), "shorten the address"));
    }
    if uri.starts_with('-') {
        return Err(Invalid::new("the address begins with `-`, so programs would read it as an option", LINK_HINT));
    }
    if uri.bytes().all(|byte| matches!(byte, b'!'..=b'[' | b']'..=b'~')) {
        return Ok(());
    }
    match first_hidden(uri).or_else(|| uri.chars().find(|&c| c.is_whitespace() || c == '\\')) {
        Some(c) => Err(Invalid::new(
            format!("the address contains {}", super::text::Shown(c)),
            "percent-encode the character, for example %20 for a space",
        )),
        None => Ok(()),
    }
}

/// Checks the common rules of all addresses, and returns the scheme.
fn check_uri<'a>(uri: &'a str, schemes: &[&str], what: &str) -> Result<&'a str, Invalid> {
    check_characters(uri)?;
    check_parts(uri, schemes, what)
}

fn check_parts<'a>(uri: &'a str, schemes: &[&str], what: &str) -> Result<&'a str, Invalid> {
    let Some((scheme, rest)) = uri.split_once(':') else {
        return Err(Invalid::new(
            format!("{what} begins with a scheme"),
            format!("write the whole address, beginning with one of: {}", schemes.join(", ")),
        ));
    };
    if !schemes.contains(&scheme) {
        return Err(Invalid::new(
            format!("the scheme `{scheme}` is not allowed in {what}"),
            format!("use one of: {}", schemes.join(", ")),
        ));
    }
    let (path, query) = rest.split_once('?').unwrap_or((rest, ""));
    // Decode first, because `a%2F..%2Fb` has three parts once a client decodes it.
    let decoded = decode(path);
    if decoded.contains(&0) || decoded.split(|byte| matches!(byte, b'/' | b'\\')).any(|segment| segment == b"..") {
        return Err(Invalid::new("the address has a `..` part", "write the address without `..`"));
    }
    match path.strip_prefix("//").map(|rest| rest.split(['/', '#']).next().unwrap_or(rest)) {
        Some(authority) => check_authority(scheme, authority)?,
        // Clients read `https:host` as `https://host`.
        None if WEB_SCHEMES.contains(&scheme) => return Err(Invalid::new("the host is missing", LINK_HINT)),
        None => {}
    }
    match query.split(['&', ';']).filter_map(|pair| pair.split('=').next()).find(|key| names_a_secret(key)) {
        Some(key) => Err(credentials(&format!("the query parameter `{key}`"))),
        None => Ok(scheme),
    }
}

/// Whether a query parameter's name suggests a secret: it ends in one of these words, or a short word is all of it or
/// follows a `-` or `_`.
fn names_a_secret(key: &str) -> bool {
    let key = String::from_utf8_lossy(&decode(key)).to_ascii_lowercase();
    let long =
        ["signature", "token", "password", "passwd", "secret", "credential", "credentials", "apikey", "accesskey"];
    let short = ["sig", "key", "pwd", "auth"];
    let ends = |word: &str| key.strip_suffix(word).is_some_and(|rest| rest.is_empty() || rest.ends_with(['-', '_']));
    long.iter().any(|word| key.ends_with(word)) || short.iter().any(|word| ends(word))
}

fn credentials(what: &str) -> Invalid {
    Invalid::new(
        format!("{what} is a credential, which everyone who clones the registry could read"),
        "remove the credential, and change the secret if it was ever committed; clients take credentials from the environment",
    )
}

fn check_authority(scheme: &str, authority: &str) -> Checked {
    let (user, host) = authority.rsplit_once('@').map_or((None, authority), |(user, host)| (Some(user), host));
    // Before the `@`, Azure has the container and ssh the login. Neither is a secret unless a `:` follows.
    let named = matches!(scheme, "abfs" | "abfss" | "wasb" | "wasbs" | "ssh" | "git+ssh" | "sftp" | "ftp");
    if user.is_some_and(|user| !named || decode(user).contains(&b':')) {
        return Err(credentials("the text before the `@`"));
    }
    if host.is_empty() && WEB_SCHEMES.contains(&scheme) {
        return Err(Invalid::new("the host is missing", LINK_HINT));
    }
    if host.is_empty() || !(WEB_SCHEMES.contains(&scheme) || HOST_SCHEMES.contains(&scheme)) {
        return Ok(());
    }
    let name = if host.starts_with('[') { bracketed(host) } else { host.split(':').next().unwrap_or(host) };
    let port = &host[name.len()..];
    let digits = port.strip_prefix(':').filter(|digits| digits.bytes().all(|byte| byte.is_ascii_digit()));
    if !port.is_empty() && !digits.is_some_and(|digits| digits.is_empty() || digits.parse::<u16>().is_ok()) {
        return Err(Invalid::new(format!("the port of `{host}` is invalid"), "use a port from 0 to 65535, or omit it"));
    }
    check_host(name)
}

/// The part in brackets at the start: an IPv6 address.
fn bracketed(host: &str) -> &str {
    host.split_inclusive(']').next().unwrap_or(host)
}

fn check_host(host: &str) -> Checked {
    match host::reach_of(host) {
        Ok(Some(Reach::Own)) => Err(Invalid::new(
            format!("`{host}` is a different machine for each reader, or a cloud's metadata service"),
            "use a host that all users of the registry can reach",
        )),
        Ok(_) => Ok(()),
        Err(why) => Err(Invalid::new(format!("`{host}` is not a valid host: {why}"), LINK_HINT)),
    }
}

/// Percent-decodes up to four times, so that `%252e` cannot hide a dot.
fn decode(path: &str) -> Cow<'_, [u8]> {
    let mut text = Cow::from(path.as_bytes());
    for _ in 0..4 {
        let Cow::Owned(decoded) = Cow::from(percent_decode(&text)) else { break };
        text = decoded.into();
    }
    text
}

fn check_path(path: &str) -> Checked {
    let hint = "write a path relative to the artifact's root, with `/` between its parts";
    let refuse = |why: &str| Err(Invalid::new(why, hint));
    if path.is_empty() || path.len() > 1024 {
        return refuse("a file's path has 1 to 1024 bytes");
    }
    if path.starts_with('/') || path.as_bytes().get(1) == Some(&b':') {
        return refuse("the path is absolute, so it could be written anywhere");
    }
    if path.split('/').any(|part| matches!(part, "" | "." | "..")) {
        return refuse("the path has an empty, `.` or `..` part");
    }
    if let Some(part) = path.split('/').find(|part| git_name(part) == Some(GitName::Folder)) {
        let why = if part == ".git" {
            "the path has a part `.git`, where git keeps its hooks and settings".to_owned()
        } else {
            format!("the path has a part `{}`, which some file systems treat as `.git`", part.escape_debug())
        };
        return Err(Invalid::new(why, "remove the file from the artifact: git's own files are not part of a model"));
    }
    if path.contains('\\') || path.chars().any(is_unsafe) {
        return refuse("the path contains a backslash, a control or an invisible character");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_addresses_of_safety_15_are_refused() {
        for bad in [
            "http://169.254.169.254/",
            "https://169.254.169.254/latest",
            "https://[::1]/x",
            "https://localhost:8080/m",
            "s3://b/../x",
            "s3://b/%2e%2e/x",
            "s3://b/%252E%252e/x",
            "s3://b/x#y",
            "https://user:pw@example.com/m",
            "https://token@example.com/m",
            "s3://b/x?X-Amz-Signature=abc",
            "https://e.com/x?sig=1",
            "javascript:alert(1)",
            "/etc/passwd",
            "file://host/x",
            "s3://b/a ",
            " s3://b/a",
            "s3://b/a\tb",
            "s3://b/a\u{a0}b",
            "https://a b/x",
            "s3://AKIA:secret@b/x",
            "s3://b/x?X-Amz-Security-Token=abc",
            "s3://b/x?a=1;sig=1",
            "https://e.com/x?%73ig=1",
            "https://e.com/x?apikey=1",
            "sftp://me:pw@e.com/x",
            "sftp://me%3Apw@e.com/x",
            "sftp://localhost/x",
            "data:text/html,x",
            "models:/m-768a230f93144916ac3c7927e8da088",
            "s3://b/a\\b",
            "",
            "-x",
            "https:///x",
        ] {
            assert!(ArtifactUri::new(bad).is_err(), "{bad}");
        }
        for good in [
            "s3://models/iris/10",
            "file:///srv/models/iris",
            "abfss://c@acct.dfs.core.windows.net/iris",
            "hf://org/model",
            "https://store.example.com/m?versionId=3",
            "runs:/abc/model",
            "models:/iris/9",
            "s3://b/a..b",
            "s3://b/my models/v 1/model.pkl",
            "file:///srv/My Models/iris",
            "s3a://b/x",
            "azureml://subscriptions/1/resourcegroups/r/workspaces/w/datastores/d/paths/x",
            "oss://b/x",
            "wandb-artifact://entity/project/model:v3",
            "sftp://me@e.com/x",
            "http://store.example.com/x?monkey=1",
            "models:/my model/3",
            "models:/m-768a230f93144916ac3c7927e8da088f",
            "gs://b/%20x",
        ] {
            assert!(ArtifactUri::new(good).is_ok(), "{good}: {:?}", ArtifactUri::new(good));
        }
    }

    #[test]
    fn safety_27_an_address_names_no_reader_its_own_machine() {
        for host in [
            "127.1",
            "0x7f.0.0.1",
            "2130706433",
            "0177.1",
            "localhost.",
            "x.localhost",
            "127.0.0.1:8080",
            "[::1]:80",
            "[::]",
            "[::ffff:169.254.169.254]",
            "[fe80::1%25eth0]",
            "[fd00:ec2::254]",
            "%31%32%37.1",
            "１２７。0。0。1",
            "0",
            "metadata.google.internal",
            "127.0.0.1#.example.com",
            "127.0.0.1?.example.com",
            "127.0.0.1:80#@example.com",
            "example.com@127.0.0.1",
            "127.0.0.1\\.example.com",
            "example.com:80:80",
            "example.com:70000",
            "[::1]x",
            "a%00b",
        ] {
            for address in [format!("https://{host}/x"), format!("https://{host}"), format!("git+https://{host}/x")] {
                assert!(RepositoryUrl::new(&*address).is_err(), "{address}");
            }
            assert!(Link::new(format!("http://{host}/x")).is_err(), "{host}");
            for scheme in ["https", "oci", "hdfs", "mlflow-artifacts"] {
                let address = format!("{scheme}://{host}/x");
                assert!(ArtifactUri::new(&*address).is_err(), "{address}");
            }
        }
        for bad in [
            "ssh://git@127.1/x",
            "ssh://localhost:22/x",
            "git://[::1]/x",
            "git@localhost:x",
            "git@0x7f.1:x",
            "git@[::1]:x",
            "https:127.0.0.1/x",
            "https:/127.0.0.1/x",
            "https:x",
        ] {
            assert!(RepositoryUrl::new(bad).is_err(), "{bad}");
        }
        assert!(ArtifactUri::new("abfss://c@127.0.0.1/x").is_err());
        for good in [
            "https://128.0.0.1/x",
            "https://10.0.0.1:8080/x",
            "https://localhost.example.com",
            "https://127.0.0.1.nip.io/",
            "https://[2606:4700::1111]:443/x",
            "https://münchen.example/x",
            "https://example.com./x#frag@ment",
            "http://e.com:/",
            "ssh://git@e.com:22/x",
            "git@e.com:~/x",
            "git@[2606:4700::1]:x",
            "git://e.com/x",
        ] {
            assert!(RepositoryUrl::new(good).is_ok(), "{good}: {:?}", RepositoryUrl::new(good));
        }
        for good in
            ["hdfs:///x", "hdfs://name_node/x", "mlflow-artifacts:/1/x", "s3://localhost/x", "oci://e.com:5000/x:v1"]
        {
            assert!(ArtifactUri::new(good).is_ok(), "{good}: {:?}", ArtifactUri::new(good));
        }
    }

    #[test]
    fn a_file_of_an_artifact_stays_inside_it() {
        for bad in ["../../.ssh/authorized_keys", "/abs", "a//b", "./a", "a/..", "C:/x", "a\\b", "a\nb", ""] {
            assert!(ArtifactPath::new(bad).is_err(), "{bad}");
        }
        assert!(ArtifactPath::new("weights/part-0.bin").is_ok());
    }

    #[test]
    fn a_file_of_an_artifact_is_not_gits_in_any_disguise() {
        for part in [
            ".git",
            ".GIT",
            ".Git",
            "git~1",
            "GIT~2",
            ".git.",
            ".git ",
            ".git. .",
            ".git::$INDEX_ALLOCATION",
            ".g\u{200c}it",
            "\u{feff}.git",
            ".gi\u{200b}t",
        ] {
            for path in [part.to_owned(), format!("{part}/config"), format!("a/{part}/hooks/x"), format!("a/{part}")] {
                let refused = ArtifactPath::new(&path).unwrap_err();
                assert!(refused.why.contains("`.git`") && refused.why.is_ascii(), "{path:?}: {refused}");
            }
        }
        for good in [".gitignore", "git", ".github/x", "a/.gitkeep", "git~", "git~x", ".gi\u{e9}t", "x.git"] {
            assert!(ArtifactPath::new(good).is_ok(), "{good}");
        }
    }

    #[test]
    fn repositories_are_urls_or_scp_like() {
        assert!(RepositoryUrl::new("git@example.com:team/iris.git").is_ok());
        assert!(RepositoryUrl::new("ssh://git@example.com/team/iris.git").is_ok());
        assert!(RepositoryUrl::new("https://tok:x@example.com/iris").is_err());
        assert!(RepositoryUrl::new("ext::sh -c x").is_err());
    }
}
