use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context as _, Result};

use crate::cli::args::PushArgs;
use crate::cli::output::{DIM, GOOD, Output, styled};
use crate::cli::table::{count, line};
use crate::cli::{Context, Status};
use crate::ops::{Refusal, Session, has_remote};
use crate::web;

/// Show registries as web pages
///
/// Models, versions, comparisons, requests and events have pages. An open page updates when the branch changes. By
/// default only this machine can reach the server; with `--listen`, everyone who can reach that address can read the
/// registry.
///
/// With `--write` the pages have forms: promote, request, approve, land, reject, roll back, comment, describe, tag.
/// Each form makes the same commit as the command, in your name. Forms require the key that is printed at the start:
/// open the printed address, or enter the key.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  modelreg serve
  modelreg serve --write --push
  modelreg serve --fetch 30
  modelreg serve ~/acme-models ~/labs/models
  modelreg serve --listen 0.0.0.0:8080 --host registry.example.com")]
pub(in crate::cli) struct Args {
    /// Folders of registries; each of several registries is shown below its name [default: the registry of the current
    /// folder]
    #[arg(value_name = "REGISTRY")]
    registries: Vec<PathBuf>,
    /// The address to listen on: a port of this machine, or an address and a port; port 0 lets the system choose
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:5800", value_parser = address)]
    listen: SocketAddr,
    /// Another host name of the server, for example behind a proxy; can be repeated
    #[arg(long = "host", value_name = "NAME")]
    hosts: Vec<String>,
    /// Show this commit, branch or tag instead of the checked-out one
    #[arg(long, value_name = "REV", conflicts_with = "fetch")]
    rev: Option<String>,
    /// Let users with the printed key change the registry from its pages, in your name
    #[arg(long, conflicts_with = "rev")]
    write: bool,
    #[command(flatten)]
    push: PushArgs,
    /// Fetch every this many seconds, and show the newest commit of the registry's branch
    #[arg(long, value_name = "SECONDS", value_parser = clap::value_parser!(u64).range(1..))]
    fetch: Option<u64>,
}

/// A port of this machine, or an address with its port.
fn address(text: &str) -> Result<SocketAddr, String> {
    if let Ok(port) = text.parse() {
        return Ok(SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), port));
    }
    let text = text.strip_prefix("localhost:").map_or_else(|| text.to_owned(), |port| format!("127.0.0.1:{port}"));
    text.parse().map_err(|_| "write a port, or an address and a port, for example 127.0.0.1:5800".to_owned())
}

pub(super) fn run(args: &Args, context: &Context, output: &mut Output) -> Result<Status> {
    if args.push.choice() == Some(true) && !args.write {
        return Err(Refusal::new("`--push` is for changes from the pages", "add `--write`").into());
    }
    let key = args.write.then(web::Key::random).transpose()?;
    let sites = open(args, context, key.as_ref(), output)?;
    let (count_of, models, doors) = (sites.count(), sites.models(), sites.doors());
    let fetch = args.fetch.map(Duration::from_secs);
    web::serve(sites, args.listen, &args.hosts, fetch, |at| {
        let registries = if count_of > 1 { format!("{count_of} registries, ") } else { String::new() };
        let what = format!("{registries}{}", count(models, "model"));
        output.line(format!("{} http://{at}/  {}", styled(GOOD, "✔"), styled(DIM, what)));
        for (door, key) in doors.iter().zip(key.iter().cycle()) {
            let to = if count_of > 1 { format!(" to {}", line(&door.registry)) } else { String::new() };
            // The part after `#` is never sent to a server or written to a log.
            output.line(format!("  changes{to} as {}: http://{at}{}#{}", line(&door.who), door.path, key.as_str()));
        }
        output.flush();
        if !at.ip().is_loopback() {
            output.warn("anyone who reaches this address can read the registry", None);
            if key.is_some() {
                let hint = "listen on this machine only, behind a proxy with TLS: `--host NAME`";
                output.warn("the key and all changes cross the network as plain text", Some(hint));
            }
        }
    })
    .map_err(|error| match error.downcast_ref::<std::io::Error>() {
        Some(why) => {
            Refusal::new(format!("cannot listen on {}: {why}", args.listen), "choose another address with `--listen`")
                .into()
        }
        None => error,
    })?;
    Ok(Status::Done)
}

/// The registries to show. Error: one of them cannot be read.
fn open(args: &Args, context: &Context, key: Option<&web::Key>, output: &mut Output) -> Result<web::Sites> {
    if args.registries.is_empty() {
        return together(vec![site(&context.dir, args, key, context)?], args, output);
    }
    let named = |folder: &PathBuf| {
        site(&context.dir.join(folder), args, key, context).with_context(|| format!("`{}`", folder.display()))
    };
    together(args.registries.iter().map(named).collect::<Result<_>>()?, args, output)
}

fn site(folder: &Path, args: &Args, key: Option<&web::Key>, context: &Context) -> Result<web::Site> {
    let environment = context.environment()?;
    let session = Session::open(folder, environment.clone())?.at_revision(args.rev.clone());
    let session = session.pushing(args.push.choice())?;
    let pushes = session.pushes();
    if args.fetch.is_some() && args.write && !pushes {
        let why = "`--fetch` shows the remote's commits, which do not have a change that is not pushed";
        return Err(Refusal::new(why, "add `--push`").into());
    }
    let newest = args.fetch.is_some() && has_remote(&session)?;
    let site = if newest { web::Site::open_newest(session)? } else { web::Site::open(session)? };
    let Some(key) = key else { return Ok(site) };
    let (folder, branch) = (folder.to_owned(), site.followed());
    let opener = move || Session::open(&folder, environment.clone())?.on_branch(branch.clone()).pushing(Some(pushes));
    Ok(site.with_changes(web::Changes::new(key.clone(), opener)?))
}

fn together(sites: Vec<web::Site>, args: &Args, output: &mut Output) -> Result<web::Sites> {
    if args.fetch.is_some() {
        let alone: Vec<&str> = sites.iter().filter(|site| !site.shows_newest()).map(web::Site::name).collect();
        if alone.len() == sites.len() {
            return Err(
                Refusal::new("the registry has no remote to fetch from", "git remote add origin ADDRESS").into()
            );
        }
        for name in alone {
            output.warn(&format!("`{name}` has no remote to fetch from"), None);
        }
    }
    Ok(web::Sites::new(sites)?)
}

#[cfg(test)]
mod tests {
    use super::address;

    #[test]
    fn a_port_alone_is_this_machines() {
        for (text, shown) in [
            ("8080", "127.0.0.1:8080"),
            ("localhost:80", "127.0.0.1:80"),
            ("[::]:1", "[::]:1"),
            ("0.0.0.0:80", "0.0.0.0:80"),
        ] {
            assert_eq!(address(text).unwrap().to_string(), shown);
        }
        for bad in ["", "example.com:80", "99999", "1.2.3.4"] {
            assert!(address(bad).is_err(), "{bad}");
        }
    }
}
