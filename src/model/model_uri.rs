//! `models:/` addresses: of the versions of registered models, and of MLflow's logged models.

use super::name::{AliasName, ModelName};
use super::text::Invalid;

/// The selection of a model version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Selector {
    /// A version number.
    Version(u64),
    /// The current version of a stage, or of an alias if no stage has this name.
    Named(String),
    /// The version of an alias (`models:/NAME@ALIAS`).
    Alias(String),
    /// The newest version.
    Latest,
}

impl Selector {
    /// Reads a number, `latest`, or a name.
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        if let Ok(version) = text.parse() {
            return Ok(Self::Version(version));
        }
        if text.eq_ignore_ascii_case("latest") {
            return Ok(Self::Latest);
        }
        ModelName::check(text).map(|()| Self::Named(text.to_owned())).map_err(|_| {
            Invalid::new(
                format!("`{text}` is not a version, a stage or an alias"),
                "write a version number, a stage or an alias",
            )
        })
    }
}

impl std::fmt::Display for Selector {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Version(version) => write!(f, "version {version}"),
            Self::Named(name) => write!(f, "`{name}`"),
            Self::Alias(alias) => write!(f, "alias `{alias}`"),
            Self::Latest => f.write_str("the latest version"),
        }
    }
}

/// A `models:/` address in MLflow's syntax: `models:/NAME/VERSION-or-STAGE` or `models:/NAME@ALIAS`.
///
/// ```
/// use modelreg::model::{ModelUri, Selector};
///
/// let uri = ModelUri::parse("models:/iris/9")?;
/// assert_eq!((uri.model.as_str(), uri.selector), ("iris", Selector::Version(9)));
/// assert_eq!(ModelUri::parse("models:/iris/Production")?.selector, Selector::Named("Production".into()));
/// assert_eq!(ModelUri::parse("models:/iris@champion")?.selector, Selector::Alias("champion".into()));
/// assert_eq!(ModelUri::parse("models:/iris/latest")?.selector, Selector::Latest);
/// # Ok::<(), modelreg::model::Invalid>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ModelUri {
    /// The registered model.
    pub model: ModelName,
    /// The selected version.
    pub selector: Selector,
}

impl ModelUri {
    /// Reads the address.
    pub fn parse(uri: &str) -> Result<Self, Invalid> {
        let hint = "write models:/NAME/VERSION, models:/NAME/STAGE or models:/NAME@ALIAS";
        let rest = uri
            .strip_prefix("models:/")
            .ok_or_else(|| Invalid::new("the address does not begin with `models:/`", hint))?;
        let (name, selector) = match (rest.split_once('/'), rest.split_once('@')) {
            (Some((name, selector)), _) => (name, Selector::parse(selector)?),
            (None, Some((name, alias))) if alias.eq_ignore_ascii_case("latest") => (name, Selector::Latest),
            (None, Some((name, alias))) => (name, Selector::Alias(AliasName::new(alias)?.as_str().to_owned())),
            (None, None) => return Err(Invalid::new("the version is missing", hint)),
        };
        Ok(Self { model: ModelName::new(name)?, selector })
    }
}

/// Whether an address is that of a logged model of MLflow 3: `models:/m-` and 32 hexadecimal digits. Such a model is no
/// registered model and has no versions.
pub fn is_logged_model(uri: &str) -> bool {
    uri.strip_prefix("models:/m-")
        .is_some_and(|id| id.len() == 32 && id.bytes().all(|byte| byte.is_ascii_digit() || matches!(byte, b'a'..=b'f')))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn model_addresses_name_a_version_a_stage_or_an_alias() {
        let selector = |uri| ModelUri::parse(uri).map(|u| u.selector);
        assert_eq!(selector("models:/iris/9"), Ok(Selector::Version(9)));
        assert_eq!(selector("models:/iris/Production"), Ok(Selector::Named("Production".into())));
        assert_eq!(selector("models:/iris@champion"), Ok(Selector::Alias("champion".into())));
        assert_eq!(selector("models:/iris/latest"), Ok(Selector::Latest));
        for bad in ["models:/iris", "models:/../1", "models:/iris@", "models:/iris/", "iris/1", "models:/iris/a/b"] {
            assert!(ModelUri::parse(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_logged_model_is_its_id_and_nothing_else() {
        assert!(is_logged_model("models:/m-768a230f93144916ac3c7927e8da088f"));
        for other in [
            "models:/m-768a230f93144916ac3c7927e8da088",
            "models:/m-768A230F93144916AC3C7927E8DA088F",
            "models:/m-768a230f93144916ac3c7927e8da088f/1",
            "models:/m-768a230f93144916ac3c7927e8da088f@champion",
        ] {
            assert!(!is_logged_model(other), "{other}");
        }
        assert!(ModelUri::parse("models:/m-768a230f93144916ac3c7927e8da088f/1").is_ok());
    }
}
