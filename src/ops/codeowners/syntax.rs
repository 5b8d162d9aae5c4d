//! The syntax and the places of each forge's CODEOWNERS file.
//!
//! - GitHub: <https://docs.github.com/en/repositories/managing-your-repositorys-settings-and-features/customizing-your-repository/about-code-owners>.
//!   Patterns as in `.gitignore`, without `!`, `[ ]` and a leading `#`; the last matching line counts.
//! - GitLab: <https://docs.gitlab.com/user/project/codeowners/reference/>. The same patterns; in each section the last
//!   matching line counts.
//! - Gitea and Forgejo: <https://docs.gitea.com/usage/repository/code-owners>. Go regular expressions for the whole path;
//!   *every* matching line counts. A backslash first escapes within the line, so a backslash of the expression is written
//!   twice. Owners are user names, not addresses.

use crate::model::Invalid;

/// A forge that reads the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Forge {
    /// GitHub.
    Github,
    /// GitLab.
    Gitlab,
    /// Gitea and Forgejo.
    Gitea,
}

/// A part of a path.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Part {
    /// A file or folder of this name.
    Named(String),
    /// Any folder.
    Any,
}

impl Forge {
    /// The places where the forge looks for the file, in order. The forge reads only the first existing file.
    pub(super) fn places(self) -> [&'static str; 3] {
        match self {
            Self::Github => [".github/CODEOWNERS", "CODEOWNERS", "docs/CODEOWNERS"],
            Self::Gitlab => ["CODEOWNERS", "docs/CODEOWNERS", ".gitlab/CODEOWNERS"],
            Self::Gitea => ["CODEOWNERS", "docs/CODEOWNERS", ".gitea/CODEOWNERS"],
        }
    }

    /// The place of a new file.
    pub(super) fn default_place(self) -> &'static str {
        match self {
            Self::Github => ".github/CODEOWNERS",
            Self::Gitlab => ".gitlab/CODEOWNERS",
            Self::Gitea => "CODEOWNERS",
        }
    }

    /// The forge's name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Github => "GitHub",
            Self::Gitlab => "GitLab",
            Self::Gitea => "Gitea",
        }
    }

    /// Whether an owner can be an e-mail address.
    pub(super) fn knows_addresses(self) -> bool {
        self != Self::Gitea
    }

    /// The maximum size of the file in bytes; GitHub's documentation says 3 MB.
    pub(super) fn largest(self) -> Option<usize> {
        (self == Self::Github).then_some(3_000_000)
    }

    /// The pattern of a path relative to the root of the repository.
    ///
    /// # Errors
    /// If the forge has no syntax for a name. The registry's own names are always possible; folders above it may not
    /// be.
    pub(super) fn pattern(self, path: &[Part]) -> Result<String, Invalid> {
        let parts: Result<Vec<String>, Invalid> = path.iter().map(|part| self.part(part)).collect();
        let path = parts?.join("/");
        Ok(if self == Self::Gitea { path } else { format!("/{path}") })
    }

    fn part(self, part: &Part) -> Result<String, Invalid> {
        let name = match (part, self) {
            (Part::Any, Self::Gitea) => return Ok("[^/]+".into()),
            (Part::Any, _) => return Ok("*".into()),
            (Part::Named(name), _) => name,
        };
        if name.chars().any(|c| c.is_control() || self != Self::Gitea && "[]!".contains(c)) {
            let why = format!("{} has no syntax for a folder named `{}`", self.name(), name.escape_debug());
            return Err(Invalid::new(why, "rename the folder"));
        }
        // Characters with a meaning in a pattern; space and `#` end a word of the line.
        let special: &str = if self == Self::Gitea { ".+*?()|[]{}^$\\" } else { "*?\\" };
        let mut escaped = String::new();
        for c in name.chars() {
            match c {
                c if special.contains(c) && self == Self::Gitea => {
                    escaped.push_str(if c == '\\' { r"\\\\" } else { r"\\" });
                    if c != '\\' {
                        escaped.push(c);
                    }
                }
                c if special.contains(c) || " #".contains(c) => escaped.extend(['\\', c]),
                c => escaped.push(c),
            }
        }
        Ok(escaped)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    /// What Gitea makes of a line: words, with each backslash taken off what it escapes.
    fn gitea_words(line: &str) -> Vec<String> {
        let (mut words, mut word, mut chars) = (Vec::new(), String::new(), line.chars());
        while let Some(c) = chars.next() {
            match c {
                '\\' => word.extend(chars.next()),
                ' ' => words.push(std::mem::take(&mut word)),
                c => word.push(c),
            }
        }
        words.push(word);
        words
    }

    fn path(names: &[&str]) -> Vec<Part> {
        names.iter().map(|&n| if n == "*" { Part::Any } else { Part::Named(n.into()) }).collect()
    }

    #[test]
    fn a_name_means_itself_to_each_forge() {
        let path = path(&["my ml", "models", "*", "a b.c", "stages", "pre+prod.toml"]);
        let shown = |forge: Forge| forge.pattern(&path).unwrap();
        assert_eq!(shown(Forge::Github), r"/my\ ml/models/*/a\ b.c/stages/pre+prod.toml");
        assert_eq!(shown(Forge::Gitlab), shown(Forge::Github));
        assert_eq!(shown(Forge::Gitea), r"my\ ml/models/[^/]+/a\ b\\.c/stages/pre\\+prod\\.toml");
        // What the expression is once Gitea has read the line.
        let words = gitea_words(&format!("{} @ada", shown(Forge::Gitea)));
        assert_eq!(words, [r"my ml/models/[^/]+/a b\.c/stages/pre\+prod\.toml", "@ada"]);
        assert_eq!(gitea_words(&Forge::Gitea.pattern(&super::tests::path(&["a\\b"])).unwrap()), [r"a\\b"]);
    }

    #[test]
    fn a_name_that_cannot_be_written_is_refused() {
        for name in ["a[b]", "!a", "a\nb"] {
            assert!(Forge::Github.pattern(&path(&[name])).is_err(), "{name}");
        }
        assert!(Forge::Gitea.pattern(&path(&["a\nb"])).is_err());
        assert_eq!(Forge::Gitlab.pattern(&path(&["#a*"])).unwrap(), r"/\#a\*");
    }
}
