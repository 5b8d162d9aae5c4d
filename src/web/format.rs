//! The display of numbers, times and names.

use crate::model::{Registry, STAGE_ARCHIVED, STAGE_NONE, Timestamp};

/// A size with a unit: `17.8 KiB`.
pub(super) fn bytes(count: &u64) -> String {
    const UNITS: [&str; 6] = ["KiB", "MiB", "GiB", "TiB", "PiB", "EiB"];
    let (mut size, mut unit) = (*count as f64 / 1024.0, 0);
    if *count < 1024 {
        return format!("{count} B");
    }
    while size >= 1024.0 && unit + 1 < UNITS.len() {
        size /= 1024.0;
        unit += 1;
    }
    format!("{size:.1} {}", UNITS[unit])
}

/// The day of a time, in UTC.
pub(super) fn day(at: &Timestamp) -> String {
    at.day()
}

/// A time to the minute, in UTC.
pub(super) fn minute(at: &Timestamp) -> String {
    at.minute()
}

/// How long ago a time was, in one unit.
pub(super) fn age(now: Timestamp, then: Timestamp) -> String {
    let seconds = (now.utc() - then.utc()).num_seconds().max(0);
    let (count, unit) = match seconds {
        0..60 => return "less than a minute".into(),
        60..3_600 => (seconds / 60, "minute"),
        3_600..86_400 => (seconds / 3_600, "hour"),
        86_400..5_184_000 => (seconds / 86_400, "day"),
        5_184_000..63_072_000 => (seconds / 2_592_000, "month"),
        _ => (seconds / 31_536_000, "year"),
    };
    format!("{count} {unit}{}", if count == 1 { "" } else { "s" })
}

/// The CSS class of a stage, by its position in the policy. The last stage has its own class.
pub(super) fn stage_class(registry: &Registry, stage: &str) -> &'static str {
    const BETWEEN: [&str; 4] = ["stage-1", "stage-2", "stage-3", "stage-4"];
    match registry.stages.iter().position(|policy| policy.name.is(stage)) {
        Some(at) if at + 1 == registry.stages.len() => "stage-last",
        Some(at) => BETWEEN[at % BETWEEN.len()],
        None if stage == STAGE_ARCHIVED => "stage-archived",
        None if stage == STAGE_NONE => "stage-none",
        None => "stage-archived",
    }
}

/// Stages, each with its CSS class.
pub(super) fn classed<S: AsRef<str>>(
    registry: &Registry,
    stages: impl IntoIterator<Item = S>,
) -> Vec<(S, &'static str)> {
    let classed = stages.into_iter().map(|stage| {
        let class = stage_class(registry, stage.as_ref());
        (stage, class)
    });
    classed.collect()
}

/// The CSS class of a person, always the same for the same person.
pub(super) fn hue(person: &str) -> String {
    let sum = person.bytes().fold(0u32, |sum, byte| sum.wrapping_mul(31).wrapping_add(u32::from(byte)));
    format!("hue-{}", sum % 8)
}

/// One or two letters for a person.
pub(super) fn initials(person: &str) -> String {
    let name = person.split('@').next().unwrap_or(person);
    let words = name.split(['.', '-', '_', ' ', '+']).filter_map(|word| word.chars().next());
    words.filter(|c| c.is_alphanumeric()).take(2).flat_map(char::to_uppercase).collect()
}

/// A count with its noun.
pub(super) fn count(number: usize, noun: &str) -> String {
    let (stem, end) = match (number, noun.strip_suffix('y')) {
        (1, _) => (noun, ""),
        (_, Some(stem)) => (stem, "ies"),
        _ => (noun, "s"),
    };
    format!("{} {stem}{end}", thousands(number))
}

/// A count with separated thousands: `12,345`.
pub(super) fn thousands(number: usize) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_and_ages_have_one_unit() {
        for (size, shown) in [(0, "0 B"), (1023, "1023 B"), (18_231, "17.8 KiB"), (u64::MAX, "16.0 EiB")] {
            assert_eq!(bytes(&size), shown);
        }
        let at = |text: &str| Timestamp::parse(text).unwrap();
        let now = at("2022-02-10T12:00:00Z");
        for (then, shown) in [
            ("2022-02-10T12:00:30Z", "less than a minute"),
            ("2022-02-10T11:00:00Z", "1 hour"),
            ("2022-02-01T12:00:00Z", "9 days"),
            ("2021-09-01", "5 months"),
            ("2012-02-01", "10 years"),
        ] {
            assert_eq!(age(now, at(then)), shown);
        }
    }

    #[test]
    fn thousands_are_set_apart() {
        for (number, text) in [(0, "0"), (999, "999"), (1_000, "1,000"), (1_234_567, "1,234,567")] {
            assert_eq!(thousands(number), text);
        }
    }

    #[test]
    fn a_noun_has_its_plural() {
        for (number, noun, text) in
            [(1, "registry", "1 registry"), (2, "registry", "2 registries"), (0, "model", "0 models")]
        {
            assert_eq!(count(number, noun), text);
        }
    }

    #[test]
    fn a_person_has_letters() {
        assert_eq!(initials("ada.lovelace@example.com"), "AL");
        assert_eq!(initials("sbaronia@purdue.edu"), "S");
        assert_eq!(initials("@"), "");
    }
}
