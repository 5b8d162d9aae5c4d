//! The table that goes into the README.

use std::fmt;

/// What was measured, as Markdown.
#[derive(Default)]
pub struct Table {
    rows: Vec<[String; 6]>,
}

impl Table {
    /// Adds a row: what was done, at which size, the figures with their unit, their ratio, and the most that it may be.
    pub fn row(&mut self, what: &str, size: &str, ours: String, other: String, ratio: f64, target: Option<f64>) {
        let (target, met) = match target {
            Some(target) => (format!("≤ {target}"), if ratio <= target { "yes" } else { "no" }),
            None => ("".into(), ""),
        };
        let ratio = format!("{ratio:.2}");
        self.push([what.into(), size.into(), format!("{ours} : {other}"), ratio, target, met.into()]);
    }

    /// Adds a row for what could not be measured, and why.
    pub fn missing(&mut self, what: &str, size: &str, why: &str) {
        self.push([what.into(), size.into(), format!("not measured: {why}"), "".into(), "".into(), "".into()]);
    }

    fn push(&mut self, row: [String; 6]) {
        eprintln!("  {}", row.join(" | "));
        self.rows.push(row);
    }
}

/// Milliseconds, as the table shows them.
pub fn ms(value: f64) -> String {
    if value < 100.0 { format!("{value:.1} ms") } else { format!("{value:.0} ms") }
}

/// Bytes, as the table shows them.
pub fn mib(bytes: u64) -> String {
    format!("{:.0} MiB", bytes as f64 / f64::from(1 << 20))
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let head = ["what", "models", "medians", "ratio", "target", "met"].map(String::from);
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
