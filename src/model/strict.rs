//! Deserialization of structs from tables only. The code that serde derives for a struct also accepts an array with the
//! values in the order of the fields: `code = ["https://...", "abcdef1"]`. No schema allows such an array, so a wrapper
//! around the deserializer refuses it for every type, with its place.

use std::fmt;

use serde::de::{self, DeserializeOwned, DeserializeSeed, Deserializer, MapAccess, SeqAccess, Unexpected, Visitor};

/// Reads a TOML text; an error has its span.
pub fn from_toml<T: DeserializeOwned>(text: &str) -> Result<T, toml::de::Error> {
    T::deserialize(Strict(toml::Deserializer::parse(text)?))
}

/// Wraps a deserializer, a seed or an access, and everything below it.
struct Strict<D>(D);

/// Wraps a visitor. `table` is set for a struct.
struct Strictly<V> {
    visitor: V,
    table: bool,
}

fn any<V>(visitor: V) -> Strictly<V> {
    Strictly { visitor, table: false }
}

/// Forwards methods of a deserializer with a wrapped visitor.
macro_rules! pass_on {
    ($($method:ident($($argument:ident: $type:ty),*);)+) => {
        $(fn $method<V: Visitor<'de>>(self, $($argument: $type,)* visitor: V) -> Result<V::Value, D::Error> {
            self.0.$method($($argument,)* any(visitor))
        })+
    };
}

impl<'de, D: Deserializer<'de>> Deserializer<'de> for Strict<D> {
    type Error = D::Error;

    pass_on! {
        deserialize_any();
        deserialize_bool();
        deserialize_i8();
        deserialize_i16();
        deserialize_i32();
        deserialize_i64();
        deserialize_i128();
        deserialize_u8();
        deserialize_u16();
        deserialize_u32();
        deserialize_u64();
        deserialize_u128();
        deserialize_f32();
        deserialize_f64();
        deserialize_char();
        deserialize_str();
        deserialize_string();
        deserialize_bytes();
        deserialize_byte_buf();
        deserialize_option();
        deserialize_unit();
        deserialize_unit_struct(name: &'static str);
        deserialize_newtype_struct(name: &'static str);
        deserialize_seq();
        deserialize_tuple(len: usize);
        deserialize_tuple_struct(name: &'static str, len: usize);
        deserialize_map();
        deserialize_enum(name: &'static str, variants: &'static [&'static str]);
        deserialize_identifier();
        deserialize_ignored_any();
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, D::Error> {
        self.0.deserialize_struct(name, fields, Strictly { visitor, table: true })
    }

    fn is_human_readable(&self) -> bool {
        self.0.is_human_readable()
    }
}

/// Forwards a value.
macro_rules! take {
    ($($method:ident($type:ty);)+) => {
        $(fn $method<E: de::Error>(self, value: $type) -> Result<V::Value, E> {
            self.visitor.$method(value)
        })+
    };
}

impl<'de, V: Visitor<'de>> Visitor<'de> for Strictly<V> {
    type Value = V::Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.table { f.write_str("a table") } else { self.visitor.expecting(f) }
    }

    take! {
        visit_bool(bool);
        visit_i64(i64);
        visit_i128(i128);
        visit_u64(u64);
        visit_u128(u128);
        visit_f64(f64);
        visit_str(&str);
        visit_borrowed_str(&'de str);
        visit_string(String);
        visit_bytes(&[u8]);
        visit_byte_buf(Vec<u8>);
    }

    fn visit_none<E: de::Error>(self) -> Result<V::Value, E> {
        self.visitor.visit_none()
    }

    fn visit_unit<E: de::Error>(self) -> Result<V::Value, E> {
        self.visitor.visit_unit()
    }

    fn visit_some<D: Deserializer<'de>>(self, inner: D) -> Result<V::Value, D::Error> {
        self.visitor.visit_some(Strict(inner))
    }

    fn visit_newtype_struct<D: Deserializer<'de>>(self, inner: D) -> Result<V::Value, D::Error> {
        self.visitor.visit_newtype_struct(Strict(inner))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, items: A) -> Result<V::Value, A::Error> {
        if self.table {
            return Err(de::Error::invalid_type(Unexpected::Seq, &self));
        }
        self.visitor.visit_seq(Strict(items))
    }

    fn visit_map<A: MapAccess<'de>>(self, entries: A) -> Result<V::Value, A::Error> {
        self.visitor.visit_map(Strict(entries))
    }

    // The enums of a registry are plain words without contents.
    fn visit_enum<A: de::EnumAccess<'de>>(self, word: A) -> Result<V::Value, A::Error> {
        self.visitor.visit_enum(word)
    }
}

impl<'de, A: SeqAccess<'de>> SeqAccess<'de> for Strict<A> {
    type Error = A::Error;

    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>, A::Error> {
        self.0.next_element_seed(Strict(seed))
    }

    fn size_hint(&self) -> Option<usize> {
        self.0.size_hint()
    }
}

impl<'de, A: MapAccess<'de>> MapAccess<'de> for Strict<A> {
    type Error = A::Error;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, A::Error> {
        self.0.next_key_seed(seed)
    }

    fn next_value_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<T::Value, A::Error> {
        self.0.next_value_seed(Strict(seed))
    }

    fn size_hint(&self) -> Option<usize> {
        self.0.size_hint()
    }
}

impl<'de, S: DeserializeSeed<'de>> DeserializeSeed<'de> for Strict<S> {
    type Value = S::Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<S::Value, D::Error> {
        self.0.deserialize(Strict(deserializer))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Manifest, RegisteredModel, Registry, Stage};

    const HEAD: &str = "format = 1\nversion = 1\ncreated_at = 2022-01-01T00:00:00Z\ncreated_by = \"a@b\"\n";
    const ARTIFACT: &str = "artifact = { uri = \"s3://m/1\" }\n";
    const MODEL: &str = "format = 1\nname = \"iris\"\ncreated_at = 2022-01-01T00:00:00Z\ncreated_by = \"a@b\"\n";
    const MOVE: &str = "at = 2022-01-01T00:00:00Z, by = \"a@b\", action = \"promote\", version = 1";

    /// The place and the words of what keeps a text from being read.
    fn refused<T: DeserializeOwned>(text: &str) -> String {
        match from_toml::<T>(text) {
            Ok(_) => format!("taken: {text}"),
            Err(error) => format!("{} {}", &text[error.span().unwrap()], error.message()),
        }
    }

    fn assert_table<T: DeserializeOwned>(before: &str, array: &str, after: &str) {
        let said = refused::<T>(&format!("{before}{array}{after}"));
        assert_eq!(said, format!("{array} invalid type: sequence, expected a table"));
    }

    #[test]
    fn no_key_that_takes_a_table_takes_an_array() {
        let version = format!("{HEAD}{ARTIFACT}");
        for (key, array) in [
            ("lineage", "[]"),
            ("lineage", "[\"run\", \"experiment\"]"),
            ("deleted", "[2022-03-01T00:00:00Z, \"a@b\"]"),
            ("signature", "[[], []]"),
        ] {
            assert_table::<Manifest>(&format!("{version}{key} = "), array, "\n");
        }
        assert_table::<Manifest>(&format!("{HEAD}artifact = "), "[\"s3://m/1\"]", "\n");
        let file = format!("{HEAD}artifact = {{ uri = \"s3://m/1\", files = [");
        let digest = format!("[\"a\", 1, \"sha256:{}\"]", "a".repeat(64));
        assert_table::<Manifest>(&file, &digest, "] }\n");
        let code = "[\"https://example.com/x\", \"abcdef1\"]";
        assert_table::<Manifest>(&format!("{version}lineage = {{ code = "), code, " }\n");
        assert_table::<Manifest>(&format!("{version}lineage = {{ datasets = ["), "[\"iris\"]", "] }\n");
        assert_table::<Manifest>(&format!("{version}signature = {{ inputs = ["), "[\"x\", \"long\"]", "] }\n");
        assert_table::<Manifest>(&format!("{version}comments = ["), "[2022-03-01T00:00:00Z, \"a@b\", \"x\"]", "]\n");
        for key in ["params", "metrics", "tags"] {
            assert!(!refused::<Manifest>(&format!("{version}{key} = []\n")).starts_with("taken"), "{key}");
        }
        assert_table::<RegisteredModel>(&format!("{MODEL}deleted = "), "[2022-03-01T00:00:00Z, \"a@b\"]", "\n");
        for key in ["tags", "aliases"] {
            assert!(!refused::<RegisteredModel>(&format!("{MODEL}{key} = []\n")).starts_with("taken"), "{key}");
        }
        let stage = "format = 1\nstage = \"Production\"\nhistory = [";
        assert_table::<Stage>(stage, "[2022-03-01T00:00:00Z, \"a@b\", \"promote\", 1]", "]\n");
        let approval = format!("{stage}{{ {MOVE}, approvals = [");
        assert_table::<Stage>(&approval, "[\"c@d\", 2022-03-01T00:00:00Z]", "] }]\n");
        let registry = "format = 1\nname = \"acme\"\n";
        assert_table::<Registry>(&format!("{registry}stages = ["), "[\"Staging\"]", "]\n");
        assert_table::<Registry>(&format!("{registry}stages = [{{ name = \"S\", gates = ["), "[\"loss\"]", "] }]\n");
        assert!(!refused::<Registry>(&format!("{registry}teams = []\n")).starts_with("taken"));
    }

    #[test]
    fn what_is_as_it_should_be_is_read() {
        let text = format!(
            "{HEAD}{ARTIFACT}lineage = {{ code = {{ commit = \"abcdef1\" }} }}\nparams = {{ a = 1, b = \"x\" }}\n"
        );
        assert_eq!(from_toml::<Manifest>(&text).unwrap(), toml::from_str::<Manifest>(&text).unwrap());
        let journal = format!("format = 1\nstage = \"Production\"\nversion = 1\nhistory = [{{ {MOVE} }}]\n");
        assert_eq!(from_toml::<Stage>(&journal).unwrap(), toml::from_str::<Stage>(&journal).unwrap());
    }
}
