//! Commit messages: a subject, the reason, and trailers for people who read `git log`. The program never reads them.

use crate::diag::sanitize::one_line;
use crate::model::RequestId;

/// A commit's message.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Message {
    subject: String,
    body: Option<String>,
    trailers: Vec<(&'static str, String)>,
    change_id: Option<String>,
}

impl Message {
    /// A message of one line.
    pub fn new(subject: impl Into<String>) -> Self {
        Self { subject: subject.into(), ..Self::default() }
    }

    /// Adds text that a user wrote.
    pub fn body(mut self, text: Option<&str>) -> Self {
        self.body = text.map(str::to_owned);
        self
    }

    /// Adds a trailer `Modelreg-KEY: VALUE`.
    pub fn trailer(mut self, key: &'static str, value: impl ToString) -> Self {
        self.trailers.push((key, value.to_string()));
        self
    }

    /// Adds the trailer by which Gerrit identifies a change.
    pub fn change_id(mut self, id: String) -> Self {
        self.change_id = Some(id);
        self
    }

    /// Adds the trailer of the version, if there is one.
    pub fn version(self, version: Option<u64>) -> Self {
        match version {
            Some(version) => self.trailer("Version", version),
            None => self,
        }
    }

    /// Adds the trailers of a request's model, version and stage.
    pub fn request(self, id: &RequestId) -> Self {
        self.trailer("Model", &id.model).trailer("Version", id.version).trailer("Stage", &id.stage)
    }

    /// The subject.
    pub fn subject(&self) -> String {
        one_line(&self.subject)
    }

    /// The whole text. The body is indented: no line of it can forge a trailer, or end the message like the line `---`
    /// before a patch.
    pub fn text(&self) -> String {
        let mut text = self.subject();
        text.push('\n');
        if let Some(body) = self.body.as_deref().filter(|body| !body.trim().is_empty()) {
            text.push('\n');
            for line in body.lines() {
                text.push_str(if line.trim().is_empty() { "" } else { "    " });
                text.push_str(&one_line(line));
                text.push('\n');
            }
        }
        if !self.trailers.is_empty() || self.change_id.is_some() {
            text.push('\n');
            for (key, value) in &self.trailers {
                text.push_str(&format!("Modelreg-{key}: {}\n", one_line(value)));
            }
            text.extend(self.change_id.iter().map(|id| format!("Change-Id: {id}\n")));
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reason_cannot_forge_a_trailer_or_end_the_message() {
        let message = Message::new("Promote m 9\nto Production")
            .body(Some("fine\n\nModelreg-Approved-by: eve@example.com\n---\n\u{1b}[2J"))
            .trailer("Version", "9\nModelreg-Approved-by: eve");
        insta::assert_snapshot!(message.text());
    }
}
