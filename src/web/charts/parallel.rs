//! Parallel coordinates: versions as lines through one axis per param and metric.

use std::fmt::Write as _;

use super::{Range, SERIES, escaped, label, percent};

const HEIGHT: f64 = 250.0;
const TOP: f64 = 44.0;
const FOOT: f64 = 26.0;
/// The minimum distance between two axes, in pixels.
const BETWEEN: usize = 118;

/// An axis: one param or metric of every version.
pub(crate) struct Axis {
    /// The key.
    pub key: String,
    /// Each version's value; none if the version has none.
    pub values: Vec<Option<f64>>,
}

/// The chart; none if fewer than two axes have a value.
pub(crate) fn parallel_chart(versions: &[String], axes: &[Axis]) -> Option<String> {
    let axes: Vec<(&Axis, Range)> =
        axes.iter().filter_map(|axis| Some((axis, Range::of(axis.values.iter().flatten().copied())?))).collect();
    if axes.len() < 2 || versions.is_empty() {
        return None;
    }
    let step = 1.0 / axes.len() as f64;
    let x = |at: usize| (at as f64 + 0.5) * step;
    let y = |range: &Range, value: f64| TOP + (1.0 - range.share(value)) * (HEIGHT - TOP - FOOT);
    let mut svg = String::new();
    for (at, (axis, range)) in axes.iter().enumerate() {
        let middle = percent(x(at));
        let key: String = axis.key.chars().take(18).collect();
        let more = if key.len() < axis.key.len() { "…" } else { "" };
        let values = || axis.values.iter().flatten().copied().filter(|value| value.is_finite());
        let (least, most) = (values().fold(f64::INFINITY, f64::min), values().fold(f64::NEG_INFINITY, f64::max));
        let _ = write!(
            svg,
            "<line class=\"axis\" x1=\"{middle}\" x2=\"{middle}\" y1=\"{TOP}\" y2=\"{:.1}\"/>\
             <text class=\"axis-name\" x=\"{middle}\" y=\"14\" text-anchor=\"middle\"><title>{}</title>{}{more}</text>\
             <text class=\"tick\" x=\"{middle}\" y=\"32\" text-anchor=\"middle\">{}</text>\
             <text class=\"tick\" x=\"{middle}\" y=\"{:.1}\" text-anchor=\"middle\">{}</text>",
            HEIGHT - FOOT,
            escaped(&axis.key),
            escaped(&key),
            label(most),
            HEIGHT - 8.0,
            label(range.least.max(least)),
        );
    }
    for (version, name) in versions.iter().enumerate() {
        let _ = write!(svg, "<g class=\"line s{}\"><title>{}</title>", version % SERIES, escaped(name));
        let value = |at: usize| axes.get(at).and_then(|(axis, range)| Some(y(range, (*axis.values.get(version)?)?)));
        for at in 0..axes.len() {
            let Some(here) = value(at) else { continue };
            if let Some(next) = value(at + 1) {
                let (from, to) = (percent(x(at)), percent(x(at + 1)));
                let _ = write!(svg, "<line x1=\"{from}\" x2=\"{to}\" y1=\"{here:.1}\" y2=\"{next:.1}\"/>");
            }
            let _ = write!(svg, "<circle cx=\"{}\" cy=\"{here:.1}\" r=\"4\"/>", percent(x(at)));
        }
        svg.push_str("</g>");
    }
    let width = axes.len() * BETWEEN;
    Some(format!(
        "<svg class=\"chart parallel\" width=\"{width}\" height=\"{HEIGHT}\" role=\"img\" \
         aria-label=\"Each version as a line through its params and metrics\">{svg}</svg>"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_without_a_value_has_a_gap() {
        let axis = |key: &str, values: &[Option<f64>]| Axis { key: key.into(), values: values.to_vec() };
        let axes = [
            axis("<a>", &[Some(1.0), Some(2.0)]),
            axis("b", &[Some(1.0), None]),
            axis("c", &[Some(3.0), Some(1.0)]),
            axis("none has it", &[None, None]),
        ];
        let versions = ["m@1".to_owned(), "m@2".to_owned()];
        let svg = parallel_chart(&versions, &axes).unwrap();
        assert_eq!(svg.matches("<circle").count(), 5);
        assert!(!svg.contains("<a>") && !svg.contains("none has it"), "{svg}");
        assert!(parallel_chart(&versions, &axes[..1]).is_none());
    }
}
