//! Commands to CI systems, which read them from the log of a job and so from whatever is printed there.
//!
//! `##[name]` is a command anywhere in a line for GitHub's runner (`ActionCommand.TryParse` in `actions/runner`), and so
//! is `##vso[...]` for Azure's agent; TeamCity reads `##teamcity[...]`. Other commands begin a line, as `::error::` does,
//! and no text from a registry begins one here.

/// Whether the text holds what a CI system could take for a command.
pub(super) fn holds_command(text: &str) -> bool {
    text.match_indices("##").any(|(at, _)| {
        let name = text[at..].trim_start_matches('#');
        name.trim_start_matches(|c: char| c.is_ascii_alphabetic()).starts_with('[')
    })
}

/// The text with each `#` made visible as an escape, where it holds a command.
pub(super) fn disarm(text: String) -> String {
    if holds_command(&text) { text.replace('#', "\\u{23}") } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_is_told_from_a_heading() {
        for text in ["x ##[set-output name=a]b", "###[group]", "##vso[task.setvariable variable=a]b"] {
            assert!(holds_command(text), "{text}");
            assert!(!holds_command(&disarm(text.to_owned())), "{text}");
        }
        for text in ["## heading [a]", "# [a]", "##", "a#[b]", ""] {
            assert_eq!(disarm(text.to_owned()), text);
        }
    }
}
