//! Points in time: RFC 3339 with any offset when read, UTC with milliseconds when written.

use chrono::{DateTime, Datelike as _, Days, NaiveDate, SecondsFormat, TimeDelta, Utc};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};
use toml::value::{Datetime, Offset};

use super::text::Invalid;

/// A point in time.
///
/// ```
/// use modelreg::model::Timestamp;
///
/// let time = Timestamp::parse("2022-02-10T20:50:00+01:00")?;
/// assert_eq!(time.rfc3339(), "2022-02-10T19:50:00.000Z");
/// # Ok::<(), modelreg::model::Invalid>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(DateTime<Utc>);

impl Timestamp {
    /// The name of this type's check in the JSON Schemas.
    pub const FORMAT: &'static str = "date-time";

    /// The time, truncated to milliseconds as in files.
    pub fn from_utc(time: DateTime<Utc>) -> Self {
        let excess = TimeDelta::nanoseconds(i64::from(time.timestamp_subsec_nanos() % 1_000_000));
        Self(time - excess)
    }

    /// Reads a TOML date-time. Errors: the date, the time of day or the offset is missing.
    pub fn from_toml(value: &Datetime) -> Result<Self, Invalid> {
        let hint = "write date, time and offset, as in 2022-02-10T19:50:00Z";
        let (Some(date), Some(time)) = (value.date, value.time) else {
            return Err(Invalid::new("the date or the time of day is missing", hint));
        };
        let offset = match value.offset {
            Some(Offset::Z) => 0,
            Some(Offset::Custom { minutes }) => i64::from(minutes),
            None => return Err(Invalid::new("the offset from UTC is missing", hint)),
        };
        let second = time.second.unwrap_or(0);
        let nanos = time.nanosecond.unwrap_or(0);
        // RFC 3339 allows the leap second 60; chrono represents it as second 59 with more than one billion nanoseconds.
        let (second, nanos) = if second == 60 { (59, nanos + 1_000_000_000) } else { (second, nanos) };
        NaiveDate::from_ymd_opt(date.year.into(), date.month.into(), date.day.into())
            .and_then(|d| d.and_hms_nano_opt(time.hour.into(), time.minute.into(), second.into(), nanos))
            .and_then(|local| local.checked_sub_signed(TimeDelta::minutes(offset)))
            .map(|utc| Self(utc.and_utc()))
            .ok_or_else(|| Invalid::new("this date does not exist", hint))?
            .within_range()
    }

    /// Reads a time that a user typed: RFC 3339, a date and time, or a date (its first instant); in UTC without an
    /// offset.
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        let text = text.trim();
        let whole = match text.len() {
            10 => format!("{text}T00:00:00Z"),
            _ if DateTime::parse_from_rfc3339(text).is_err() => format!("{text}Z"),
            _ => text.to_owned(),
        };
        let time = DateTime::parse_from_rfc3339(&whole).map_err(|_| {
            Invalid::new(format!("`{text}` is not a time"), "write it as 2022-02-10, or as 2022-02-10T19:50:00Z")
        })?;
        Self(time.to_utc()).within_range()
    }

    /// The time, if its year in UTC is from 1970 to 9998: every program can read such a time, and a year is left for the
    /// entries after it.
    fn within_range(self) -> Result<Self, Invalid> {
        if (1970..=9998).contains(&self.0.year()) {
            return Ok(self);
        }
        Err(Invalid::new("the year is not from 1970 to 9998 in UTC", "correct the year"))
    }

    /// The time as a chrono value.
    pub fn utc(self) -> DateTime<Utc> {
        self.0
    }

    /// The next millisecond.
    pub fn next(self) -> Self {
        Self(self.0 + TimeDelta::milliseconds(1))
    }

    /// The first instant of the next day, for "until the end of that day".
    pub fn next_day(self) -> Self {
        Self(self.0.checked_add_days(Days::new(1)).unwrap_or(self.0))
    }

    /// The form in files: `2022-02-10T19:50:00.000Z`.
    pub fn rfc3339(self) -> String {
        self.0.to_rfc3339_opts(SecondsFormat::Millis, true)
    }

    /// The form in tables: `2022-02-10 19:50:00`, in UTC.
    pub fn human(self) -> String {
        self.shown(8)
    }

    /// The form in tables, to the minute: `2022-02-10 19:50`, in UTC.
    pub fn minute(self) -> String {
        self.shown(5)
    }

    /// The day, in UTC: `2022-02-10`.
    pub fn day(self) -> String {
        self.shown(0).trim_end().to_owned()
    }

    /// The date and the first characters of the time of day. Not formatted by chrono, which parses the format for each
    /// call: pages have hundreds of times.
    fn shown(self, characters: usize) -> String {
        let text = self.rfc3339();
        let (date, time) = text.split_once('T').unwrap_or((&text, ""));
        format!("{date} {}", time.get(..characters).unwrap_or_default())
    }
}

impl std::fmt::Display for Timestamp {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.rfc3339())
    }
}

impl Serialize for Timestamp {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.rfc3339())
    }
}

impl<'de> Deserialize<'de> for Timestamp {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::from_toml(&Datetime::deserialize(deserializer)?).map_err(D::Error::custom)
    }
}

impl schemars::JsonSchema for Timestamp {
    fn inline_schema() -> bool {
        true
    }
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Timestamp".into()
    }
    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({ "type": "string", "format": Self::FORMAT })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Timestamp, Invalid> {
        Timestamp::from_toml(&text.parse().unwrap())
    }

    #[test]
    fn any_offset_is_read_and_utc_is_written() {
        assert_eq!(read("2022-02-10T20:50:00+01:00").unwrap().rfc3339(), "2022-02-10T19:50:00.000Z");
        assert_eq!(read("2016-12-31T23:59:60Z").unwrap().rfc3339(), "2016-12-31T23:59:60.000Z");
    }

    #[test]
    fn what_names_no_point_in_time_is_refused() {
        for bad in ["2022-02-10", "19:50:00", "2022-02-10T19:50:00"] {
            assert!(read(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn the_year_is_from_1970_to_9998_in_utc() {
        for good in ["1970-01-01T00:00:00Z", "9998-12-31T23:59:59.999Z", "9999-01-01T00:30:00+01:00"] {
            assert!(read(good).is_ok() && Timestamp::parse(good).is_ok(), "{good}");
        }
        for bad in ["1969-12-31T23:59:59.999Z", "9999-01-01T00:00:00Z", "1970-01-01T00:30:00+01:00"] {
            assert!(read(bad).is_err() && Timestamp::parse(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn people_see_as_much_of_a_time_as_they_need() {
        let at = read("2022-02-10T20:50:07.125+01:00").unwrap();
        assert_eq!((at.human().as_str(), at.minute().as_str()), ("2022-02-10 19:50:07", "2022-02-10 19:50"));
        assert_eq!(at.day(), "2022-02-10");
    }

    #[test]
    fn people_may_leave_parts_out() {
        assert_eq!(Timestamp::parse("2022-02-10").unwrap().rfc3339(), "2022-02-10T00:00:00.000Z");
        assert_eq!(Timestamp::parse("2022-02-10 19:50:00").unwrap(), Timestamp::parse("2022-02-10T19:50:00Z").unwrap());
        assert!(Timestamp::parse("yesterday").is_err());
        assert!(Timestamp::parse("ééééé").is_err());
    }
}
