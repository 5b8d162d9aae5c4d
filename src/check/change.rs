use anyhow::Result; use crate::diag::Report; use crate::model::*;
/// x
pub fn change(_b: &dyn Tree, head: &dyn Tree, _e: &[String]) -> Result<Report> { super::layout::check(head) }
