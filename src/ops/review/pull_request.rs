//! The pull request of a request: the kind of forge, and how a pull request is opened there.

use anyhow::Result;
use base16ct::lower::encode_string;
use sha1::{Digest as _, Sha1};

use crate::diag::sanitize::one_line;
use crate::model::{Action, Link, RequestId, Review, Text};
use crate::ops::commit::{Attempt, Destination};
use crate::ops::refusal::Refusal;
use crate::ops::registry_branch::RegistryBranch;
use crate::ops::session::Session;
use crate::store::{Oid, PushOptions, Pushed, StoreError};

/// A kind of forge.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    GitHub,
    GitLab,
    /// Gitea and Forgejo.
    Gitea,
    Gerrit,
    /// A plain repository, or an unknown forge.
    Plain,
}

/// The forge of the remote that a request is pushed to.
pub(super) struct Forge<'s> {
    session: &'s Session,
    name: String,
    address: String,
    kind: Kind,
    /// The registry's branch.
    target: String,
}

/// The content of a pull request.
#[derive(Debug, Clone, Copy)]
pub(super) struct Wanted<'a> {
    /// The request.
    pub id: &'a RequestId,
    /// The kind of move.
    pub action: Action,
    /// The review that the stage requires.
    pub review: Review,
    /// The reason.
    pub reason: Option<&'a Text>,
}

impl Wanted<'_> {
    fn title(&self) -> String {
        one_line(&self.id.in_words(self.action, None))
    }

    fn reason(&self) -> &str {
        self.reason.map(Text::as_str).unwrap_or_default()
    }
}

/// The result of opening a pull request.
#[derive(Debug, Default)]
pub(super) struct Opened {
    /// The address of the pull request.
    pub address: Option<String>,
    /// The page on which a person can open the pull request, if the program did not.
    pub page: Option<String>,
    /// The error, if the pull request could not be opened.
    pub warning: Option<String>,
}

impl<'s> Forge<'s> {
    /// The forge that the run pushes to; none if the run does not push.
    pub fn of(session: &'s Session, branch: &RegistryBranch) -> Result<Option<Self>> {
        let Some(name) = branch.pushed_to(session) else { return Ok(None) };
        let address = session.store.remote_address(&name)?.unwrap_or_default();
        let set = session.store.setting("modelreg.forge")?;
        let kind = kind(&address, set.as_deref())?;
        Ok(Some(Self { session, name, address, kind, target: branch.branch.name().to_owned() }))
    }

    /// Whether a review is requested by a push to a special ref instead of a branch. Approvers who use modelreg need
    /// the branch; if the forge counts the approvals, requesters need no permission to push a branch.
    fn takes_reviews_by_ref(&self, review: Review) -> bool {
        match self.kind {
            Kind::Gerrit => true,
            Kind::Gitea => review == Review::Forge,
            _ => false,
        }
    }

    /// The options of the first push of a request's branch.
    pub fn first_push(&self, wanted: &Wanted<'_>) -> PushOptions {
        match self.kind {
            // https://docs.gitlab.com/topics/git/commit/#push-options-for-merge-requests
            Kind::GitLab => PushOptions {
                options: vec![
                    "merge_request.create".into(),
                    format!("merge_request.target={}", self.target),
                    format!("merge_request.title={}", wanted.title()),
                    format!("merge_request.description={}", one_line(wanted.reason())),
                ],
                ..PushOptions::default()
            },
            _ if self.takes_reviews_by_ref(wanted.review) => self.by_ref(wanted.id, Some(wanted)),
            _ => PushOptions::default(),
        }
    }

    /// The options of a later push of the same request.
    pub fn next_push(&self, id: &RequestId, review: Review) -> PushOptions {
        if self.takes_reviews_by_ref(review) { self.by_ref(id, None) } else { PushOptions::default() }
    }

    /// A push to `refs/for/BRANCH`, which opens a review: AGit (https://docs.gitea.com/usage/agit) and Gerrit
    /// (https://gerrit-review.googlesource.com/Documentation/user-upload.html).
    fn by_ref(&self, id: &RequestId, wanted: Option<&Wanted<'_>>) -> PushOptions {
        let mut options = vec![format!("topic={}", id.branch())];
        if self.kind == Kind::Gitea {
            if let Some(wanted) = wanted {
                options.push(format!("title={}", wanted.title()));
                options.push(format!("description={}", one_line(wanted.reason())));
            }
            // A request that is made again replaces the earlier commits on the forge.
            options.push("force-push=true".into());
        }
        PushOptions { options, to: Some(format!("refs/for/{}", self.target)), ..PushOptions::default() }
    }

    /// The id by which Gerrit identifies a request's change; the same in all commits of the request.
    pub fn change_id(&self, id: &RequestId, attempt: &Attempt) -> Option<String> {
        let digest = || Sha1::digest(format!("{id} {} {}", attempt.by, attempt.at));
        (self.kind == Kind::Gerrit).then(|| format!("I{}", encode_string(&digest())))
    }

    /// Opens the pull request of a pushed branch, unless the push itself has opened it.
    pub fn open(&self, wanted: &Wanted<'_>, commit: Oid, said: &str) -> Opened {
        let mut opened = Opened { address: address(said), ..Opened::default() };
        let asked = match self.kind {
            Kind::GitHub => self.by_gh(wanted),
            Kind::Gitea if !self.takes_reviews_by_ref(wanted.review) => {
                self.push_by_ref(wanted.id, commit, Some(wanted))
            }
            _ => Ok(None),
        };
        match asked {
            Ok(said) => opened.address = said.as_deref().and_then(address).or(opened.address),
            Err(error) => opened.warning = Some(format!("the pull request could not be opened: {error}")),
        }
        if opened.address.is_none() {
            opened.page = self.page(wanted.id);
        }
        opened
    }

    /// Pushes one more commit of the requester to a pull request that was opened by a ref beside the branch. The forge
    /// identifies such a pull request by topic and user, so another user's push would open a second one.
    pub fn follow(&self, wanted: &Wanted<'_>, commit: Oid) -> Result<(), StoreError> {
        if self.kind == Kind::Gitea && !self.takes_reviews_by_ref(wanted.review) {
            self.push_by_ref(wanted.id, commit, None)?;
        }
        Ok(())
    }

    fn push_by_ref(
        &self,
        id: &RequestId,
        commit: Oid,
        wanted: Option<&Wanted<'_>>,
    ) -> Result<Option<String>, StoreError> {
        match self.session.store.push(&self.name, commit, &id.branch(), &self.by_ref(id, wanted))? {
            Pushed::Done(said) => Ok(Some(said)),
            Pushed::Lost => Ok(None),
        }
    }

    /// Opens the pull request with GitHub's program `gh`, if it is installed.
    fn by_gh(&self, wanted: &Wanted<'_>) -> Result<Option<String>, StoreError> {
        let (head, base) = (format!("--head={}", wanted.id.branch()), format!("--base={}", self.target));
        let (title, body) = (format!("--title={}", wanted.title()), format!("--body={}", wanted.reason()));
        self.session.store.gh(&["pr", "create", &head, &base, &title, &body])
    }

    /// The page on which a person can open the pull request.
    fn page(&self, id: &RequestId) -> Option<String> {
        let more = match self.kind {
            Kind::GitHub => "?expand=1",
            Kind::Gitea => "",
            Kind::GitLab | Kind::Gerrit | Kind::Plain => return None,
        };
        Some(format!("{}/compare/{}...{}{more}", web(&self.address)?, self.target, id.branch()))
    }

    /// Whether a second commit on the request is possible; in Gerrit it would become a separate change.
    pub fn keeps_addresses(&self) -> bool {
        self.kind != Kind::Gerrit
    }
}

/// One more commit on a request's branch. This clone's own branch begins on top of the remote's, where there is one.
pub(super) fn next_commit(
    session: &Session,
    branch: &RegistryBranch,
    id: &RequestId,
    review: Review,
    remote: Option<&str>,
) -> Result<Destination> {
    let options = Forge::of(session, branch)?.map(|forge| forge.next_push(id, review)).unwrap_or_default();
    let to = Destination::branch(session.store.branch_of_requests(&id.branch())?);
    let parent = remote.map(|remote| session.store.remote_branch(remote, &id.branch()));
    Ok(Destination { parent, ..to.pushed_to(branch.pushed_to(session), options) })
}

/// The first address of a pull request in a forge's answer: an address that ends with a number.
fn address(said: &str) -> Option<String> {
    let words = said.lines().flat_map(|line| line.strip_prefix("remote:").unwrap_or(line).split_whitespace());
    let numbered = |word: &&str| {
        let last = word.trim_end_matches('/').rsplit('/').next().unwrap_or_default();
        word.starts_with("http") && !last.is_empty() && last.bytes().all(|byte| byte.is_ascii_digit())
    };
    words.filter(numbered).find(|word| Link::check(word).is_ok()).map(str::to_owned)
}

/// The kind of forge: the setting `modelreg.forge`, or derived from the address.
fn kind(address: &str, set: Option<&str>) -> Result<Kind, Refusal> {
    let host = host(address);
    let has = |word: &str| host.as_deref().is_some_and(|host| host.split('.').any(|part| part == word));
    Ok(match set.unwrap_or_default().to_ascii_lowercase().as_str() {
        "github" => Kind::GitHub,
        "gitlab" => Kind::GitLab,
        "gitea" | "forgejo" => Kind::Gitea,
        "gerrit" => Kind::Gerrit,
        "none" => Kind::Plain,
        "" => match host.as_deref() {
            Some("github.com") => Kind::GitHub,
            Some("codeberg.org" | "gitea.com") => Kind::Gitea,
            Some(host) if host.ends_with(".googlesource.com") => Kind::Gerrit,
            _ if address.contains(":29418/") || has("gerrit") => Kind::Gerrit,
            _ if has("gitlab") => Kind::GitLab,
            _ if has("gitea") || has("forgejo") => Kind::Gitea,
            _ => Kind::Plain,
        },
        other => {
            let why = format!("git's modelreg.forge is `{}`, which is not a known kind of forge", one_line(other));
            let hint = "git config modelreg.forge github   # or gitlab, gitea, forgejo, gerrit, none";
            return Err(Refusal::new(why, hint));
        }
    })
}

fn host(address: &str) -> Option<String> {
    web(address)?.split("//").nth(1)?.split(['/', ':']).next().map(str::to_ascii_lowercase)
}

/// The address of a repository's page, derived from the address of the remote, without user name and password.
fn web(address: &str) -> Option<String> {
    let (scheme, rest) = match address.split_once("://") {
        Some((scheme @ ("https" | "http"), rest)) => (scheme, rest.to_owned()),
        Some(("ssh" | "git", rest)) => ("https", rest.to_owned()),
        Some(_) => return None,
        // `git@host:owner/name`
        None => {
            let (host, path) = address.split_once(':').filter(|(host, _)| !host.contains('/'))?;
            ("https", format!("{host}/{path}"))
        }
    };
    let (host, path) = rest.split_once('/')?;
    let host = host.rsplit('@').next()?;
    // The SSH port is not the port of the page.
    let host = if address.starts_with("http") { host } else { host.split(':').next()? };
    let path = path.trim_end_matches('/').trim_end_matches(".git");
    (!host.is_empty() && !path.is_empty()).then(|| format!("{scheme}://{host}/{path}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_kind_follows_from_the_address_or_the_setting() {
        for (address, forge) in [
            ("git@github.com:acme/models.git", Kind::GitHub),
            ("https://user:secret@github.com/acme/models", Kind::GitHub),
            ("ssh://git@gitlab.acme.example:2222/ml/models.git", Kind::GitLab),
            ("https://codeberg.org/acme/models.git", Kind::Gitea),
            ("https://forgejo.acme.example/a/b", Kind::Gitea),
            ("ssh://ada@review.acme.example:29418/models", Kind::Gerrit),
            ("https://acme.googlesource.com/models", Kind::Gerrit),
            ("https://evilgithub.com/a/b", Kind::Plain),
            ("../hub.git", Kind::Plain),
            ("/srv/git/gitlab/models.git", Kind::Plain),
        ] {
            assert_eq!(kind(address, None).unwrap(), forge, "{address}");
        }
        assert_eq!(kind("../hub.git", Some("GitLab")).unwrap(), Kind::GitLab);
        assert_eq!(kind("git@github.com:a/b", Some("none")).unwrap(), Kind::Plain);
        assert!(kind("git@github.com:a/b", Some("bitbucket")).unwrap_err().why.contains("`bitbucket`"));
    }

    #[test]
    fn no_page_has_a_secret_in_it() {
        assert_eq!(
            web("https://user:secret@github.com/acme/models.git").as_deref(),
            Some("https://github.com/acme/models")
        );
        assert_eq!(web("git@github.com:acme/models.git").as_deref(), Some("https://github.com/acme/models"));
        assert_eq!(web("ssh://git@host:2222/a/b.git").as_deref(), Some("https://host/a/b"));
        assert_eq!(web("http://ada:secret@host:8080/a/b.git").as_deref(), Some("http://host:8080/a/b"));
        assert_eq!(web("file:///srv/models.git"), None);
    }

    #[test]
    fn the_address_is_read_from_the_forges_answer() {
        let gitlab = "remote: \nremote: View merge request for requests/iris/Production/2:\nremote:   https://gitlab.example/ml/models/-/merge_requests/7\n";
        assert_eq!(address(gitlab).as_deref(), Some("https://gitlab.example/ml/models/-/merge_requests/7"));
        let gerrit = "remote:   https://review.example/c/models/+/123 Promote iris 2 [NEW]";
        assert_eq!(address(gerrit).as_deref(), Some("https://review.example/c/models/+/123"));
        assert_eq!(address("remote: visit https://gitlab.example/a/b/-/merge_requests/new?x=1"), None);
        assert_eq!(address("remote: javascript:alert(1)/7 http:///7"), None);
    }
}
