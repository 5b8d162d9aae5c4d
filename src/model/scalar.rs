//! The values of params and metrics.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, de};

/// A param's value: TOML's own scalars.
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

/// A metric's value: a finite number. The two kinds are kept apart so that a count stays a count.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[serde(untagged)]
pub enum Number {
    /// A whole number.
    Integer(i64),
    /// A finite fraction.
    Float(f64),
}

impl Number {
    /// The name of this type's check in the JSON Schemas.
    pub const FORMAT: &'static str = "finite-number";

    /// The value for comparing and drawing.
    pub fn as_f64(self) -> f64 {
        match self {
            Self::Integer(n) => n as f64,
            Self::Float(x) => x,
        }
    }
}

impl Scalar {
    /// The name of this type's check in the JSON Schemas.
    pub const FORMAT: &'static str = "scalar";

    /// Reads a flag's value: `true`, `3`, `0.5` become what they look like, all else stays text.
    pub fn parse(text: &str) -> Self {
        match Number::parse(text) {
            Some(Number::Integer(n)) => Self::Integer(n),
            Some(Number::Float(x)) => Self::Float(x),
            None => match text {
                "true" => Self::Boolean(true),
                "false" => Self::Boolean(false),
                _ => Self::String(text.to_owned()),
            },
        }
    }

    /// The value as a number, where it is one.
    pub fn as_number(&self) -> Option<f64> {
        match self {
            Self::Integer(n) => Some(*n as f64),
            Self::Float(x) => Some(*x),
            Self::Boolean(_) | Self::String(_) => None,
        }
    }
}

impl Number {
    /// Reads a flag's value; none when it is not a finite number.
    pub fn parse(text: &str) -> Option<Self> {
        if let Ok(n) = text.parse() {
            return Some(Self::Integer(n));
        }
        // Words such as `inf` and `nan` parse as floats in Rust; a number has a digit first or after its sign.
        let digits = text.trim_start_matches(['+', '-']);
        if !digits.starts_with(|c: char| c.is_ascii_digit() || c == '.') {
            return None;
        }
        text.parse().ok().filter(|x: &f64| x.is_finite()).map(Self::Float)
    }
}

impl fmt::Display for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Integer(n) => n.fmt(f),
            Self::Float(x) => x.fmt(f),
        }
    }
}

impl fmt::Display for Scalar {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Integer(n) => n.fmt(f),
            Self::Float(x) => x.fmt(f),
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

impl<'de> Deserialize<'de> for Scalar {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ScalarVisitor)
    }
}

impl<'de> Deserialize<'de> for Number {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match Scalar::deserialize(deserializer)? {
            Scalar::Integer(n) => Ok(Self::Integer(n)),
            Scalar::Float(x) => Ok(Self::Float(x)),
            other => Err(de::Error::custom(format!("`{other}` is not a number"))),
        }
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
    fn flags_become_what_they_look_like() {
        assert_eq!(Scalar::parse("3"), Scalar::Integer(3));
        assert_eq!(Scalar::parse("0.5"), Scalar::Float(0.5));
        assert_eq!(Scalar::parse("1e-3"), Scalar::Float(0.001));
        assert_eq!(Scalar::parse("true"), Scalar::Boolean(true));
        for text in ["inf", "nan", "NaN", "-inf", "1e999", "3 apples", "", "9223372036854775808x"] {
            assert_eq!(Scalar::parse(text), Scalar::String(text.into()), "{text}");
        }
    }
}
