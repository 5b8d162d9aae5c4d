//! The new numbers of versions that were registered on both sides.

use std::collections::BTreeMap;

use crate::model::ModelName;

/// The numbers of this clone's own versions, and the numbers that they get on the other side.
#[derive(Debug, Default)]
pub(super) struct Numbers(BTreeMap<ModelName, BTreeMap<u64, u64>>);

impl Numbers {
    /// Records the number of a version.
    pub fn set(&mut self, model: &ModelName, old: u64, new: u64) {
        self.0.entry(model.clone()).or_default().insert(old, new);
    }

    /// The number of a version now.
    pub fn now(&self, model: &ModelName, old: u64) -> u64 {
        self.0.get(model).and_then(|numbers| numbers.get(&old)).copied().unwrap_or(old)
    }

    /// Whether a version of this clone has this number on the other side.
    pub fn is_given(&self, model: &ModelName, new: u64) -> bool {
        self.0.get(model).is_some_and(|numbers| numbers.values().any(|given| *given == new))
    }

    /// Whether a version of the model has another number now.
    pub fn differ(&self, model: &ModelName) -> bool {
        self.0.get(model).is_some_and(|numbers| numbers.iter().any(|(old, new)| old != new))
    }

    /// A commit's message with the new numbers of a model: in the subject, after the model's name, and in the trailers.
    pub fn renumbered(&self, message: &str, model: &ModelName) -> String {
        let Some(numbers) = self.0.get(model).filter(|_| self.differ(model)) else { return message.to_owned() };
        let number = |text: &str| text.parse().ok().and_then(|old: u64| numbers.get(&old)).map(u64::to_string);
        let line = |(at, line): (usize, &str)| {
            let words: Vec<&str> = line.split(' ').collect();
            let after_name = |n: usize| at == 0 && n > 0 && words[..n].join(" ").ends_with(model.as_str());
            let trailer = ["Modelreg-Version:", "Modelreg-Prior-Version:", "Modelreg-Rolled-Back-From:"];
            let is_trailer = trailer.contains(&words[0]);
            let new = words.iter().enumerate().map(|(n, word)| match number(word) {
                Some(new) if after_name(n) || is_trailer => new,
                _ => (*word).to_owned(),
            });
            new.collect::<Vec<_>>().join(" ")
        };
        message.split('\n').enumerate().map(line).collect::<Vec<_>>().join("\n")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_names_the_new_number_where_it_named_the_old_one() {
        let iris = ModelName::new("iris").unwrap();
        let mut numbers = Numbers::default();
        numbers.set(&iris, 3, 4);
        let message = "Register iris 3\n\n    as good as 3\n\nModelreg-Model: iris\nModelreg-Version: 3\n";
        let new = "Register iris 4\n\n    as good as 3\n\nModelreg-Model: iris\nModelreg-Version: 4\n";
        assert_eq!(numbers.renumbered(message, &iris), new);
        assert_eq!(numbers.renumbered(message, &ModelName::new("rose").unwrap()), message);
        assert_eq!((numbers.now(&iris, 3), numbers.now(&iris, 2)), (4, 2));
    }
}
