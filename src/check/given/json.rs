//! JSON as training code writes it: with Python's `NaN` and `Infinity`, and with the place of every key and value.

use std::collections::HashSet;
use std::ops::Range;

use jiter::{Jiter, JiterError, Peek};
use toml::Spanned;

use super::Node;
use crate::check::shape::FormError;
use crate::diag::codes::file::BAD_VALUE;
use crate::diag::sanitize::one_line;

/// How deep arrays and objects may nest, as in TOML files.
const MAX_DEPTH: usize = 80;

/// Reads a JSON text whose value is an object. A key that stands twice is an error, and its first value counts; after
/// an error in the grammar, the rest of the text is not read.
pub(super) fn read(text: &str) -> (Node, Vec<FormError>) {
    let mut reader = Reader { json: Jiter::new(text.as_bytes()).with_allow_inf_nan(), text, found: Vec::new() };
    let empty = Node::Table(Vec::new());
    let node = match reader.json.peek() {
        Ok(Peek::Object) => reader.value(Peek::Object, 0).and_then(|node| reader.json.finish().map(|()| node)),
        Ok(_) => {
            reader.add(0..1, "the file is not a JSON object".into(), "write the keys in `{` and `}`");
            Ok(empty)
        }
        Err(error) => Err(error),
    };
    match node {
        Ok(node) => (node, reader.found),
        Err(error) => {
            let at = error.index.min(text.len());
            let message = format!("the file is not valid JSON: {}", one_line(&error.error_type.to_string()));
            reader.add(at..at, message, "correct the text at this place or just before it");
            (Node::Table(Vec::new()), reader.found)
        }
    }
}

struct Reader<'t> {
    json: Jiter<'t>,
    text: &'t str,
    found: Vec<FormError>,
}

impl Reader<'_> {
    fn add(&mut self, span: Range<usize>, message: String, hint: &str) {
        self.found.push(FormError { code: &BAD_VALUE, span, message, hint: hint.into() });
    }

    fn value(&mut self, peek: Peek, depth: usize) -> Result<Node, JiterError> {
        let start = self.json.current_index();
        if depth > MAX_DEPTH {
            let hint = "nest arrays and objects at most 80 deep";
            self.add(start..start + 1, "the file is nested too deeply".into(), hint);
            return self.json.known_skip(peek).map(|()| Node::Null);
        }
        Ok(match peek {
            Peek::Null => self.json.known_null().map(|()| Node::Null)?,
            Peek::True | Peek::False => Node::Boolean(self.json.known_bool(peek)?),
            Peek::String => Node::Text(self.json.known_str()?.to_owned()),
            Peek::Array => {
                let mut items = Vec::new();
                let mut next = self.json.known_array()?;
                while let Some(peek) = next {
                    items.push(self.spanned(peek, depth)?);
                    next = self.json.array_step()?;
                }
                Node::List(items)
            }
            Peek::Object => {
                let (mut entries, mut names) = (Vec::new(), HashSet::new());
                let mut before = start;
                let mut next = self.json.known_object()?.map(str::to_owned);
                while let Some(name) = next {
                    let span = self.key(before);
                    let peek = self.json.peek()?;
                    let value = self.spanned(peek, depth)?;
                    if names.insert(name.clone()) {
                        entries.push((Spanned::new(span, name), value));
                    } else {
                        let message = format!("the key `{}` is given twice", one_line(&name));
                        self.add(span, message, "keep one of the two");
                    }
                    before = self.json.current_index();
                    next = self.json.next_key()?.map(str::to_owned);
                }
                Node::Table(entries)
            }
            number => {
                self.json.known_skip(number)?;
                Node::Number(self.text.get(start..self.json.current_index()).unwrap_or_default().to_owned())
            }
        })
    }

    fn spanned(&mut self, peek: Peek, depth: usize) -> Result<Spanned<Node>, JiterError> {
        let start = self.json.current_index();
        let node = self.value(peek, depth + 1)?;
        Ok(Spanned::new(start..self.json.current_index(), node))
    }

    /// The place of the key that was read last. Between the end of the value before it and the key there are only a
    /// bracket, a comma and white space.
    fn key(&self, before: usize) -> Range<usize> {
        let rest = &self.text.as_bytes()[before..self.json.current_index()];
        let start = rest.iter().position(|&byte| byte == b'"').unwrap_or(0);
        let mut escaped = false;
        let end = rest.iter().skip(start + 1).position(|&byte| {
            let ends = byte == b'"' && !escaped;
            escaped = byte == b'\\' && !escaped;
            ends
        });
        before + start..before + start + end.map_or(1, |end| end + 2)
    }
}
