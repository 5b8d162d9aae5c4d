//! The scatter chart: versions by two of their params or metrics.

use std::fmt::Write as _;

use super::{Range, SERIES, escaped, frame, grid, label, percent};

const HEIGHT: f64 = 260.0;
const TOP: f64 = 22.0;
const FOOT: f64 = 40.0;

/// A version that has both values.
pub(crate) struct ScatterPoint<'a> {
    /// The label of the point.
    pub name: &'a str,
    /// The index of the version, for its colour.
    pub series: usize,
    /// The value on the x axis.
    pub x: f64,
    /// The value on the y axis.
    pub y: f64,
}

/// The chart; none if no version has both values.
pub(crate) fn scatter_chart(x_key: &str, y_key: &str, points: &[ScatterPoint<'_>]) -> Option<String> {
    let across = Range::of(points.iter().map(|point| point.x))?;
    let up = Range::of(points.iter().map(|point| point.y))?;
    let y = |value: f64| TOP + (1.0 - up.share(value)) * (HEIGHT - TOP - FOOT);
    // Margins for the labels on the left, and for the names of points on both sides.
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
    let mut names = Names::default();
    let one_model = is_of_one_model(points);
    for point in points.iter().filter(|point| point.x.is_finite() && point.y.is_finite()) {
        let share = x(point.x);
        // Versions of one model are labelled by their number.
        let name = if one_model { point.name.rsplit('@').next().unwrap_or(point.name) } else { point.name };
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
            names.place(share, cy, anchor == "end", name),
            escaped(name)
        );
    }
    Some(frame("scatter", HEIGHT as u32, &format!("{y_key} over {x_key}"), &svg))
}

fn is_of_one_model(points: &[ScatterPoint<'_>]) -> bool {
    let model = |point: &ScatterPoint<'_>| point.name.rsplit_once('@').map(|(model, _)| model.to_owned());
    points.first().and_then(model).is_some_and(|first| points.iter().all(|point| model(point).as_ref() == Some(&first)))
}

/// The positions of the placed names: left, right, and height.
#[derive(Default)]
struct Names(Vec<(f64, f64, f64)>);

impl Names {
    /// The height of a point's name: above the point, or another free place near it.
    fn place(&mut self, share: f64, cy: f64, before: bool, name: &str) -> f64 {
        // The share of a letter in a chart of usual width.
        let width = name.chars().count() as f64 * 7.0 / 700.0;
        let (from, to) = if before { (share - width, share) } else { (share, share + width) };
        let is_free = |y: &f64| !self.0.iter().any(|(f, t, there)| from < *t && *f < to && (y - there).abs() < 13.0);
        let near = [-11.0, 20.0, -25.0, 34.0].map(|by| cy + by);
        let y = near.into_iter().find(is_free).unwrap_or(near[0]);
        self.0.push((from, to, y));
        y
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_version_is_a_point_with_its_name() {
        let point = |name, x, y| ScatterPoint { name, series: 0, x, y };
        let svg = scatter_chart("<x>", "y", &[point("m@1", 1.0, 2.0), point("m@2", 2.0, 1.0)]).unwrap();
        assert_eq!(svg.matches("<circle").count(), 2);
        assert!(svg.contains(">1</text>") && svg.contains("m@1: ") && !svg.contains("<x>"), "{svg}");
        let two = scatter_chart("x", "y", &[point("m@1", 1.0, 2.0), point("n@1", 2.0, 1.0)]).unwrap();
        assert!(two.contains(">m@1</text>") && two.contains(">n@1</text>"), "{two}");
        assert!(scatter_chart("x", "y", &[]).is_none());
    }

    #[test]
    fn names_of_points_that_are_close_do_not_cover_each_other() {
        let mut names = Names::default();
        let heights: Vec<f64> = (0..4).map(|_| names.place(0.5, 100.0, false, "fraud@7")).collect();
        assert_eq!(heights, [89.0, 120.0, 75.0, 134.0]);
        assert_eq!(names.place(0.8, 100.0, true, "fraud@7"), 89.0, "what is elsewhere is in nobody's way");
    }
}
