//! The timeline of a model's stages: which version was in which stage, and when.

use std::fmt::Write as _;

use super::{escaped, frame, percent};
use crate::model::{Replay, Stage, Timestamp};

const LANE: f64 = 54.0;
const BAR: f64 = 26.0;
const FOOT: f64 = 24.0;
/// The share of the width for a digit, and the margin around a version's number.
const DIGIT: f64 = 0.011;
const ROOM: f64 = 0.012;
/// Below this share of the width, a number fits only on a wide screen.
const TIGHT: f64 = 0.075;

/// A stage's lane in the timeline.
pub(crate) struct Lane<'a> {
    /// The stage.
    pub stage: &'a str,
    /// The CSS class of the stage.
    pub class: &'static str,
    /// The versions that were in the stage, oldest first.
    pub spans: Vec<Span>,
}

/// A period in which a version was in a stage.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Span {
    /// The version.
    pub version: u64,
    /// The time at which the version entered.
    pub from: Timestamp,
    /// The time at which the version left; none if it is still in the stage.
    pub to: Option<Timestamp>,
    /// Whether the version entered by a rollback.
    pub rollback: bool,
}

impl Span {
    /// The periods of a stage's journal.
    pub fn of(stage: &Stage) -> Vec<Self> {
        let (mut spans, mut replay): (Vec<Self>, _) = (Vec::new(), Replay::default());
        for entry in &stage.history {
            let before = replay.current();
            replay.apply(entry);
            let now = replay.current();
            if now == before {
                continue;
            }
            if let Some(last) = spans.last_mut().filter(|span| span.to.is_none()) {
                last.to = Some(entry.at);
            }
            if let Some(version) = now {
                let rollback = entry.action == crate::model::Action::Rollback;
                spans.push(Self { version, from: entry.at, to: None, rollback });
            }
        }
        spans
    }
}

/// Horizontal positions by time. A stage may change three times in a week and then not for a year. So the width of a
/// period is its duration to a power below one: short periods stay visible, and longer ones are still wider.
struct Scale {
    /// The times of the changes, with their positions.
    places: Vec<(f64, f64)>,
}

/// The exponent for durations.
const POWER: f64 = 0.4;

impl Scale {
    fn of(mut times: Vec<f64>) -> Self {
        times.sort_by(f64::total_cmp);
        times.dedup();
        let mut places = Vec::with_capacity(times.len());
        let mut at = 0.0;
        for (index, time) in times.iter().enumerate() {
            if index > 0 {
                at += (time - times[index - 1]).powf(POWER);
            }
            places.push((*time, at));
        }
        // The current versions extend beyond the last change by a tenth.
        let whole = if at > 0.0 { at * 1.1 } else { 1.0 };
        places.iter_mut().for_each(|(_, at)| *at /= whole);
        Self { places }
    }

    fn place(&self, time: f64) -> f64 {
        let after = self.places.partition_point(|(known, _)| *known < time);
        self.places.get(after).or(self.places.last()).map_or(0.0, |(_, at)| *at)
    }
}

/// The chart, from the first move to `until`; current versions extend to the edge. None without moves.
pub(crate) fn timeline_chart(lanes: &[Lane<'_>], until: Timestamp) -> Option<String> {
    let millis = |at: Timestamp| at.utc().timestamp_millis() as f64;
    let spans = || lanes.iter().flat_map(|lane| &lane.spans);
    let first = spans().map(|span| span.from).min()?;
    let changes = || spans().flat_map(|span| [Some(span.from), span.to]).flatten().chain([until.max(first)]);
    let scale = Scale::of(changes().map(millis).collect());
    let x = |at: Timestamp| scale.place(millis(at));
    let mut svg = String::new();
    for (at, lane) in lanes.iter().enumerate() {
        draw_lane(&mut svg, lane, at as f64 * LANE, &x);
    }
    let height = lanes.len() as f64 * LANE + FOOT;
    // The change nearest to the middle has a date, if the date does not overlap those at the ends.
    let middle = changes().min_by(|a, b| (x(*a) - 0.5).abs().total_cmp(&(x(*b) - 0.5).abs()));
    let middle = middle.filter(|at| (0.3..0.7).contains(&x(*at))).map(|at| (x(at), "middle", Some(at)));
    let ends = [(0.0, "start", Some(first)), (1.0, "end", None)];
    for (share, anchor, time) in middle.into_iter().chain(ends) {
        draw_date(&mut svg, share, anchor, time, height - 6.0);
    }
    Some(frame("timeline", height as u32, "Which version was in which stage, over time", &svg))
}

/// Draws a stage's lane, whose upper edge is at `top`.
fn draw_lane(svg: &mut String, lane: &Lane<'_>, top: f64, x: &impl Fn(Timestamp) -> f64) {
    let _ = write!(
        svg,
        "<text class=\"lane\" x=\"0\" y=\"{:.1}\">{}</text>\
         <rect class=\"track\" x=\"0\" y=\"{:.1}\" width=\"100%\" height=\"{BAR}\" rx=\"5\"/>",
        top + 14.0,
        escaped(lane.stage),
        top + 20.0
    );
    for span in &lane.spans {
        draw_span(svg, lane, span, top, (x(span.from), span.to.map_or(1.0, x)));
    }
}

/// Draws the bar of a version, and its number if the bar is wide enough.
fn draw_span(svg: &mut String, lane: &Lane<'_>, span: &Span, top: f64, (start, end): (f64, f64)) {
    let how = if span.rollback { ", by a rollback" } else { "" };
    let until = span.to.map_or("now".into(), Timestamp::human);
    let class = if span.rollback { " back" } else { "" };
    let open = if span.to.is_none() { " open" } else { "" };
    let _ = write!(
        svg,
        "<g class=\"span {}{class}{open}\"><title>Version {} in {} from {} until {until}{how}</title>\
         <rect x=\"{}\" y=\"{:.1}\" width=\"{}\" height=\"{BAR}\" rx=\"5\"/>",
        lane.class,
        span.version,
        escaped(lane.stage),
        span.from.human(),
        percent(start),
        top + 20.0,
        percent((end - start).max(0.004))
    );
    let number = format!("{}{}", if span.rollback { "↩" } else { "" }, span.version);
    if end - start >= ROOM + DIGIT * number.chars().count() as f64 {
        let _ = write!(
            svg,
            "<text{} x=\"{}\" y=\"{:.1}\" text-anchor=\"middle\">{number}</text>",
            if end - start < TIGHT { " class=\"tight\"" } else { "" },
            percent((start + end) / 2.0),
            top + 37.5
        );
    }
    svg.push_str("</g>");
}

/// Draws a date of the axis; `now` without a time.
fn draw_date(svg: &mut String, share: f64, anchor: &str, time: Option<Timestamp>, y: f64) {
    let shown = time.map_or("now".into(), |at| at.utc().format("%-d %b %Y").to_string());
    let _ = write!(
        svg,
        "<text class=\"tick\" x=\"{}\" y=\"{y:.1}\" text-anchor=\"{anchor}\">{}</text>",
        percent(share),
        escaped(&shown)
    );
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::strict::from_toml;

    fn stage(moves: &[(&str, u64)]) -> Stage {
        let mut text = "format = 1\nstage = \"Production\"\n".to_owned();
        for (at, (action, version)) in moves.iter().enumerate() {
            text += &format!(
                "[[history]]\nat = 2022-01-0{}T00:00:00Z\nby = \"ada@example.com\"\naction = \"{action}\"\nversion = {version}\n",
                at + 1
            );
        }
        from_toml(&text).unwrap()
    }

    #[test]
    fn the_periods_follow_from_the_journal() {
        let moves = [("promote", 1), ("promote", 2), ("rollback", 1), ("withdraw", 1), ("promote", 3)];
        let spans = Span::of(&stage(&moves));
        let shown: Vec<_> = spans.iter().map(|span| (span.version, span.to.is_some(), span.rollback)).collect();
        assert_eq!(shown, [(1, true, false), (2, true, false), (1, true, true), (3, false, false)]);
        assert_eq!(spans[2].to.unwrap().human(), "2022-01-04 00:00:00");
    }

    #[test]
    fn a_day_next_to_a_year_is_visible_and_shorter() {
        let scale = Scale::of(vec![0.0, 1.0, 366.0, 366.0]);
        let (day, year) = (scale.place(1.0), scale.place(366.0) - scale.place(1.0));
        assert!(day > 0.05 && year > 2.0 * day && scale.place(366.0) < 1.0, "{day} {year}");
        assert!(Scale::of(vec![5.0]).place(5.0).abs() < 1e-9);
    }

    #[test]
    fn a_current_version_extends_to_the_edge() {
        let spans = Span::of(&stage(&[("promote", 1), ("promote", 2)]));
        let lane = Lane { stage: "<Production>", class: "stage-last", spans };
        let svg = timeline_chart(&[lane], Timestamp::parse("2022-01-05").unwrap()).unwrap();
        assert!(svg.contains("until now"), "{svg}");
        assert!(svg.contains("&#60;Production&#62;") && !svg.contains("<Production>"), "{svg}");
        assert!(timeline_chart(&[], Timestamp::parse("2022-01-05").unwrap()).is_none());
    }
}
