//! Comparing programs that run by turns, so that whatever else the machine does falls on all of them alike.

use std::time::{Duration, Instant};

use anyhow::Result;

/// Something whose time is taken; it is told how often it ran before.
pub type Contender<'a> = Box<dyn FnMut(usize) -> Result<Duration> + 'a>;

/// How long to go on.
#[derive(Debug, Clone, Copy)]
pub struct Budget {
    /// When to stop.
    pub time: Duration,
    /// The fewest rounds, whatever they take.
    pub at_least: usize,
    /// The most rounds.
    pub at_most: usize,
}

/// Lets all run by turns, each round in the other direction, and gives the median of each in milliseconds.
pub fn medians(budget: Budget, contenders: &mut [Contender<'_>]) -> Result<Vec<f64>> {
    // A first run of each is not counted: it fills the caches.
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
