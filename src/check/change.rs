use crate::diag::Report;
use crate::model::*;
use anyhow::Result;
/// x
pub fn change(_b: &dyn Tree, _h: &dyn Tree, _e: &[String]) -> Result<Report> {
    Ok(Report::default())
}
