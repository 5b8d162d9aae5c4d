//! The values of params and metrics.

use std::cmp::Ordering;
use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// A param's value: a TOML string, integer, float or boolean.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(untagged)]
pub enum Scalar {
    /// A whole number.
    Integer(i64),
    /// A finite fraction.
    Float(f64),
    /// True or false.
    Boolean(bool),
    /// Text.
    String(String),
}

/// A metric's value. Integers and floats stay distinct, so that a count is written as a count. A measurement may have
/// ended in `nan` or `inf`; such a value is kept, but is never the best and meets no gate.
#[derive(Debug, Clone, Copy)]
pub enum Number {
    /// A whole number.
    Integer(i64),
    /// A fraction, `nan` or an infinity.
    Float(f64),
}

/// A number of a policy: finite, because no metric can be compared with `nan`.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[serde(transparent)]
pub struct Finite(Number);

impl Finite {
    /// The name of this type's check in the JSON Schemas.
    pub const FORMAT: &'static str = "finite-number";

    /// The number.
    pub fn get(self) -> Number {
        self.0
    }
}

impl fmt::Display for Finite {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl<'de> Deserialize<'de> for Finite {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let number = Number::deserialize(deserializer)?;
        if number.is_finite() { Ok(Self(number)) } else { Err(de::Error::custom(format!("`{number}` is not finite"))) }
    }
}

/// Whether both are the same value of the same type. Unlike in IEEE 754, `nan` is itself: two equal manifests must be
/// equal.
impl PartialEq for Number {
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Integer(a), Self::Integer(b)) => a == b,
            (Self::Float(a), Self::Float(b)) => a == b || (a.is_nan() && b.is_nan()),
            _ => false,
        }
    }
}

/// JSON has no `nan` and no infinity: they are the strings `NaN`, `Infinity` and `-Infinity`, as other programs write them.
impl Serialize for Number {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match *self {
            Self::Integer(n) => serializer.serialize_i64(n),
            Self::Float(x) if x.is_finite() => serializer.serialize_f64(x),
            Self::Float(x) if x.is_nan() => serializer.serialize_str("NaN"),
            Self::Float(x) => serializer.serialize_str(if x > 0.0 { "Infinity" } else { "-Infinity" }),
        }
    }
}

impl Number {
    /// The name of this type's check in the JSON Schemas.
    pub const FORMAT: &'static str = "number";

    /// Whether it is neither `nan` nor an infinity.
    pub fn is_finite(self) -> bool {
        self.as_f64().is_finite()
    }

    /// Whether it is `nan`, which is neither more nor less than any number.
    pub fn is_nan(self) -> bool {
        self.as_f64().is_nan()
    }

    /// The value as a float, for charts.
    pub fn as_f64(self) -> f64 {
        match self {
            Self::Integer(n) => n as f64,
            Self::Float(x) => x,
        }
    }
}

impl Number {
    /// The exact order of the values, also between an integer and a float near 2^63. In lists, `nan` comes after
    /// all numbers.
    pub fn compare(self, other: Self) -> Ordering {
        match (self, other) {
            (Self::Integer(a), Self::Integer(b)) => a.cmp(&b),
            _ if self.is_nan() || other.is_nan() => self.is_nan().cmp(&other.is_nan()),
            (Self::Float(a), Self::Float(b)) => a.partial_cmp(&b).unwrap_or(Ordering::Equal),
            (Self::Integer(a), Self::Float(b)) => compare_mixed(a, b),
            (Self::Float(a), Self::Integer(b)) => compare_mixed(b, a).reverse(),
        }
    }
}

fn compare_mixed(whole: i64, fraction: f64) -> Ordering {
    const BEYOND: f64 = 9_223_372_036_854_775_808.0;
    if fraction >= BEYOND {
        return Ordering::Less;
    }
    if fraction < -BEYOND {
        return Ordering::Greater;
    }
    // The integral part fits into an i64 here; the fractional part decides between equal integral parts.
    whole.cmp(&(fraction.trunc() as i64)).then_with(|| 0.0_f64.total_cmp(&(fraction.fract() + 0.0)))
}

impl Scalar {
    /// The name of this type's check in the JSON Schemas.
    pub const FORMAT: &'static str = "scalar";

    /// Reads the value of a command line flag. `true`, `3` and `0.5` become a boolean, an integer and a float. A value
    /// that would be written in other characters than given stays text: `3.10`, `01234`, `+5`.
    pub fn parse(text: &str) -> Self {
        match Number::parse(text).filter(|number| number.to_string() == text) {
            Some(Number::Integer(n)) => Self::Integer(n),
            Some(Number::Float(x)) => Self::Float(x),
            None => match text {
                "true" => Self::Boolean(true),
                "false" => Self::Boolean(false),
                _ => Self::String(text.to_owned()),
            },
        }
    }

    /// The value as a number, if it is one.
    pub fn as_number(&self) -> Option<f64> {
        match self {
            Self::Integer(n) => Some(*n as f64),
            Self::Float(x) => Some(*x),
            Self::Boolean(_) | Self::String(_) => None,
        }
    }
}

impl Number {
    /// Reads a finite number; none if the text is none, or is beyond the range of floats.
    pub fn parse(text: &str) -> Option<Self> {
        if let Ok(n) = text.parse() {
            return Some(Self::Integer(n));
        }
        // Rust parses words such as `inf` and `nan` as floats, so the first character after the sign must be a digit.
        let digits = text.trim_start_matches(['+', '-']);
        if !digits.starts_with(|c: char| c.is_ascii_digit() || c == '.') {
            return None;
        }
        text.parse().ok().filter(|x: &f64| x.is_finite()).map(Self::Float)
    }

    /// Reads a metric: a finite number, or one of the words for the other values in Python, TOML and JavaScript.
    pub fn parse_metric(text: &str) -> Option<Self> {
        let (sign, word) = match text.split_at_checked(1) {
            Some(("-", word)) => (-1.0, word),
            Some(("+", word)) => (1.0, word),
            _ => (1.0, text),
        };
        match word.to_ascii_lowercase().as_str() {
            "nan" => Some(Self::Float(f64::NAN)),
            "inf" | "infinity" => Some(Self::Float(sign * f64::INFINITY)),
            _ => Self::parse(text),
        }
    }
}

impl fmt::Display for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Integer(n) => n.fmt(f),
            Self::Float(x) => f.pad(&float_text(*x)),
        }
    }
}

/// A float in files and for people: the shortest decimal that reads back as the same value, below 0.00001 and from 10^16
/// with an exponent. It always has a dot or an exponent, so that TOML reads a float. The other values are `nan`, `inf`
/// and `-inf`, as in TOML.
pub fn float_text(x: f64) -> String {
    if x.is_nan() { "nan".into() } else { format!("{x:?}") }
}

impl fmt::Display for Scalar {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Integer(n) => n.fmt(f),
            Self::Float(x) => f.pad(&float_text(*x)),
            Self::Boolean(b) => b.fmt(f),
            Self::String(s) => f.pad(s),
        }
    }
}

struct ScalarVisitor;

impl de::Visitor<'_> for ScalarVisitor {
    type Value = Scalar;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a string, a 64-bit integer, a finite float or a boolean")
    }
    fn visit_i64<E>(self, n: i64) -> Result<Scalar, E> {
        Ok(Scalar::Integer(n))
    }
    fn visit_u64<E: de::Error>(self, n: u64) -> Result<Scalar, E> {
        i64::try_from(n).map(Scalar::Integer).map_err(|_| E::invalid_value(de::Unexpected::Unsigned(n), &self))
    }
    fn visit_f64<E: de::Error>(self, x: f64) -> Result<Scalar, E> {
        if x.is_finite() { Ok(Scalar::Float(x)) } else { Err(E::invalid_value(de::Unexpected::Float(x), &self)) }
    }
    fn visit_bool<E>(self, b: bool) -> Result<Scalar, E> {
        Ok(Scalar::Boolean(b))
    }
    fn visit_str<E: de::Error>(self, s: &str) -> Result<Scalar, E> {
        super::Text::check(s).map_err(E::custom)?;
        Ok(Scalar::String(s.to_owned()))
    }
}

struct NumberVisitor;

impl de::Visitor<'_> for NumberVisitor {
    type Value = Number;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a 64-bit integer or a float")
    }
    fn visit_i64<E>(self, n: i64) -> Result<Number, E> {
        Ok(Number::Integer(n))
    }
    fn visit_u64<E: de::Error>(self, n: u64) -> Result<Number, E> {
        i64::try_from(n).map(Number::Integer).map_err(|_| E::invalid_value(de::Unexpected::Unsigned(n), &self))
    }
    fn visit_f64<E>(self, x: f64) -> Result<Number, E> {
        Ok(Number::Float(x))
    }
}

impl<'de> Deserialize<'de> for Scalar {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ScalarVisitor)
    }
}

impl<'de> Deserialize<'de> for Number {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(NumberVisitor)
    }
}

impl schemars::JsonSchema for Scalar {
    fn inline_schema() -> bool {
        true
    }
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Scalar".into()
    }
    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({ "type": ["string", "number", "boolean"], "format": Self::FORMAT })
    }
}

impl schemars::JsonSchema for Finite {
    fn inline_schema() -> bool {
        true
    }
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Finite".into()
    }
    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({ "type": "number", "format": Self::FORMAT })
    }
}

impl schemars::JsonSchema for Number {
    fn inline_schema() -> bool {
        true
    }
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Number".into()
    }
    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({ "type": "number", "format": Self::FORMAT })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_compared_exactly() {
        use Number::{Float, Integer};
        let ordered = [
            Float(-1e300),
            Integer(i64::MIN),
            Float(-1.5),
            Integer(-1),
            Float(-0.5),
            Integer(0),
            Float(0.5),
            Integer(1),
            Integer(9_007_199_254_740_992),
            Integer(9_007_199_254_740_993),
            Integer(i64::MAX),
            Float(9_223_372_036_854_775_808.0),
        ];
        for (i, a) in ordered.iter().enumerate() {
            for (j, b) in ordered.iter().enumerate() {
                assert_eq!(a.compare(*b), i.cmp(&j), "{a} and {b}");
            }
        }
        assert_eq!(Integer(0).compare(Float(-0.0)), Ordering::Equal);
        assert_eq!(Integer(3).compare(Float(3.0)), Ordering::Equal);
    }

    #[test]
    fn nan_is_itself_and_comes_after_all_numbers() {
        use Number::{Float, Integer};
        let nan = Float(f64::NAN);
        assert_eq!(nan, Float(-f64::NAN));
        assert_ne!(nan, Float(f64::INFINITY));
        for number in [Float(f64::INFINITY), Float(f64::NEG_INFINITY), Integer(0), Integer(i64::MAX)] {
            assert_eq!((nan.compare(number), number.compare(nan)), (Ordering::Greater, Ordering::Less), "{number}");
        }
        assert_eq!(nan.compare(nan), Ordering::Equal);
        assert_eq!(Integer(i64::MAX).compare(Float(f64::INFINITY)), Ordering::Less);
    }

    #[test]
    fn metrics_are_numbers_nan_and_infinity() {
        for text in ["nan", "NaN", "+nan", "-nan"] {
            assert!(Number::parse_metric(text).unwrap().is_nan(), "{text}");
        }
        for (text, x) in [("inf", f64::INFINITY), ("+Infinity", f64::INFINITY), ("-inf", f64::NEG_INFINITY)] {
            assert_eq!(Number::parse_metric(text), Some(Number::Float(x)), "{text}");
        }
        for text in ["1e999", "nano", "--inf", "", "-", "é", "in"] {
            assert_eq!(Number::parse_metric(text), None, "{text}");
        }
        assert!(Number::parse("nan").is_none());
    }

    #[test]
    fn json_has_strings_for_what_is_no_number() {
        let numbers = [f64::NAN, f64::INFINITY, f64::NEG_INFINITY, 1e300].map(Number::Float);
        let text = serde_json::to_string(&numbers).unwrap();
        assert_eq!(text, "[\"NaN\",\"Infinity\",\"-Infinity\",1e+300]");
    }

    #[test]
    fn flags_become_what_they_look_like() {
        assert_eq!(Scalar::parse("3"), Scalar::Integer(3));
        assert_eq!(Scalar::parse("0.5"), Scalar::Float(0.5));
        assert_eq!(Scalar::parse("1e-7"), Scalar::Float(1e-7));
        assert_eq!(Scalar::parse("3.0"), Scalar::Float(3.0));
        assert_eq!(Scalar::parse("-0.0"), Scalar::Float(-0.0));
        assert_eq!(Scalar::parse("-9223372036854775808"), Scalar::Integer(i64::MIN));
        assert_eq!(Scalar::parse("true"), Scalar::Boolean(true));
        for text in ["inf", "nan", "NaN", "-inf", "1e999", "3 apples", "", "9223372036854775808x", "True"] {
            assert_eq!(Scalar::parse(text), Scalar::String(text.into()), "{text}");
        }
    }

    #[test]
    fn a_flag_that_would_be_written_in_other_characters_stays_text() {
        let changed = ["3.10", "01234", "0012e45", "+5", "-0", "1e-3", "1e-05", "1E-7", ".5", "5.", "1_000", "0x10"];
        let beyond = ["18446744073709551615", "20240115123456789012", "0.1000000000000000055", "9223372036854775808"];
        for text in changed.into_iter().chain(beyond) {
            assert_eq!(Scalar::parse(text), Scalar::String(text.into()), "{text}");
        }
    }

    #[test]
    fn floats_are_short() {
        for (x, text) in [
            (0.97, "0.97"),
            (1e-5, "1e-5"),
            (0.0001, "0.0001"),
            (1e15, "1000000000000000.0"),
            (1e16, "1e16"),
            (f64::MAX, "1.7976931348623157e308"),
            (5e-324, "5e-324"),
            (3.0, "3.0"),
        ] {
            assert_eq!(Number::Float(x).to_string(), text);
            assert_eq!(Scalar::Float(x).to_string(), text);
            assert_eq!(text.parse::<f64>().unwrap(), x);
        }
    }
}
