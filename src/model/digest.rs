//! SHA-256 digests in the registry's form: `sha256:` and 64 lower-case hexadecimal digits.

use base16ct::lower;

use super::text::{Checked, Invalid, string_type};

string_type! {
    /// A SHA-256 digest in text form, as in container registries.
    Digest, format = "digest", check = check_digest, pattern = "^sha256:[0-9a-f]{64}$"
}

string_type! {
    /// A git commit's id: 7 to 64 lower-case hexadecimal digits.
    CommitId, format = "commit-id", check = check_commit, pattern = "^[0-9a-f]{7,64}$"
}

const PREFIX: &str = "sha256:";

impl Digest {
    /// The text form of 32 raw bytes.
    pub fn from_bytes(bytes: &[u8; 32]) -> Self {
        Self(format!("{PREFIX}{}", lower::encode_string(bytes)))
    }

    /// The 32 raw bytes.
    pub fn bytes(&self) -> [u8; 32] {
        let mut out = [0; 32];
        // The digest was checked, so decoding cannot fail.
        let _ = lower::decode(&self.0[PREFIX.len()..], &mut out);
        out
    }

    /// The first twelve hexadecimal digits, for people.
    pub fn short(&self) -> &str {
        &self.0[PREFIX.len()..PREFIX.len() + 12]
    }
}

fn is_lower_hex(text: &str) -> bool {
    text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'))
}

fn check_digest(text: &str) -> Checked {
    let hint = "write `sha256:` and the 64 lower-case hexadecimal digits that `sha256sum` prints";
    let Some(hex) = text.strip_prefix(PREFIX) else {
        return Err(Invalid::new("the digest does not begin with `sha256:`", hint));
    };
    if hex.len() != 64 {
        return Err(Invalid::new(
            format!("a SHA-256 digest has 64 digits, but this one has {}", hex.chars().count()),
            hint,
        ));
    }
    if !is_lower_hex(hex) {
        return Err(Invalid::new("the digest contains other characters than 0-9 and a-f", hint));
    }
    Ok(())
}

fn check_commit(text: &str) -> Checked {
    if (7..=64).contains(&text.len()) && is_lower_hex(text) {
        return Ok(());
    }
    Err(Invalid::new("a commit is 7 to 64 lower-case hexadecimal digits", "write the output of `git rev-parse HEAD`"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_and_text_are_one_value() {
        let bytes: [u8; 32] = std::array::from_fn(|i| (i * 37) as u8);
        let digest = Digest::from_bytes(&bytes);
        assert_eq!(digest.bytes(), bytes);
        assert!(Digest::check(digest.as_str()).is_ok());
    }

    #[test]
    fn a_digest_of_wrong_length_case_or_kind_is_refused() {
        let hex = "a".repeat(64);
        assert!(Digest::new(format!("sha256:{hex}")).is_ok());
        for bad in
            [hex.clone(), format!("sha256:{}", hex.to_uppercase()), format!("sha256:{hex}a"), format!("md5:{hex}")]
        {
            assert!(Digest::new(bad).is_err());
        }
        assert!(Digest::new(format!("sha256:{}é", "a".repeat(62))).is_err());
    }
}
