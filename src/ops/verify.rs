//! Checking a local copy of an artifact against its file manifest.

use std::path::{Path, PathBuf};

use anyhow::Result;

use super::find::Target;
use super::refusal::Refusal;
use super::resolve::{Resolved, resolve};
use super::session::Session;
use crate::store::artifact::{self, Progress, Verdict};

/// Checks the copy at `from`, or at the artifact's `file:` address.
pub fn verify(
    session: &Session,
    target: &Target,
    from: Option<&Path>,
    progress: &dyn Progress,
) -> Result<(Resolved, Verdict)> {
    let resolved = resolve(session, target)?;
    let local = local_copy(&resolved, from)?;
    let verdict = artifact::verify(&local, &resolved.artifact, progress)?;
    Ok((resolved, verdict))
}

/// The artifact's path on this machine.
pub(super) fn local_copy(resolved: &Resolved, from: Option<&Path>) -> Result<PathBuf> {
    let named = from.map(Path::to_owned).or_else(|| artifact::local_path(&resolved.artifact.uri));
    Ok(named.ok_or_else(|| {
        Refusal::new(
            format!("modelreg does not fetch from the store of `{}`", resolved.artifact.uri),
            "fetch the artifact with the store's own tool and name the copy with `--from PATH`",
        )
    })?)
}
