//! The registries' state for Prometheus, in its text format (version 0.0.4).
//!
//! `modelreg_stage_version_info` has the version as a label and the value 1, the convention for identifiers; it
//! includes the versions in `beside`. `modelreg_stage_version` has the number of the pointer as its value, for charts
//! and alerts.

use anyhow::Result;
use prometheus::proto::MetricFamily;
use prometheus::{GaugeVec, IntCounterVec, Opts, Registry};

use super::site::{Site, View};
use super::sites::Sites;
use super::summary::Counts;
use crate::model::Timestamp;

/// The media type of the format.
pub(super) const KIND: &str = "text/plain; version=0.0.4; charset=utf-8";

/// Metrics that are computed for each scrape.
struct Gauges(Registry);

impl Gauges {
    /// A gauge with the registry's name and these labels.
    fn gauge(&self, name: &str, help: &str, labels: &[&str]) -> Result<GaugeVec> {
        let gauge = GaugeVec::new(Opts::new(name, help), &[&["registry"], labels].concat())?;
        self.0.register(Box::new(gauge.clone()))?;
        Ok(gauge)
    }

    fn counter(&self, name: &str, help: &str, labels: &[&str]) -> Result<IntCounterVec> {
        let counter = IntCounterVec::new(Opts::new(name, help), &[&["registry"], labels].concat())?;
        self.0.register(Box::new(counter.clone()))?;
        Ok(counter)
    }
}

/// All metrics of the registries.
pub(super) fn families(sites: &Sites) -> Result<Vec<MetricFamily>> {
    let all = Gauges(Registry::new());
    let build = GaugeVec::new(Opts::new("modelreg_build_info", "The program's version."), &["version"])?;
    build.with_label_values(&[env!("CARGO_PKG_VERSION")]).set(1.0);
    all.0.register(Box::new(build))?;
    let views: Vec<_> = sites.iter().map(|site| (&**site, site.view())).collect();
    let views: Vec<(&Site, &View)> = views.iter().map(|(site, view)| (*site, &**view)).collect();
    standing(&all, &views)?;
    counted(&all, &views)?;
    staged(&all, &views)?;
    Ok(all.0.gather())
}

/// The shown commit, and the time of reading it.
fn standing(all: &Gauges, views: &[(&Site, &View)]) -> Result<()> {
    let readable = all.gauge("modelreg_readable", "1 if the newest commit can be read, else 0.", &[])?;
    let commit = all.gauge("modelreg_commit_info", "The shown commit.", &["commit"])?;
    let read =
        all.gauge("modelreg_last_read_timestamp_seconds", "Time of the last successful read of the branches.", &[])?;
    let fetched = all.gauge(
        "modelreg_last_fetch_timestamp_seconds",
        "Time of the last successful fetch, with --fetch; initially the start of the server.",
        &[],
    )?;
    for (site, view) in views {
        let name = site.name();
        readable.with_label_values(&[name]).set(if view.error.is_none() { 1.0 } else { 0.0 });
        commit.with_label_values(&[name, view.commit().unwrap_or_default()]).set(1.0);
        read.with_label_values(&[name]).set(seconds(site.read_at()));
        if let Some(at) = site.fetched_at() {
            fetched.with_label_values(&[name]).set(seconds(at));
        }
    }
    Ok(())
}

/// The numbers of models and requests.
fn counted(all: &Gauges, views: &[(&Site, &View)]) -> Result<()> {
    let models = all.gauge("modelreg_models", "Registered models that are not deleted.", &[])?;
    let unreadable = all.gauge("modelreg_models_unreadable", "Model folders whose files cannot be read.", &[])?;
    let open = all.gauge("modelreg_requests_open", "Open review requests.", &[])?;
    let oldest = all.gauge(
        "modelreg_request_oldest_age_seconds",
        "Age of the oldest open request; 0 without open requests.",
        &[],
    )?;
    let emergencies = all.gauge("modelreg_emergencies_unapproved", "Landed emergencies that await approval.", &[])?;
    for (site, view) in views {
        let (name, counts) = (site.name(), Counts::of(view));
        let age = counts.oldest.map_or(0.0, |at| seconds(site.session.now()) - seconds(at));
        models.with_label_values(&[name]).set(counts.models as f64);
        unreadable.with_label_values(&[name]).set(view.catalog.unreadable.len() as f64);
        open.with_label_values(&[name]).set(counts.waiting as f64);
        oldest.with_label_values(&[name]).set(age.max(0.0));
        emergencies.with_label_values(&[name]).set(counts.emergencies as f64);
    }
    Ok(())
}

/// The versions in stages, and the numbers of moves.
fn staged(all: &Gauges, views: &[(&Site, &View)]) -> Result<()> {
    let help = "Model versions that are not deleted, by stage; a version counts in each of its stages.";
    let versions = all.gauge("modelreg_model_versions", help, &["stage"])?;
    let number = all.gauge("modelreg_stage_version", "The number of the version in a stage.", &["model", "stage"])?;
    let help = "The versions in a stage, including those in beside.";
    let info = all.gauge("modelreg_stage_version_info", help, &["model", "stage", "version"])?;
    let help = "Stage transitions in the journals.";
    let transitions = all.counter("modelreg_transitions_total", help, &["stage", "action"])?;
    for (site, view) in views {
        let name = site.name();
        for model in view.catalog.models().filter(|model| !model.listed.deleted) {
            for held in &model.listed.stages {
                let labels = [name, &model.listed.name, &held.stage];
                number.with_label_values(&labels).set(held.version as f64);
                for version in std::iter::once(&held.version).chain(&held.beside) {
                    let version = version.to_string();
                    info.with_label_values(&[labels.as_slice(), &[&version]].concat()).set(1.0);
                }
            }
        }
        for (stage, count) in view.catalog.totals().in_stages.iter() {
            versions.with_label_values(&[name, stage]).set(count as f64);
        }
        for ((stage, action), count) in view.catalog.totals().moves_of.iter() {
            transitions.with_label_values(&[name, stage, action.word()]).inc_by(count as u64);
        }
    }
    Ok(())
}

fn seconds(at: Timestamp) -> f64 {
    at.utc().timestamp_millis() as f64 / 1_000.0
}
