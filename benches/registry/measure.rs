//! Measuring programs that take turns, so that other load on the machine affects all of them equally.

use std::time::{Duration, Instant};

use anyhow::Result;

/// A measured function. The argument is the number of earlier runs.
pub type Contender<'a> = Box<dyn FnMut(usize) -> Result<Duration> + 'a>;

/// The limits of a measurement.
#[derive(Debug, Clone, Copy)]
pub struct Budget {
    /// The time after which no further round begins.
    pub time: Duration,
    /// The minimum number of rounds, even after that time.
    pub at_least: usize,
    /// The maximum number of rounds.
    pub at_most: usize,
}

/// Runs all functions in turn, in the reverse order every second round. Returns the median of each in milliseconds.
pub fn medians(budget: Budget, contenders: &mut [Contender<'_>]) -> Result<Vec<f64>> {
    // The first run of each function fills the caches and does not count.
    for contender in contenders.iter_mut() {
        contender(0)?;
    }
    let mut taken = vec![Vec::new(); contenders.len()];
    let started = Instant::now();
    for round in 1..=budget.at_most {
        if round > budget.at_least && started.elapsed() > budget.time {
            break;
        }
        for turn in 0..contenders.len() {
            let at = if round % 2 == 0 { turn } else { contenders.len() - 1 - turn };
            taken[at].push(contenders[at](round)?);
        }
    }
    Ok(taken.into_iter().map(median).collect())
}

/// The median in milliseconds.
pub fn median(mut times: Vec<Duration>) -> f64 {
    times.sort();
    let middle = times.len() / 2;
    let median = if times.len() % 2 == 1 { times[middle] } else { (times[middle - 1] + times[middle]) / 2 };
    median.as_secs_f64() * 1_000.0
}
