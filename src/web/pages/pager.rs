//! A list in pages.

use super::Asked;
use crate::web::route::Route;

/// Which page of a list is shown, and the links to those beside it.
pub(super) struct Pages {
    pub page: usize,
    pub count: usize,
    pub before: Option<String>,
    pub after: Option<String>,
    /// How many entries come before this page's.
    pub skip: usize,
}

impl Pages {
    /// The page that is asked for of a list of so many entries. A page beyond the end is the last.
    pub fn of(asked: &Asked<'_>, entries: usize, each: usize) -> Self {
        let count = entries.div_ceil(each).max(1);
        let page = asked.route.page().unwrap_or_else(|| asked.query.page()).clamp(1, count);
        let link = |page: usize| {
            let base = match asked.route {
                Route::Activity | Route::ActivityPage(_) => (Route::Activity, Route::ActivityPage(page as u64)),
                _ => (Route::Overview, Route::OverviewPage(page as u64)),
            };
            let links = asked.links();
            match (asked.files, page) {
                (true, 2..) => links.to(&base.1),
                (true, _) => links.to(&base.0),
                (false, 2..) => links.to(&base.0) + &asked.query.with(&[("page", &page.to_string())]),
                (false, _) => links.to(&base.0) + &asked.query.with(&[("page", "")]),
            }
        };
        Self {
            page,
            count,
            before: (page > 1).then(|| link(page - 1)),
            after: (page < count).then(|| link(page + 1)),
            skip: (page - 1) * each,
        }
    }
}
