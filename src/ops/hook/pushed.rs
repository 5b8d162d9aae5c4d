//! The standard input of git's push hooks.

use crate::store::Oid;

use super::super::refusal::Refusal;

/// A line of a pre-receive hook's input: `OLD NEW REF` (githooks(5)).
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Received<'i> {
    /// The ref's commit before the push; none if the push creates the ref.
    pub old: Option<Oid>,
    /// The ref's commit after the push; none if the push deletes the ref.
    pub new: Option<Oid>,
    /// The ref's full name.
    pub name: &'i str,
}

/// A line of a pre-push hook's input: `LOCAL-REF LOCAL-ID REMOTE-REF REMOTE-ID` (githooks(5)).
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Sent<'i> {
    /// The pushed commit; none if the push deletes the ref.
    pub local: Option<Oid>,
    /// The ref's full name on the remote.
    pub name: &'i str,
    /// The ref's commit on the remote; none if the push creates the ref.
    pub remote: Option<Oid>,
}

/// Reads a pre-receive hook's input.
pub(super) fn received(input: &[u8]) -> Result<Vec<Received<'_>>, Refusal> {
    lines(input, |line| {
        // Ref names contain no spaces.
        let mut words = line.split(' ');
        let (old, new, name) = (id(words.next()?)?, id(words.next()?)?, words.next()?);
        words.next().is_none().then_some(Received { old, new, name })
    })
}

/// Reads a pre-push hook's input.
pub(super) fn sent(input: &[u8]) -> Result<Vec<Sent<'_>>, Refusal> {
    lines(input, |line| {
        // Only the first word can contain spaces, for example `HEAD@{1 day ago}`.
        let mut words = line.rsplitn(4, ' ');
        let (remote, name, local) = (id(words.next()?)?, words.next()?, id(words.next()?)?);
        words.next().map(|_| Sent { local, name, remote })
    })
}

fn lines<'i, T>(input: &'i [u8], read: impl Fn(&'i str) -> Option<T>) -> Result<Vec<T>, Refusal> {
    let refuse = |line: &str| {
        let why = format!("git gave the hook the line `{}`, which does not describe a push", line.escape_debug());
        Refusal::new(
            why,
            "ref names must be UTF-8 and ids must have 40 hexadecimal digits; git itself runs this command",
        )
    };
    let text = std::str::from_utf8(input).map_err(|_| refuse(&String::from_utf8_lossy(input)))?;
    text.lines().filter(|line| !line.is_empty()).map(|line| read(line).ok_or_else(|| refuse(line))).collect()
}

/// An id; `Some(None)` for the id of zeros.
fn id(word: &str) -> Option<Option<Oid>> {
    // libgit2 would accept a short id and pad it.
    let id = (word.len() == 40).then(|| Oid::from_str(word).ok())??;
    Some((!id.is_zero()).then_some(id))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    const ONE: &str = "1111111111111111111111111111111111111111";
    const NONE: &str = "0000000000000000000000000000000000000000";

    #[test]
    fn a_line_gives_ids_and_the_name() {
        let one = Oid::from_str(ONE).ok();
        let line = format!("{NONE} {ONE} refs/heads/main\n");
        assert_eq!(received(line.as_bytes()).unwrap(), [Received { old: None, new: one, name: "refs/heads/main" }]);
        let line = format!("HEAD@{{1 day ago}} {ONE} refs/heads/main {NONE}\n");
        assert_eq!(sent(line.as_bytes()).unwrap(), [Sent { local: one, name: "refs/heads/main", remote: None }]);
        assert!(received(b"").unwrap().is_empty());
    }

    #[test]
    fn anything_else_is_refused() {
        for bad in [format!("{ONE} {ONE}"), format!("{ONE} 11 refs/heads/a"), format!("{ONE} {ONE} a b"), "x".into()] {
            assert!(received(bad.as_bytes()).is_err(), "{bad}");
        }
        assert!(received(&[b'a', 0xff]).is_err());
        assert!(sent(format!("{ONE} refs/heads/main {NONE}").as_bytes()).is_err());
    }
}
