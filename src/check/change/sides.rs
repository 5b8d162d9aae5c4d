//! Both sides of a change.

use std::cell::OnceCell;
use std::sync::Arc;

use anyhow::Result;

use super::count::{Judge, Signatures, Signers};
use crate::model::{Files, Layout, Registry, Snapshot, Timestamp};

/// Both sides of a change.
pub(super) struct Sides<'c> {
    /// The commit into which the change is merged.
    pub base: &'c Snapshot<'c>,
    /// The merge result.
    pub head: &'c Files<'c>,
    /// The head's layout.
    pub layout: Layout,
    signatures: &'c dyn Signatures,
    signers: OnceCell<Arc<Signers>>,
}

impl<'c> Sides<'c> {
    /// Reads nothing yet.
    pub fn new(base: &'c Snapshot<'c>, head: &'c Files<'c>, layout: Layout, signatures: &'c dyn Signatures) -> Self {
        Self { base, head, layout, signatures, signers: OnceCell::new() }
    }

    /// The base's registry, by whose policy the change is judged.
    pub fn policy(&self) -> &'c Registry {
        &self.base.registry
    }

    /// The time now; none where there is no clock.
    pub fn now(&self) -> Option<Timestamp> {
        self.signatures.now()
    }

    /// The judge of approvals.
    pub fn judge(&self) -> Result<Judge<'c>> {
        let signers = match self.signers.get() {
            Some(signers) => signers.clone(),
            None => {
                let signers = Arc::new(Signers::of(self.base)?);
                self.signers.get_or_init(|| signers).clone()
            }
        };
        Ok(Judge { registry: &self.base.registry, signers, signatures: self.signatures })
    }
}
