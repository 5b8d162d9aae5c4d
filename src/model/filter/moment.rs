//! A time in a filter: a period of a day, a second or a millisecond.

use std::cmp::Ordering;
use std::fmt;

use chrono::{DateTime, Datelike, SecondsFormat, TimeDelta};

use crate::model::text::Invalid;
use crate::model::time::Timestamp;

/// A period of time: the day of a date, the second of a time without a fraction, else one millisecond.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Moment {
    start: Timestamp,
    length: Length,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Length {
    Day,
    Second,
    Millisecond,
}

impl Moment {
    /// Reads `2022-02-10`, `2022-02-10 19:50:00` or RFC 3339; UTC where no offset is given.
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        let start = Timestamp::from_utc(Timestamp::parse(text)?.utc());
        let length = match text.trim() {
            date if date.len() == 10 => Length::Day,
            time if time.contains('.') => Length::Millisecond,
            _ => Length::Second,
        };
        let moment = Self { start, length };
        moment.is_writable().then_some(moment).ok_or_else(|| {
            Invalid::new(format!("`{text}` is outside the years 0 to 9999 in UTC"), "write a time in that range")
        })
    }

    /// The period of a number as in MLflow: milliseconds since 1970 in UTC. None outside the years 0 to 9999.
    pub fn from_millis(millis: i64) -> Option<Self> {
        let start = Timestamp::from_utc(DateTime::from_timestamp_millis(millis)?);
        Some(Self { start, length: Length::Millisecond }).filter(Self::is_writable)
    }

    /// RFC 3339 has the years 0 to 9999, and an offset can lead outside of them.
    fn is_writable(&self) -> bool {
        (0..=9999).contains(&self.start.utc().year())
    }

    /// The order of a time relative to the period: before, within (`Equal`) or after.
    pub fn place(&self, time: Timestamp) -> Ordering {
        let length = match self.length {
            Length::Day => TimeDelta::days(1),
            Length::Second => TimeDelta::seconds(1),
            Length::Millisecond => TimeDelta::milliseconds(1),
        };
        let (start, time) = (self.start.utc(), time.utc());
        if time < start {
            Ordering::Less
        } else if time - start < length {
            Ordering::Equal
        } else {
            Ordering::Greater
        }
    }
}

impl fmt::Display for Moment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let start = self.start.utc();
        match self.length {
            Length::Day => write!(f, "{}", start.format("%Y-%m-%d")),
            Length::Second => f.write_str(&start.to_rfc3339_opts(SecondsFormat::Secs, true)),
            Length::Millisecond => f.write_str(&start.to_rfc3339_opts(SecondsFormat::Millis, true)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(moment: &str, time: &str) -> Ordering {
        Moment::parse(moment).unwrap().place(Timestamp::parse(time).unwrap())
    }

    #[test]
    fn a_moment_is_as_long_as_it_is_written() {
        for (moment, time, order) in [
            ("2022-02-10", "2022-02-09T23:59:59.999Z", Ordering::Less),
            ("2022-02-10", "2022-02-10T00:00:00Z", Ordering::Equal),
            ("2022-02-10", "2022-02-10T23:59:59.999Z", Ordering::Equal),
            ("2022-02-10", "2022-02-11T00:00:00Z", Ordering::Greater),
            ("2022-02-10 19:50:00", "2022-02-10T19:50:00.999Z", Ordering::Equal),
            ("2022-02-10T20:50:00+01:00", "2022-02-10T19:50:01Z", Ordering::Greater),
            ("2022-02-10T19:50:00.000Z", "2022-02-10T19:50:00.001Z", Ordering::Greater),
        ] {
            assert_eq!(place(moment, time), order, "{time} against {moment}");
        }
    }

    #[test]
    fn milliseconds_since_1970_are_a_time() {
        let moment = Moment::from_millis(1_644_522_600_123).unwrap();
        assert_eq!(moment.to_string(), "2022-02-10T19:50:00.123Z");
        assert!(Moment::from_millis(i64::MAX).is_none());
    }

    #[test]
    fn the_written_form_reads_back() {
        for text in ["2022-02-10", "2022-02-10T19:50:00Z", "2022-02-10T19:50:00.000Z", "2016-12-31T23:59:60Z"] {
            assert_eq!(Moment::parse(text).unwrap().to_string(), text);
        }
        for bad in ["9999-12-31T23:59:59-01:00", "0000-01-01T00:00:00+01:00", "2022-02-30", "soon", ""] {
            assert!(Moment::parse(bad).is_err(), "{bad}");
        }
    }
}
