//! Copying an artifact, with a check of every byte.

use std::path::Path;

use anyhow::Result;

use super::find::Target;
use super::resolve::{Resolved, resolve};
use super::session::Session;
use super::verify::local_copy;
use crate::store::artifact::{self, Progress, Pulled};

/// Copies the artifact into a folder that is missing or empty.
pub fn pull(
    session: &Session,
    target: &Target,
    from: Option<&Path>,
    into: &Path,
    progress: &dyn Progress,
) -> Result<(Resolved, Pulled)> {
    let resolved = resolve(session, target)?;
    let local = local_copy(&resolved, from)?;
    let pulled = artifact::pull(&local, &resolved.artifact, into, progress)?;
    Ok((resolved, pulled))
}
