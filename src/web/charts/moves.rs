//! The chart of the number of transitions over time.

use std::fmt::Write as _;

use chrono::{Datelike as _, Months, NaiveDate, TimeDelta};

use super::{escaped, frame, percent};
use crate::model::Action;
use crate::web::format::thousands;

const HEIGHT: f64 = 210.0;
/// The base line of the bars; the dates are below it.
const BASE: f64 = HEIGHT - 22.0;
/// The height above the highest bar.
const HEAD: f64 = 18.0;
/// The share of the width for the labels on the left.
const LEFT: f64 = 0.06;
/// The maximum number of bars. With more, each bar covers a longer period.
const MOST: usize = 40;

/// The period of a bar.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Unit {
    Day,
    Week,
    Month,
    Quarter,
    Year,
}

impl Unit {
    fn word(self) -> &'static str {
        match self {
            Self::Day => "day",
            Self::Week => "week",
            Self::Month => "month",
            Self::Quarter => "quarter",
            Self::Year => "year",
        }
    }

    /// The first day of the unit that contains a day.
    fn start(self, day: NaiveDate) -> NaiveDate {
        let first = |month: u32| NaiveDate::from_ymd_opt(day.year(), month, 1).unwrap_or(day);
        match self {
            Self::Day => day,
            Self::Week => day - TimeDelta::days(i64::from(day.weekday().num_days_from_monday())),
            Self::Month => first(day.month()),
            Self::Quarter => first((day.month() - 1) / 3 * 3 + 1),
            Self::Year => first(1),
        }
    }

    fn next(self, start: NaiveDate) -> NaiveDate {
        let months = |count| start.checked_add_months(Months::new(count)).unwrap_or(start);
        match self {
            Self::Day => start + TimeDelta::days(1),
            Self::Week => start + TimeDelta::days(7),
            Self::Month => months(1),
            Self::Quarter => months(3),
            Self::Year => months(12),
        }
    }

    /// The first day of a period, as precise as the period needs.
    fn shown(self, start: NaiveDate) -> String {
        let format = match self {
            Self::Day | Self::Week => "%-d %b %Y",
            Self::Month | Self::Quarter => "%b %Y",
            Self::Year => "%Y",
        };
        start.format(format).to_string()
    }
}

/// The chart of all moves, given as numbers per kind and day: one bar per period. Also returns the period. None without
/// moves.
pub(crate) fn moves_chart(moves: &[(NaiveDate, Action, usize)]) -> Option<(String, &'static str)> {
    let days = || moves.iter().map(|(day, ..)| *day);
    let (first, last) = (days().min()?, days().max()?);
    let units = [Unit::Day, Unit::Week, Unit::Month, Unit::Quarter, Unit::Year];
    let unit = units.into_iter().find(|unit| starts(*unit, first, last).len() < MOST).unwrap_or(Unit::Year);
    let starts = starts(unit, first, last);
    let mut counts = vec![[0usize; 3]; starts.len()];
    for (day, action, count) in moves {
        let at = starts.partition_point(|start| start <= day).saturating_sub(1);
        let kind = match action {
            Action::Promote => 0,
            Action::Withdraw => 1,
            Action::Rollback => 2,
        };
        counts[at][kind] += count;
    }
    let most = counts.iter().map(|count| count.iter().sum::<usize>()).max().unwrap_or(1).max(1);
    let all: usize = moves.iter().map(|(.., count)| count).sum();
    let says = format!("{all} transitions by {}, at most {most} in one", unit.word());
    Some((frame("bars", HEIGHT as u32, &says, &drawn(&starts, &counts, most, unit)), unit.word()))
}

fn starts(unit: Unit, first: NaiveDate, last: NaiveDate) -> Vec<NaiveDate> {
    let mut starts = vec![unit.start(first)];
    // At least a few bars, even if all moves are on one day; the end is limited by the range of dates.
    while starts.len() < 400 {
        let next = unit.next(starts[starts.len() - 1]);
        if (next > last && starts.len() >= 8) || starts.contains(&next) {
            break;
        }
        starts.push(next);
    }
    starts
}

/// A round step between labels, so that there are at most five.
fn step(most: usize) -> usize {
    let mut power = 1;
    loop {
        if let Some(step) = [1, 2, 5].map(|by| by * power).into_iter().find(|step| most / step <= 4) {
            return step;
        }
        power *= 10;
    }
}

/// The chart's content: the scale, a bar for each period, and the dates.
fn drawn(starts: &[NaiveDate], counts: &[[usize; 3]], most: usize, unit: Unit) -> String {
    let mut svg = String::new();
    let scale = (BASE - HEAD) / most as f64;
    draw_scale(&mut svg, most, scale);
    let width = (1.0 - LEFT) / starts.len() as f64;
    for (at, (start, count)) in starts.iter().zip(counts).enumerate() {
        draw_bar(&mut svg, &format!("{} {start}", unit.word()), count, scale, (LEFT + at as f64 * width, width));
    }
    let middle = starts.len() / 2;
    let last = starts.len() - 1;
    let dates = [(0, LEFT, "start"), (middle, LEFT + (middle as f64 + 0.5) * width, "middle"), (last, 1.0, "end")];
    for (at, x, anchor) in dates {
        let _ = write!(
            svg,
            "<text class=\"tick\" x=\"{}\" y=\"{:.1}\" text-anchor=\"{anchor}\">{}</text>",
            percent(x),
            HEIGHT - 5.0,
            escaped(&unit.shown(starts[at]))
        );
    }
    svg
}

/// Draws the lines and numbers of the vertical scale. `scale` is the height of one move.
fn draw_scale(svg: &mut String, most: usize, scale: f64) {
    for value in (0..=most).step_by(step(most)) {
        let y = BASE - value as f64 * scale;
        let _ = write!(svg, "<line class=\"grid\" x1=\"0\" x2=\"100%\" y1=\"{y:.1}\" y2=\"{y:.1}\"/>");
        if value > 0 {
            let _ = write!(svg, "<text class=\"tick\" x=\"0\" y=\"{:.1}\">{}</text>", y - 4.0, thousands(value));
        }
    }
}

/// Draws the bar of a period: one part for each kind of move.
fn draw_bar(svg: &mut String, period: &str, count: &[usize; 3], scale: f64, (x, width): (f64, f64)) {
    let [promoted, withdrawn, back] = count;
    let _ = write!(
        svg,
        "<g class=\"slice\"><title>{}: {promoted} promoted, {back} rolled back, {withdrawn} withdrawn</title>\
         <rect class=\"hit\" x=\"{}\" width=\"{}\" y=\"0\" height=\"{BASE:.1}\"/>",
        escaped(period),
        percent(x),
        percent(width)
    );
    let mut y = BASE;
    for (class, count) in ["promote", "withdraw", "rollback"].iter().zip(count).filter(|(_, count)| **count > 0) {
        let height = *count as f64 * scale;
        y -= height;
        let _ = write!(
            svg,
            "<rect class=\"move-{class}\" x=\"{}\" width=\"{}\" y=\"{y:.1}\" height=\"{:.1}\" rx=\"2\"/>",
            percent(x + width * 0.16),
            percent(width * 0.68),
            (height - 1.0).max(1.0)
        );
    }
    svg.push_str("</g>");
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    #[test]
    fn the_period_of_a_bar_grows_with_the_range_of_dates() {
        assert!(moves_chart(&[]).is_none());
        let unit = |last: &str| {
            moves_chart(&[(at("2022-01-28"), Action::Promote, 1), (at(last), Action::Rollback, 1)])
                .map(|(_, unit)| unit)
        };
        assert_eq!(unit("2022-02-03"), Some("day"));
        assert_eq!(unit("2022-07-03"), Some("week"));
        assert_eq!(unit("2024-02-03"), Some("month"));
        assert_eq!(unit("2031-02-03"), Some("quarter"));
        assert_eq!(unit("9999-12-31"), Some("year"));
    }

    #[test]
    fn labels_are_round_and_few() {
        for (most, round) in [(1, 1), (4, 1), (8, 2), (31, 10), (2_500, 1_000), (usize::MAX, 5_000_000_000_000_000_000)]
        {
            assert_eq!(step(most), round, "{most}");
        }
    }

    #[test]
    fn each_kind_of_move_has_its_part_of_the_bar() {
        let moves = [(at("2022-01-28"), Action::Promote, 3), (at("2022-01-28"), Action::Rollback, 1)];
        let (svg, _) = moves_chart(&moves).unwrap();
        assert!(svg.contains("3 promoted, 1 rolled back, 0 withdrawn"), "{svg}");
        assert!(svg.contains("4 transitions by day, at most 4 in one"), "{svg}");
        assert_eq!(svg.matches("move-promote").count(), 1);
        assert_eq!(svg.matches("move-rollback").count(), 1);
    }
}
