//! What git tells its hooks of a push, on their standard input.

use crate::store::Oid;

use super::super::refusal::Refusal;

/// A line of a pre-receive hook's input: `OLD NEW REF` (githooks(5)).
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Received<'i> {
    /// Where the ref is; none where it is made.
    pub old: Option<Oid>,
    /// Where it is to be; none where it is deleted.
    pub new: Option<Oid>,
    /// Its full name.
    pub name: &'i str,
}

/// A line of a pre-push hook's input: `LOCAL-REF LOCAL-ID REMOTE-REF REMOTE-ID` (githooks(5)).
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Sent<'i> {
    /// What is pushed; none where the ref is deleted.
    pub local: Option<Oid>,
    /// The ref's full name there.
    pub name: &'i str,
    /// Where it is there; none where it is made.
    pub remote: Option<Oid>,
}

/// Reads a pre-receive hook's input.
pub(super) fn received(input: &[u8]) -> Result<Vec<Received<'_>>, Refusal> {
    lines(input, |line| {
        // A ref's name has no space.
        let mut words = line.split(' ');
        let (old, new, name) = (id(words.next()?)?, id(words.next()?)?, words.next()?);
        words.next().is_none().then_some(Received { old, new, name })
    })
}

/// Reads a pre-push hook's input.
pub(super) fn sent(input: &[u8]) -> Result<Vec<Sent<'_>>, Refusal> {
    lines(input, |line| {
        // What is pushed may be written with spaces, as in `HEAD@{1 day ago}`; the other words are none.
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

/// An id; none within for the one of all zeros.
fn id(word: &str) -> Option<Option<Oid>> {
    // libgit2 would take a short one and fill it up.
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
