//! The chart of a metric over the versions of a model.

use std::fmt::Write as _;

use super::{Range, escaped, frame, grid, label, percent};

const HEIGHT: f64 = 132.0;
const TOP: f64 = 16.0;
const FOOT: f64 = 20.0;

/// A version that has the metric.
pub(crate) struct MetricPoint {
    /// The version.
    pub version: u64,
    /// The value, in the metric's own unit.
    pub value: f64,
    /// The stage of the version.
    pub stage: String,
    /// The CSS class of the stage; empty without a stage.
    pub class: &'static str,
}

/// The chart; none if fewer than two versions have the metric.
pub(crate) fn metric_chart(metric: &str, points: &[MetricPoint]) -> Option<String> {
    let range = Range::of(points.iter().map(|point| point.value)).filter(|_| points.len() > 1)?;
    let y = |value: f64| TOP + (1.0 - range.share(value)) * (HEIGHT - TOP - FOOT);
    // The axis has its labels on the left.
    let left = 0.09;
    let step = (1.0 - left) / points.len() as f64;
    let x = |at: usize| left + (at as f64 + 0.5) * step;
    let mut svg = grid(&range, y);
    for (at, pair) in points.windows(2).enumerate() {
        let _ = write!(
            svg,
            "<line class=\"series\" x1=\"{}\" x2=\"{}\" y1=\"{:.1}\" y2=\"{:.1}\"/>",
            percent(x(at)),
            percent(x(at + 1)),
            y(pair[0].value),
            y(pair[1].value)
        );
    }
    // All labels if there is room; always the first and the last.
    let every = points.len().div_ceil(12);
    for (at, point) in points.iter().enumerate() {
        let (cx, cy) = (percent(x(at)), y(point.value));
        let class = if point.class.is_empty() { "" } else { "marked " };
        let radius = if point.class.is_empty() { 3.0 } else { 5.5 };
        let _ = write!(
            svg,
            "<g class=\"point {class}{}\"><title>Version {}: {} ({})</title>\
             <rect class=\"hit\" x=\"{}\" width=\"{}\" y=\"0\" height=\"{HEIGHT}\"/>\
             <circle cx=\"{cx}\" cy=\"{cy:.1}\" r=\"{radius}\"/></g>",
            point.class,
            point.version,
            label(point.value),
            escaped(&point.stage),
            percent(left + at as f64 * step),
            percent(step)
        );
        if at % every == 0 || at + 1 == points.len() {
            let _ = write!(
                svg,
                "<text class=\"tick\" x=\"{cx}\" y=\"{:.1}\" text-anchor=\"middle\">{}</text>",
                HEIGHT - 4.0,
                point.version
            );
        }
    }
    let says = format!("{metric} of {} versions", points.len());
    Some(frame("metric", HEIGHT as u32, &says, &svg))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_has_at_least_two_points_each_with_a_title() {
        let point = |version, value| MetricPoint { version, value, stage: "None".into(), class: "" };
        assert!(metric_chart("accuracy", &[point(1, 0.9)]).is_none());
        let svg = metric_chart("<b>", &[point(1, 0.9), point(2, f64::MAX)]).unwrap();
        assert!(svg.contains("Version 1: 0.9 (None)") && !svg.contains("<b>"), "{svg}");
        assert!(!svg.contains("NaN") && !svg.contains("inf"), "{svg}");
    }
}
