//! The ids of requests. A request is a branch `requests/MODEL/STAGE/VERSION`; the part after `requests/` is its id.

use super::name::{ModelName, StageName};
use super::stage::Action;
use super::text::Invalid;

/// The prefix of the branches of requests.
pub const REQUESTS: &str = "requests/";

/// A request's id. Spaces in names are written as `+`, which no name contains.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct RequestId {
    /// The model.
    pub model: ModelName,
    /// The stage.
    pub stage: StageName,
    /// The version.
    pub version: u64,
}

/// The id of a request.
pub fn request_id(model: &str, stage: &StageName, version: u64) -> String {
    format!("{model}/{stage}/{version}").replace(' ', "+")
}

impl RequestId {
    /// The branch, without `refs/heads/`.
    pub fn branch(&self) -> String {
        format!("{REQUESTS}{self}")
    }

    /// The requested move in a line, as commits and lists name it.
    pub fn in_words(&self, action: Action, from: Option<u64>) -> String {
        let Self { model, stage, version } = self;
        match action {
            Action::Promote => {
                let was = from.map_or(String::new(), |from| format!(" (was {from})"));
                format!("Promote {model} {version} to {stage}{was}")
            }
            Action::Rollback => {
                let from = from.map_or(String::new(), |from| format!(" from {from}"));
                format!("Roll back {model} in {stage}{from} to {version}")
            }
            Action::Withdraw => format!("Withdraw {model} {version} from {stage}"),
        }
    }
}

impl std::fmt::Display for RequestId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&request_id(self.model.as_str(), &self.stage, self.version))
    }
}

impl std::str::FromStr for RequestId {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        let hint = "write MODEL/STAGE/VERSION, as `modelreg requests` lists them";
        let invalid = || Invalid::new(format!("`{text}` is no request's id"), hint);
        let id = text.strip_prefix(REQUESTS).unwrap_or(text).replace('+', " ");
        let mut parts = id.split('/');
        let (Some(model), Some(stage), Some(version), None) = (parts.next(), parts.next(), parts.next(), parts.next())
        else {
            return Err(invalid());
        };
        let version = version.parse().ok().filter(|&number| number > 0).ok_or_else(invalid)?;
        Ok(Self { model: ModelName::new(model)?, stage: StageName::new(stage)?, version })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_read_as_it_is_written() {
        for (text, branch) in [
            ("iris/Production/3", "requests/iris/Production/3"),
            ("my model/Staging/12", "requests/my+model/Staging/12"),
        ] {
            let id: RequestId = text.parse().unwrap();
            assert_eq!(id.branch(), branch);
            assert_eq!(branch.parse::<RequestId>().unwrap(), id);
        }
        for bad in
            ["", "iris", "iris/Production", "iris/Production/0", "iris/Production/x", "../x/Production/1", "a/b/c/1"]
        {
            assert!(bad.parse::<RequestId>().is_err(), "{bad}");
        }
    }
}
