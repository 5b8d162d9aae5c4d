//! The log, on standard error, that `MODELREG_LOG` enables: one line for each step of a write, each program that is run
//! and each retry. Without the variable, no log is set up, and a line costs one comparison.

use tracing::level_filters::LevelFilter;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::fmt;
use tracing_subscriber::prelude::*;

use crate::model::Invalid;

/// Starts the log.
///
/// # Errors
/// Where the setting is neither a level nor a list of `TARGET=LEVEL`.
pub(super) fn start(setting: Option<&str>) -> Result<(), Invalid> {
    let Some(setting) = setting else { return Ok(()) };
    let targets = targets(setting)?;
    let lines = fmt::layer().with_writer(std::io::stderr).with_timer(fmt::time::uptime()).log_internal_errors(false);
    // Nothing else in this process sets one up; were it so, the first would count.
    let _ = tracing_subscriber::registry().with(lines).with(targets).try_init();
    Ok(())
}

/// A level alone is one for the program's own lines.
fn targets(setting: &str) -> Result<Targets, Invalid> {
    let mut targets = Targets::new();
    for part in setting.split(',') {
        let (target, level) = part.split_once('=').unwrap_or(("modelreg", part));
        let level = level.trim();
        // No level at all would be taken for `error`.
        let known: Option<LevelFilter> = level.parse().ok().filter(|_| !level.is_empty());
        let known = known.ok_or_else(|| {
            Invalid::new(
                format!("MODELREG_LOG: `{level}` is not a log level"),
                "MODELREG_LOG=debug, or for one kind of line: MODELREG_LOG=modelreg::program=debug",
            )
        })?;
        targets = targets.with_target(target.trim(), known);
    }
    Ok(targets)
}

#[cfg(test)]
mod tests {
    use tracing::Level;

    use super::*;

    #[test]
    fn a_setting_is_a_level_or_levels_of_targets() {
        let shows = |setting: &str, target: &str| targets(setting).unwrap().would_enable(target, &Level::DEBUG);
        assert!(shows("debug", "modelreg::step"));
        assert!(!shows("info", "modelreg::step"));
        assert!(!shows("debug", "hyper"));
        assert!(shows("modelreg::program=debug", "modelreg::program"));
        assert!(!shows("modelreg::program=debug", "modelreg::step"));
        assert!(shows("info, modelreg::retry=TRACE", "modelreg::retry"));
        for wrong in ["everything", "modelreg::step", "modelreg=loud", "debug,"] {
            assert!(targets(wrong).unwrap_err().why.contains("not a log level"), "{wrong}");
        }
    }
}
