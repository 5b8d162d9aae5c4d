//! Versions by two of their params or metrics.

use std::fmt::Write as _;

use super::{Range, SERIES, escaped, frame, grid, label, percent};

const HEIGHT: f64 = 260.0;
const TOP: f64 = 22.0;
const FOOT: f64 = 40.0;

/// A version that has both values.
pub(crate) struct ScatterPoint<'a> {
    /// What it is called.
    pub name: &'a str,
    /// Its place among the versions, for its colour.
    pub series: usize,
    /// Its value along the width.
    pub x: f64,
    /// Its value along the height.
    pub y: f64,
}

/// The chart; none where no version has both values.
pub(crate) fn scatter_chart(x_key: &str, y_key: &str, points: &[ScatterPoint<'_>]) -> Option<String> {
    let across = Range::of(points.iter().map(|point| point.x))?;
    let up = Range::of(points.iter().map(|point| point.y))?;
    let y = |value: f64| TOP + (1.0 - up.share(value)) * (HEIGHT - TOP - FOOT);
    // Room on the left for the labels, and on both sides for the points' names.
    let x = |value: f64| 0.08 + across.share(value) * 0.88;
    let mut svg = grid(&up, y);
    for tick in across.ticks() {
        let at = percent(x(tick));
        let _ = write!(
            svg,
            "<text class=\"tick\" x=\"{at}\" y=\"{:.1}\" text-anchor=\"middle\">{}</text>",
            HEIGHT - FOOT + 16.0,
            label(tick)
        );
    }
    let _ = write!(
        svg,
        "<text class=\"axis-name\" x=\"0\" y=\"10\">{}</text>\
         <text class=\"axis-name\" x=\"100%\" y=\"{:.1}\" text-anchor=\"end\">{}</text>",
        escaped(y_key),
        HEIGHT - 4.0,
        escaped(x_key)
    );
    for point in points.iter().filter(|point| point.x.is_finite() && point.y.is_finite()) {
        let share = x(point.x);
        let (cx, cy) = (percent(share), y(point.y));
        let anchor = if share > 0.7 { "end" } else { "start" };
        let _ = write!(
            svg,
            "<g class=\"spot s{}\"><title>{}: {} {}, {} {}</title><circle cx=\"{cx}\" cy=\"{cy:.1}\" r=\"6\"/>\
             <text x=\"{cx}\" y=\"{:.1}\" text-anchor=\"{anchor}\">{}</text></g>",
            point.series % SERIES,
            escaped(point.name),
            escaped(x_key),
            label(point.x),
            escaped(y_key),
            label(point.y),
            cy - 11.0,
            escaped(point.name)
        );
    }
    Some(frame("scatter", HEIGHT as u32, &format!("{y_key} over {x_key}"), &svg))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_version_is_a_point_with_its_name() {
        let point = |name, x, y| ScatterPoint { name, series: 0, x, y };
        let svg = scatter_chart("<x>", "y", &[point("m@1", 1.0, 2.0), point("m@2", 2.0, 1.0)]).unwrap();
        assert_eq!(svg.matches("<circle").count(), 2);
        assert!(svg.contains(">m@1</text>") && !svg.contains("<x>"), "{svg}");
        assert!(scatter_chart("x", "y", &[]).is_none());
    }
}
