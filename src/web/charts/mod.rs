//! Charts, drawn on the server as SVG.
//!
//! Horizontal positions are percentages and vertical positions are pixels, so that a chart fills its box at any width
//! and its text keeps its size. The style sheet sets the colours, by class.

mod metric;
mod moves;
mod parallel;
mod scatter;
mod spark;
mod timeline;

pub(super) use metric::{MetricPoint, metric_chart};
pub(super) use moves::moves_chart;
pub(super) use parallel::{Axis, parallel_chart};
pub(super) use scatter::{ScatterPoint, scatter_chart};
pub(super) use spark::spark_chart;
pub(super) use timeline::{Lane, Span, timeline_chart};

use super::escape::escaped;

/// The number of series with different colours.
pub(super) const SERIES: usize = 8;

/// A horizontal position, from 0 to 1 of the width.
fn percent(share: f64) -> String {
    format!("{:.2}%", share.clamp(0.0, 1.0) * 100.0)
}

/// The range of values of an axis.
#[derive(Debug, Clone, Copy)]
struct Range {
    least: f64,
    most: f64,
}

impl Range {
    /// The range of the values, with a margin on both sides. None without a finite value.
    fn of(values: impl IntoIterator<Item = f64>) -> Option<Self> {
        let finite: Vec<f64> = values.into_iter().filter(|value| value.is_finite()).collect();
        let least = finite.iter().copied().reduce(f64::min)?;
        let most = finite.iter().copied().reduce(f64::max)?;
        let room = if most > least { (most - least) * 0.08 } else { (most.abs() * 0.1).max(0.5) };
        // Near the limits of f64 there is no room for a margin.
        let (least, most) = ((least - room).max(f64::MIN / 4.0), (most + room).min(f64::MAX / 4.0));
        Some(Self { least, most: if most > least { most } else { least + 1.0 } })
    }

    /// The position of a value: 0 for the minimum, 1 for the maximum.
    fn share(&self, value: f64) -> f64 {
        ((value - self.least) / (self.most - self.least)).clamp(0.0, 1.0)
    }

    /// Two to five round values in the range.
    fn ticks(&self) -> Vec<f64> {
        let raw = (self.most - self.least) / 4.0;
        let power = 10f64.powf(raw.log10().floor());
        let step = [1.0, 2.0, 5.0, 10.0].iter().map(|by| by * power).find(|step| *step >= raw).unwrap_or(raw);
        let first = (self.least / step).ceil();
        (0..6).map(|at| (first + f64::from(at)) * step).filter(|tick| *tick <= self.most).collect()
    }
}

/// The label of a value.
fn label(value: f64) -> String {
    let size = value.abs();
    if size != 0.0 && !(1e-3..1e6).contains(&size) {
        return format!("{value:.1e}");
    }
    let text = format!("{value:.4}");
    let text = text.trim_end_matches('0').trim_end_matches('.');
    if text == "-0" { "0".into() } else { text.to_owned() }
}

/// The grid lines of a vertical axis, with labels; `y` maps a value to its height.
fn grid(range: &Range, y: impl Fn(f64) -> f64) -> String {
    let line = |tick: f64| {
        let (at, text) = (y(tick), y(tick) - 3.0);
        format!(
            "<line class=\"grid\" x1=\"0\" x2=\"100%\" y1=\"{at:.1}\" y2=\"{at:.1}\"/>\
             <text class=\"tick\" x=\"0\" y=\"{text:.1}\">{}</text>",
            label(tick)
        )
    };
    range.ticks().into_iter().map(line).collect()
}

/// The outermost element of a chart, with its text for screen readers.
fn frame(class: &str, height: u32, says: &str, inside: &str) -> String {
    format!(
        "<svg class=\"chart {class}\" width=\"100%\" height=\"{height}\" role=\"img\" aria-label=\"{}\">{inside}</svg>",
        escaped(says)
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_axis_has_margins_and_round_ticks() {
        let range = Range::of([0.9, 0.98]).unwrap();
        assert!(range.least < 0.9 && range.most > 0.98);
        let ticks: Vec<String> = range.ticks().into_iter().map(label).collect();
        assert_eq!(ticks, ["0.9", "0.95"]);
        let same = Range::of([3.0, 3.0]).unwrap();
        assert!((same.share(3.0) - 0.5).abs() < 1e-9);
        assert!(Range::of([f64::NAN]).is_none());
        let widest = Range::of([f64::MIN, f64::MAX]).unwrap();
        assert!(widest.ticks().len() <= 6 && widest.share(0.0).is_finite());
    }

    #[test]
    fn labels_are_short() {
        for (value, text) in [(0.95, "0.95"), (12.0, "12"), (-0.0, "0"), (1e9, "1.0e9"), (1e-7, "1.0e-7")] {
            assert_eq!(label(value), text);
        }
    }
}
