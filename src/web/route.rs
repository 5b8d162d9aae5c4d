//! The dashboard's addresses: the page of a path, and links from one page to another.
//!
//! Every page is the index of a folder, and every link is relative. So the same pages work below any prefix, behind a
//! proxy, on a forge's Pages, and from a disk.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};

use crate::model::ModelName;

/// Everything but the characters that need no escape in a path segment or query value (RFC 3986, unreserved).
const KEPT: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// A page or a feed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Route {
    /// All models.
    Overview,
    /// A further page of the models, from 2. Static files have no query, so the number is in the path.
    OverviewPage(u64),
    /// A model.
    Model(ModelName),
    /// A version.
    Version(ModelName, u64),
    /// The versions in stages and the newest versions of a model, side by side.
    CompareModel(ModelName),
    /// Any versions side by side.
    Compare,
    /// The open and the decided requests.
    Requests,
    /// The activity: all events.
    Activity,
    /// A further page of the activity, from 2.
    ActivityPage(u64),
    /// The activity as an Atom feed.
    Feed,
    /// A model's activity as an Atom feed.
    ModelFeed(ModelName),
}

/// The result of resolving a path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Resolved {
    /// A page.
    Page(Route),
    /// The path of a page without the final slash, which relative links need.
    MissingSlash,
    /// No page has this path.
    Nothing,
}

impl Route {
    /// Resolves a request's path. Parts are decoded once, and model names must be valid by the registry's rules.
    pub fn find(path: &str) -> Resolved {
        let Some(parts) = path.strip_prefix('/').and_then(|path| path.split('/').map(decoded).collect()) else {
            return Resolved::Nothing;
        };
        let parts: Vec<String> = parts;
        let parts: Vec<&str> = parts.iter().map(String::as_str).collect();
        let (parts, slash) = match parts.split_last() {
            Some((&"", rest)) => (rest.to_vec(), true),
            _ => (parts, false),
        };
        let name = |text: &str| ModelName::new(text).ok();
        let route = match parts[..] {
            [] => Some(Self::Overview),
            ["models", model] => name(model).map(Self::Model),
            ["models", model, "compare"] => name(model).map(Self::CompareModel),
            ["models", model, "activity.atom"] => name(model).map(Self::ModelFeed),
            ["models", model, "versions", version] => {
                name(model).zip(number(version)).map(|(m, v)| Self::Version(m, v))
            }
            ["page", page] => number(page).filter(|page| *page > 1).map(Self::OverviewPage),
            ["activity", "page", page] => number(page).filter(|page| *page > 1).map(Self::ActivityPage),
            ["compare"] => Some(Self::Compare),
            ["requests"] => Some(Self::Requests),
            ["activity"] => Some(Self::Activity),
            ["activity.atom"] => Some(Self::Feed),
            _ => None,
        };
        match route {
            Some(route) if route.is_page() == slash => Resolved::Page(route),
            Some(route) if route.is_page() => Resolved::MissingSlash,
            _ => Resolved::Nothing,
        }
    }

    /// Whether this is a page, which is a folder of its own; a feed is a file.
    pub fn is_page(&self) -> bool {
        !matches!(self, Self::Feed | Self::ModelFeed(_))
    }

    /// The kind of the page; all pages of models have one kind, for example.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Overview | Self::OverviewPage(_) => "overview",
            Self::Model(_) => "model",
            Self::Version(..) => "version",
            Self::CompareModel(_) | Self::Compare => "compare",
            Self::Requests => "requests",
            Self::Activity | Self::ActivityPage(_) => "activity",
            Self::Feed | Self::ModelFeed(_) => "feed",
        }
    }

    /// The number of the page in a list, if the path has one.
    pub fn page(&self) -> Option<usize> {
        match self {
            Self::OverviewPage(page) | Self::ActivityPage(page) => usize::try_from(*page).ok(),
            _ => None,
        }
    }

    /// The path below the dashboard's root, in unescaped parts.
    pub fn parts(&self) -> Vec<String> {
        let parts = |parts: &[&str]| parts.iter().map(|&part| part.to_owned()).collect();
        match self {
            Self::Overview => Vec::new(),
            Self::Model(name) => parts(&["models", name.as_str()]),
            Self::Version(name, number) => parts(&["models", name.as_str(), "versions", &number.to_string()]),
            Self::CompareModel(name) => parts(&["models", name.as_str(), "compare"]),
            Self::ModelFeed(name) => parts(&["models", name.as_str(), "activity.atom"]),
            Self::OverviewPage(page) => parts(&["page", &page.to_string()]),
            Self::ActivityPage(page) => parts(&["activity", "page", &page.to_string()]),
            Self::Compare => parts(&["compare"]),
            Self::Requests => parts(&["requests"]),
            Self::Activity => parts(&["activity"]),
            Self::Feed => parts(&["activity.atom"]),
        }
    }
}

fn decoded(part: &str) -> Option<String> {
    let text = percent_decode_str(part).decode_utf8().ok()?;
    (!text.contains(['/', '\\', '\0'])).then(|| text.into_owned())
}

/// A number without leading zeros, as in links.
fn number(text: &str) -> Option<u64> {
    let plain = !text.starts_with('0') && text.bytes().all(|byte| byte.is_ascii_digit());
    if plain { text.parse().ok() } else { None }
}

/// A text as a part of a path or a query.
pub(super) fn encoded(text: &str) -> String {
    utf8_percent_encode(text, KEPT).to_string()
}

/// Writes links from one page to others.
#[derive(Debug, Clone)]
pub(super) struct Links {
    /// The relative address of the dashboard's root.
    up: String,
    /// The end of a link to a folder. Without a server, a link must name the index file.
    end: &'static str,
}

impl Links {
    /// Links from a page; `files` for a static site.
    pub fn from(route: &Route, files: bool) -> Self {
        let depth = route.parts().len() - usize::from(!route.is_page());
        Self { up: "../".repeat(depth), end: if files { "index.html" } else { "" } }
    }

    /// Absolute links to pages below an address, which ends in a slash.
    pub fn below(address: &str, files: bool) -> Self {
        Self { up: address.to_owned(), end: if files { "index.html" } else { "" } }
    }

    /// Links from a path that may not be a page, such as for the error page.
    pub fn from_path(path: &str) -> Self {
        Self { up: "../".repeat(path.matches('/').count().saturating_sub(1)), end: "" }
    }

    /// The link to a page.
    pub fn to(&self, route: &Route) -> String {
        let path: Vec<String> = route.parts().iter().map(|part| encoded(part)).collect();
        let path = path.join("/");
        match (path.is_empty(), route.is_page()) {
            (true, _) if self.up.is_empty() && self.end.is_empty() => "./".into(),
            (true, _) => format!("{}{}", self.up, self.end),
            (false, true) => format!("{}{path}/{}", self.up, self.end),
            (false, false) => format!("{}{path}", self.up),
        }
    }

    /// The link to all models.
    pub fn overview(&self) -> String {
        self.to(&Route::Overview)
    }

    /// The link to a model; to all models if the text is not a valid name.
    pub fn model(&self, name: &str) -> String {
        self.to(&ModelName::new(name).map_or(Route::Overview, Route::Model))
    }

    /// The link to a version.
    pub fn version(&self, name: &str, version: &u64) -> String {
        self.to(&ModelName::new(name).map_or(Route::Overview, |name| Route::Version(name, *version)))
    }

    /// The link to a model's own comparison.
    pub fn compare_model(&self, name: &str) -> String {
        self.to(&ModelName::new(name).map_or(Route::Overview, Route::CompareModel))
    }

    /// The link to a model's feed.
    pub fn model_feed(&self, name: &str) -> String {
        self.to(&ModelName::new(name).map_or(Route::Feed, Route::ModelFeed))
    }

    /// The link to any comparison.
    pub fn compare(&self) -> String {
        self.to(&Route::Compare)
    }

    /// The link to the requests.
    pub fn requests(&self) -> String {
        self.to(&Route::Requests)
    }

    /// The link to the activity.
    pub fn activity(&self) -> String {
        self.to(&Route::Activity)
    }

    /// The link to the activity's feed.
    pub fn feed(&self) -> String {
        self.to(&Route::Feed)
    }

    /// The link to a style sheet, a script or an icon.
    pub fn asset(&self, file: &str) -> String {
        format!("{}assets/{file}", self.up)
    }

    /// The link to another path below the dashboard's root.
    pub fn beside(&self, path: &str) -> String {
        format!("{}{path}", self.up)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(text: &str) -> ModelName {
        ModelName::new(text).unwrap()
    }

    #[test]
    fn a_link_leads_back_to_its_page() {
        for route in [
            Route::Overview,
            Route::Model(name("my model")),
            Route::Version(name("a.b"), 12),
            Route::CompareModel(name("iris")),
            Route::ModelFeed(name("iris")),
            Route::Compare,
            Route::Requests,
            Route::Activity,
            Route::OverviewPage(2),
            Route::ActivityPage(30),
            Route::Feed,
        ] {
            let link = Links::from(&Route::Overview, false).to(&route);
            let path = format!("/{}", link.trim_start_matches("./"));
            assert_eq!(Route::find(&path), Resolved::Page(route), "{path}");
        }
        assert_eq!(Route::find("/models/iris"), Resolved::MissingSlash);
    }

    #[test]
    fn a_path_with_an_invalid_name_is_not_found() {
        for path in [
            "/models/..%2f..%2fetc/",
            "/models/%2e%2e/",
            "/models/..%252f/",
            "/models/a%00b/",
            "/models/%ff/",
            "/models/iris/versions/0/",
            "/models/iris/versions/01/",
            "/models/iris/versions/99999999999999999999/",
            "/models//",
            "//",
            "/activity.atom/",
            "/x",
            "",
        ] {
            assert_eq!(Route::find(path), Resolved::Nothing, "{path}");
        }
    }

    #[test]
    fn links_are_relative_and_on_a_static_site_name_the_file() {
        let version = Route::Version(name("iris"), 3);
        assert_eq!(Links::from(&version, false).model("my model"), "../../../../models/my%20model/");
        assert_eq!(Links::from(&version, true).overview(), "../../../../index.html");
        assert_eq!(Links::from(&Route::Overview, false).overview(), "./");
        assert_eq!(Links::from(&Route::ModelFeed(name("iris")), false).overview(), "../../");
        let absolute = Links::below("https://acme.example.com/registry/", false);
        assert_eq!(absolute.model("my model"), "https://acme.example.com/registry/models/my%20model/");
        assert_eq!(absolute.overview(), "https://acme.example.com/registry/");
    }
}
