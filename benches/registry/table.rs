//! The tables of `docs/performance.md`.

use std::fmt;

use crate::server::Load;

/// The results, as a Markdown table.
pub struct Table {
    head: [&'static str; 6],
    rows: Vec<[String; 6]>,
}

impl Table {
    /// A table of measured commands, each compared with a reference.
    pub fn of_comparisons() -> Self {
        Self { head: ["what", "models", "medians", "ratio", "target", "met"], rows: Vec::new() }
    }

    /// A table of pages that are requested over several connections at once.
    pub fn of_pages() -> Self {
        let head = ["page", "models", "median", "99th percentile", "in a second", "median : an asset's"];
        Self { head, rows: Vec::new() }
    }

    /// Adds a row: the command, the size, both values with their unit, their ratio, and the maximum ratio.
    pub fn row(&mut self, what: &str, size: &str, ours: String, other: String, ratio: f64, target: Option<f64>) {
        let (target, met) = match target {
            Some(target) => (format!("≤ {target}"), if ratio <= target { "yes" } else { "no" }),
            None => ("".into(), ""),
        };
        let ratio = format!("{ratio:.2}");
        self.push([what.into(), size.into(), format!("{ours} : {other}"), ratio, target, met.into()]);
    }

    /// Adds a row for a command that could not be measured, with the reason.
    pub fn missing(&mut self, what: &str, size: &str, why: &str) {
        self.push([what.into(), size.into(), format!("not measured: {why}"), "".into(), "".into(), "".into()]);
    }

    /// Adds a row for a page: the result, and the median of a page that costs nothing to make.
    pub fn load(&mut self, page: &str, size: &str, found: &Load, asset: f64) {
        let each = crate::make::thousands(found.each_second as usize);
        let ratio = format!("{:.1}", found.median / asset);
        self.push([page.into(), size.into(), precise(found.median), precise(found.p99), each, ratio]);
    }

    /// Adds a row for pages that no client requests, as in an export.
    pub fn rate(&mut self, what: &str, size: &str, each_second: f64) {
        let each = crate::make::thousands(each_second as usize);
        self.push([what.into(), size.into(), "".into(), "".into(), each, "".into()]);
    }

    fn push(&mut self, row: [String; 6]) {
        eprintln!("  {}", row.join(" | "));
        self.rows.push(row);
    }
}

/// Milliseconds, rounded for the tables.
pub fn ms(value: f64) -> String {
    if value < 100.0 { format!("{value:.1} ms") } else { format!("{value:.0} ms") }
}

/// Milliseconds with more digits, for values below one.
fn precise(value: f64) -> String {
    if value < 10.0 { format!("{value:.2} ms") } else { ms(value) }
}

/// Bytes, in MiB.
pub fn mib(bytes: u64) -> String {
    format!("{:.0} MiB", bytes as f64 / f64::from(1 << 20))
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let head = self.head.map(String::from);
        let rows = || std::iter::once(&head).chain(&self.rows);
        let widths: Vec<usize> =
            (0..6).map(|at| rows().map(|row| row[at].chars().count()).max().unwrap_or(0)).collect();
        let mut line = |row: &[String; 6]| {
            let cells = row.iter().zip(&widths).map(|(cell, &width)| format!("{cell:width$}"));
            writeln!(f, "| {} |", cells.collect::<Vec<_>>().join(" | "))
        };
        line(&head)?;
        line(&std::array::from_fn(|at| "-".repeat(widths[at])))?;
        self.rows.iter().try_for_each(line)
    }
}
