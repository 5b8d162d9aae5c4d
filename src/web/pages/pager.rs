//! The division of a list into pages.

use super::Asked;
use crate::web::route::Route;

/// The shown page of a list, and the links to the previous and the next page.
pub(super) struct Pages {
    pub page: usize,
    pub count: usize,
    pub before: Option<String>,
    pub after: Option<String>,
    /// The number of entries on the pages before this one.
    pub skip: usize,
}

impl Pages {
    /// The requested page of a list with this number of entries, `each` on a page. A number beyond the last page gives the
    /// last page.
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
