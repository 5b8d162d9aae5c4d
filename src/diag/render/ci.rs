//! Workflow commands of CI systems, which they read from the log of a job.
//!
//! `##[name]` is a command anywhere in a line for GitHub's runner (`ActionCommand.TryParse` in `actions/runner`), and
//! so is `##vso[...]` for Azure's agent; TeamCity reads `##teamcity[...]`. Other commands, such as `::error::`, are at
//! the start of a line, where this program prints no text from a registry.

/// Whether a CI system could read a part of the text as a command.
pub(super) fn holds_command(text: &str) -> bool {
    text.match_indices("##").any(|(at, _)| {
        let name = text[at..].trim_start_matches('#');
        name.trim_start_matches(|c: char| c.is_ascii_alphabetic()).starts_with('[')
    })
}

/// Escapes each `#` in a text that contains a command.
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
