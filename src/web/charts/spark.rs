//! A sparkline of a growing count: a line without axes, for a tile.

use chrono::NaiveDate;

use super::escaped;

const HEIGHT: f64 = 34.0;
/// Margins for the width of the line, at the top and at the bottom.
const ROOM: f64 = 2.0;
/// The number of periods on the line.
const STEPS: usize = 24;

/// The line of a growing count, given as additions per day, in the order of the days. None if all are on one day.
pub(crate) fn spark_chart<'a>(what: &str, added: impl Iterator<Item = (&'a NaiveDate, usize)>) -> Option<String> {
    let added: Vec<(NaiveDate, usize)> = added.map(|(day, count)| (*day, count)).collect();
    let (first, last) = (added.first()?.0, added.last()?.0);
    let days = usize::try_from((last - first).num_days()).ok().filter(|days| *days > 0)?;
    let mut by_then = [0usize; STEPS + 1];
    for (day, count) in &added {
        let since = usize::try_from((*day - first).num_days()).unwrap_or(0);
        by_then[(since * STEPS).div_ceil(days).min(STEPS)] += count;
    }
    let all: usize = by_then.iter().sum();
    let mut sum = 0;
    let points = by_then.iter().enumerate().map(|(at, count)| {
        sum += count;
        let share = sum as f64 / all.max(1) as f64;
        format!("{at},{:.1}", HEIGHT - ROOM - share * (HEIGHT - 2.0 * ROOM))
    });
    let points = points.collect::<Vec<_>>().join(" ");
    let says = escaped(&format!("{what} from {first} to {last}: from {} to {all}", by_then[0]));
    // The line is stretched to the width of the tile; the style sheet keeps its stroke width.
    Some(format!(
        "<svg class=\"spark\" width=\"100%\" height=\"{HEIGHT}\" viewBox=\"0 0 {STEPS} {HEIGHT}\" preserveAspectRatio=\"none\" \
         role=\"img\" aria-label=\"{says}\"><title>{says}</title><polyline points=\"{points}\"/></svg>"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_line_rises_from_the_first_day_to_the_last() {
        let day = |text: &str| text.parse::<NaiveDate>().unwrap();
        let days = [(day("2022-01-01"), 2), (day("2022-01-10"), 1), (day("2022-03-01"), 5)];
        let svg = spark_chart("<Models>", days.iter().map(|(day, count)| (day, *count))).unwrap();
        assert!(svg.contains("&#60;Models&#62; from 2022-01-01 to 2022-03-01: from 2 to 8"), "{svg}");
        let points = svg.split("points=\"").nth(1).unwrap().split('"').next().unwrap();
        let heights: Vec<f64> =
            points.split(' ').map(|point| point.split_once(',').unwrap().1.parse().unwrap()).collect();
        // The line never falls, and ends at the top.
        assert!(heights.is_sorted_by(|a, b| a >= b) && heights.len() == STEPS + 1, "{heights:?}");
        assert!(heights[0] > heights[STEPS] && heights[STEPS] == ROOM, "{heights:?}");
    }

    #[test]
    fn one_day_is_no_line() {
        let day = "2022-01-01".parse::<NaiveDate>().unwrap();
        assert!(spark_chart("Models", [(&day, 7)].into_iter()).is_none());
        assert!(spark_chart("Models", std::iter::empty()).is_none());
    }
}
