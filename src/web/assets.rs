//! The static assets of the pages: the style sheets, the script, the icon.

/// A file that every page uses.
pub(super) struct Asset {
    /// The name below `assets/`.
    pub name: &'static str,
    /// The media type.
    pub kind: &'static str,
    /// The content.
    pub text: &'static str,
}

/// All assets.
pub(super) const ASSETS: [Asset; 4] = [
    Asset { name: "dashboard.css", kind: "text/css; charset=utf-8", text: include_str!("assets/dashboard.css") },
    Asset { name: "dashboard.js", kind: "text/javascript; charset=utf-8", text: include_str!("assets/dashboard.js") },
    Asset { name: "forms.css", kind: "text/css; charset=utf-8", text: include_str!("assets/forms.css") },
    Asset { name: "icon.svg", kind: "image/svg+xml", text: include_str!("assets/icon.svg") },
];

/// The asset with this name.
pub(super) fn asset(name: &str) -> Option<&'static Asset> {
    ASSETS.iter().find(|asset| asset.name == name)
}
