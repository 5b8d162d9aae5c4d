//! The lookup of a key in an `allowed_signers` file. OpenSSH verifies signatures; this lookup only explains why a
//! signature would not count. The format is in the manual page ssh-keygen(1), "ALLOWED SIGNERS".

use super::text::UserId;
use super::time::Timestamp;

/// The result of the lookup of a person's key: the best of the file's lines.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Listing {
    /// The key is not listed.
    Absent,
    /// The key is listed for another person.
    AnotherPerson,
    /// The key is listed for the person, but not for this namespace.
    AnotherNamespace,
    /// The key is listed for the person, but not valid at this time.
    AnotherTime,
    /// The key is listed and valid.
    Listed,
}

/// Looks up a person's key, given in base64.
pub fn listing(signers: &str, key: &str, by: &UserId, namespace: &str, now: Timestamp) -> Listing {
    let of_line = |line: &str| {
        let words = words(line);
        let Some(at) = key_type(&words) else { return Listing::Absent };
        if words.get(at + 1).is_none_or(|word| word != key) {
            return Listing::Absent;
        }
        let options = words[1..at].join(",");
        let option = |name: &str| {
            let mut found = parts(&options).into_iter().filter_map(|part| part.split_once('=').map(own));
            found.find_map(|(key, value)| key.eq_ignore_ascii_case(name).then_some(value))
        };
        let time = now.utc().format("%Y%m%d%H%M%S").to_string();
        // A day without a time begins at midnight.
        let moment = |name: &str| option(name).map(|text| format!("{:0<14}", text.trim_end_matches('Z')));
        if parts(&options).iter().any(|part| part.eq_ignore_ascii_case("cert-authority")) {
            Listing::Absent
        } else if !matches(words[0].trim_matches('"'), by.as_str()) {
            Listing::AnotherPerson
        } else if option("namespaces").is_some_and(|list| !matches(&list, namespace)) {
            Listing::AnotherNamespace
        } else if moment("valid-after").is_some_and(|after| time < after)
            || moment("valid-before").is_some_and(|before| time >= before)
        {
            Listing::AnotherTime
        } else {
            Listing::Listed
        }
    };
    let lines = signers.lines().map(str::trim).filter(|line| !line.starts_with('#'));
    lines.map(of_line).max().unwrap_or(Listing::Absent)
}

/// The file with all limits removed: every key is valid for every namespace at any time, and people are in lower case.
/// It answers whose key a signature was made with, independent of the key's validity. Malformed lines are unchanged.
pub fn without_limits(signers: &str) -> String {
    let mut text = String::new();
    for line in signers.lines().map(str::trim) {
        let words = words(line);
        match key_type(&words).filter(|_| !line.starts_with('#')) {
            Some(at) => {
                let options = words[1..at].join(",");
                let is_authority = parts(&options).iter().any(|part| part.eq_ignore_ascii_case("cert-authority"));
                let authority = if is_authority { "cert-authority " } else { "" };
                text.push_str(&format!("{} {authority}{}", words[0].to_ascii_lowercase(), words[at..].join(" ")));
            }
            None => text.push_str(line),
        }
        text.push('\n');
    }
    text
}

/// Whether a line limits the time of a key. A certificate has a time of its own.
pub fn has_times(signers: &str) -> bool {
    let signers = signers.to_ascii_lowercase();
    ["valid-after", "valid-before", "cert-authority"].iter().any(|option| signers.contains(option))
}

/// The index of the key type in a line's words. It comes after the people.
fn key_type(words: &[String]) -> Option<usize> {
    let is_type = |word: &String| ["ssh-", "ecdsa-", "sk-"].iter().any(|begin| word.starts_with(begin));
    words.iter().skip(1).position(is_type).map(|at| at + 1)
}

fn own((key, value): (&str, &str)) -> (String, String) {
    (key.to_owned(), value.trim_matches('"').to_owned())
}

/// The words of a line; white space in quotes does not separate words.
fn words(line: &str) -> Vec<String> {
    divided(line, char::is_whitespace)
}

/// The parts between commas; commas in quotes do not separate parts.
fn parts(list: &str) -> Vec<String> {
    divided(list, |c| c == ',')
}

fn divided(text: &str, divides: impl Fn(char) -> bool) -> Vec<String> {
    let (mut all, mut part, mut quoted) = (Vec::new(), String::new(), false);
    for c in text.chars() {
        quoted ^= c == '"';
        if divides(c) && !quoted {
            all.push(std::mem::take(&mut part));
        } else {
            part.push(c);
        }
    }
    all.push(part);
    all.retain(|part| !part.is_empty());
    all
}

/// Whether a list of patterns matches a text, and no pattern with `!` excludes it (ssh_config(5), "PATTERNS").
fn matches(list: &str, text: &str) -> bool {
    let mut found = false;
    for pattern in list.split(',').map(str::trim) {
        match pattern.strip_prefix('!') {
            Some(pattern) if matches_one(pattern.as_bytes(), text.as_bytes()) => return false,
            Some(_) => {}
            None => found |= matches_one(pattern.as_bytes(), text.as_bytes()),
        }
    }
    found
}

/// Whether a pattern with `*` and `?` matches a whole text. Only the last star is extended on a mismatch, so the loop
/// is at most quadratic.
fn matches_one(pattern: &[u8], text: &[u8]) -> bool {
    let (mut p, mut t, mut star) = (0, 0, None);
    while t < text.len() {
        match pattern.get(p) {
            Some(b'*') => {
                star = Some((p, t));
                p += 1;
            }
            Some(&c) if c == b'?' || c == text[t] => (p, t) = (p + 1, t + 1),
            _ => match star {
                Some((at, from)) => {
                    star = Some((at, from + 1));
                    (p, t) = (at + 1, from + 1);
                }
                None => return false,
            },
        }
    }
    pattern[p..].iter().all(|&c| c == b'*')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_counts_for_its_person_its_namespace_and_its_time() {
        let by = UserId::new("ada@example.com").unwrap();
        let now = Timestamp::parse("2026-01-02T03:04:05Z").unwrap();
        let ask = |text: &str| listing(text, "AAAA", &by, "modelreg-approval@v1", now);
        for (line, expected) in [
            ("ada@example.com ssh-ed25519 AAAA ada", Listing::Listed),
            ("eve@example.com,*@example.com ssh-ed25519 AAAA", Listing::Listed),
            ("\"ada@example.com\" ssh-ed25519 AAAA", Listing::Listed),
            ("*@example.com,!ada@* ssh-ed25519 AAAA", Listing::AnotherPerson),
            ("eve@example.com ssh-ed25519 AAAA", Listing::AnotherPerson),
            ("ada@example.com ssh-ed25519 BBBB AAAA", Listing::Absent),
            ("ada@example.com ssh-ed25519 BBBB", Listing::Absent),
            ("# ada@example.com ssh-ed25519 AAAA", Listing::Absent),
            ("ada@example.com cert-authority ssh-ed25519 AAAA", Listing::Absent),
            ("ada@example.com namespaces=\"git\" ssh-ed25519 AAAA", Listing::AnotherNamespace),
            ("ada@example.com namespaces=\"git,modelreg-*\" ssh-ed25519 AAAA", Listing::Listed),
            ("ada@example.com valid-before=\"20260102\" ssh-ed25519 AAAA", Listing::AnotherTime),
            ("ada@example.com valid-before=\"20260103Z\" ssh-ed25519 AAAA", Listing::Listed),
            (
                "ada@example.com namespaces=\"a b,*\",valid-after=\"202601020305\" ssh-ed25519 AAAA",
                Listing::AnotherTime,
            ),
            ("eve@example.com ssh-ed25519 AAAA\nada@example.com ssh-ed25519 AAAA", Listing::Listed),
            ("", Listing::Absent),
            ("AAAA AAAA", Listing::Absent),
        ] {
            assert_eq!(ask(line), expected, "{line}");
        }
    }

    #[test]
    fn only_options_and_certificates_limit_the_time_of_a_key() {
        assert!(!has_times("ada@example.com namespaces=\"git\" ssh-ed25519 AAAA\n"));
        for option in ["valid-after=\"20250101\"", "Valid-Before=\"20250101\"", "cert-authority"] {
            assert!(has_times(&format!("ada@example.com {option} ssh-ed25519 AAAA\n")), "{option}");
        }
    }

    #[test]
    fn without_limits_a_line_still_says_whose_the_key_is() {
        let text = "# ada@example.com namespaces=\"git\" ssh-ed25519 AAAA\nAda@Example.com namespaces=\"a b\",valid-before=\"20250101\" \
                    ssh-ed25519 AAAA ada\n*@example.com,!eve@* cert-authority,valid-after=\"20250101\" ssh-rsa BBBB\nnothing\n";
        assert_eq!(
            without_limits(text),
            "# ada@example.com namespaces=\"git\" ssh-ed25519 AAAA\nada@example.com ssh-ed25519 AAAA ada\n\
             *@example.com,!eve@* cert-authority ssh-rsa BBBB\nnothing\n"
        );
    }
}
