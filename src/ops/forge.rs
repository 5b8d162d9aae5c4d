//! What a forge wants to hear when a request is pushed to it, so that a pull request is opened.

use anyhow::Result;

use super::session::Session;
use crate::diag::sanitize::one_line;
use crate::model::RequestId;

/// A kind of forge.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Forge {
    GitHub,
    GitLab,
    /// Gitea and Forgejo.
    Gitea,
    /// A repository and nothing else, or a forge that is not known.
    Plain,
}

/// The push options with which the forge of a remote opens a pull request (`git push -o`). None holds a newline.
pub(super) fn push_options(session: &Session, remote: &str, target: &str, id: &RequestId) -> Result<Vec<String>> {
    let (_, kind) = of(session, remote)?;
    let title = one_line(&format!("{}: {} {}", id.stage, id.model, id.version));
    Ok(match kind {
        // https://docs.gitlab.com/topics/git/commit/#push-options-for-merge-requests
        Forge::GitLab => vec![
            "merge_request.create".into(),
            format!("merge_request.target={target}"),
            format!("merge_request.title={title}"),
        ],
        Forge::GitHub | Forge::Gitea | Forge::Plain => Vec::new(),
    })
}

/// The page on which a person opens the pull request, where the forge does not open it by itself.
pub(super) fn page(session: &Session, remote: &str, target: &str, id: &RequestId) -> Result<Option<String>> {
    let (address, kind) = of(session, remote)?;
    let compare = |more: &str| web(&address).map(|web| format!("{web}/compare/{target}...{}{more}", id.branch()));
    Ok(match kind {
        Forge::GitHub => compare("?expand=1"),
        Forge::Gitea => compare(""),
        Forge::GitLab | Forge::Plain => None,
    })
}

fn of(session: &Session, remote: &str) -> Result<(String, Forge)> {
    let address = session.store.remote_address(remote)?.unwrap_or_default();
    let kind = kind(&address, session.store.setting("modelreg.forge")?.as_deref());
    Ok((address, kind))
}

/// The kind that the user has set, else what the address tells.
fn kind(address: &str, set: Option<&str>) -> Forge {
    let host = web(address).and_then(|web| web.split("//").nth(1)?.split('/').next().map(str::to_ascii_lowercase));
    match (set.unwrap_or_default().to_ascii_lowercase().as_str(), host.as_deref()) {
        ("github", _) => Forge::GitHub,
        ("gitlab", _) => Forge::GitLab,
        ("gitea" | "forgejo", _) => Forge::Gitea,
        ("", Some("github.com")) => Forge::GitHub,
        ("", Some("codeberg.org" | "gitea.com")) => Forge::Gitea,
        ("", Some(host)) if host.split('.').any(|part| part == "gitlab") => Forge::GitLab,
        ("", Some(host)) if host.split('.').any(|part| part == "gitea" || part == "forgejo") => Forge::Gitea,
        _ => Forge::Plain,
    }
}

/// The address of a repository's page, from the one that git pushes to; without the user's name and secrets.
fn web(address: &str) -> Option<String> {
    let rest = match address.split_once("://") {
        Some(("https" | "http" | "ssh" | "git", rest)) => rest.to_owned(),
        Some(_) => return None,
        // `git@host:owner/name`
        None => address
            .split_once(':')
            .filter(|(host, _)| !host.contains('/'))
            .map(|(host, path)| format!("{host}/{path}"))?,
    };
    let (host, path) = rest.split_once('/')?;
    let host = host.rsplit('@').next()?.split(':').next()?;
    let path = path.trim_end_matches('/').trim_end_matches(".git");
    (!host.is_empty() && !path.is_empty()).then(|| format!("https://{host}/{path}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_kind_is_told_by_the_address_or_set() {
        for (address, forge) in [
            ("git@github.com:acme/models.git", Forge::GitHub),
            ("https://user:secret@github.com/acme/models", Forge::GitHub),
            ("ssh://git@gitlab.acme.example:2222/ml/models.git", Forge::GitLab),
            ("https://codeberg.org/acme/models.git", Forge::Gitea),
            ("https://forgejo.acme.example/a/b", Forge::Gitea),
            ("https://evilgithub.com/a/b", Forge::Plain),
            ("../hub.git", Forge::Plain),
            ("/srv/git/gitlab/models.git", Forge::Plain),
        ] {
            assert_eq!(kind(address, None), forge, "{address}");
        }
        assert_eq!(kind("../hub.git", Some("GitLab")), Forge::GitLab);
    }

    #[test]
    fn no_page_has_a_secret_in_it() {
        assert_eq!(
            web("https://user:secret@github.com/acme/models.git").as_deref(),
            Some("https://github.com/acme/models")
        );
        assert_eq!(web("git@github.com:acme/models.git").as_deref(), Some("https://github.com/acme/models"));
        assert_eq!(web("ssh://git@host:2222/a/b.git").as_deref(), Some("https://host/a/b"));
        assert_eq!(web("file:///srv/models.git"), None);
    }
}
