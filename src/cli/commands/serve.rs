use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::time::Duration;

use anyhow::Result;

use crate::cli::output::{DIM, GOOD, Output, styled};
use crate::cli::table::{count, line};
use crate::cli::{Context, Status};
use crate::ops::{Refusal, has_remote};
use crate::web;

/// Show the registry as web pages
///
/// Every model, version, comparison, request and event as a page, live: an open page follows the branch. Only this machine
/// can reach it unless `--listen` names another address; then anyone who reaches that address can read the registry.
///
/// With `--write` the pages have forms: promote, ask, approve, land, reject, roll back, comment, describe, tag. Each is the
/// commit that the command of that name makes, by you. The forms are for those who have the key that is printed at the
/// start: open the address that it is in, or type it there.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  modelreg serve
  modelreg serve --write --push
  modelreg serve --fetch 30
  modelreg serve --listen 0.0.0.0:8080 --host registry.example.com")]
pub(in crate::cli) struct Args {
    /// The address to listen on: a port of this machine, or an address and a port; port 0 lets the system choose
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:5800", value_parser = address)]
    listen: SocketAddr,
    /// Another name under which it is reached, as behind a proxy; can be given again
    #[arg(long = "host", value_name = "NAME")]
    hosts: Vec<String>,
    /// Show this commit, branch or tag instead of what is checked out
    #[arg(long, value_name = "REV", conflicts_with = "fetch")]
    rev: Option<String>,
    /// Let those who have the key that is printed change the registry from its pages, as you
    #[arg(long, conflicts_with = "rev")]
    write: bool,
    /// Push each change, and succeed only when the remote has it
    #[arg(long, requires = "write")]
    push: bool,
    /// Ask the remote every so many seconds, and show the newest that is known of the registry's own branch
    #[arg(long, value_name = "SECONDS", value_parser = clap::value_parser!(u64).range(1..))]
    fetch: Option<u64>,
}

/// A port of this machine, or an address with its port.
fn address(text: &str) -> Result<SocketAddr, String> {
    if let Ok(port) = text.parse() {
        return Ok(SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), port));
    }
    let text = text.strip_prefix("localhost:").map_or_else(|| text.to_owned(), |port| format!("127.0.0.1:{port}"));
    text.parse().map_err(|_| "write a port, or an address and a port, as in 127.0.0.1:5800".to_owned())
}

pub(super) fn run(args: &Args, context: &Context, output: &mut Output) -> Result<Status> {
    if args.fetch.is_some() && args.write && !args.push {
        let why = "what the remote has is shown, and a change that is not pushed would not be there";
        return Err(Refusal::new(why, "add `--push`").into());
    }
    let session = context.reading(args.rev.as_ref())?;
    let fetch = args.fetch.map(Duration::from_secs);
    if fetch.is_some() && !has_remote(&session)? {
        return Err(Refusal::new("there is no remote to ask", "git remote add origin ADDRESS").into());
    }
    let mut site = if fetch.is_some() { web::Site::open_newest(session)? } else { web::Site::open(session)? };
    let key = args.write.then(web::Key::random).transpose()?;
    if let Some(key) = &key {
        let opener = context.opener(site.followed(), args.push)?;
        site = site.with_changes(web::Changes::new(key.clone(), opener)?);
    }
    let (models, who) = (site.models(), site.changes_as());
    web::serve(site, args.listen, &args.hosts, fetch, |at| {
        output.line(format!("{} http://{at}/  {}", styled(GOOD, "✔"), styled(DIM, count(models, "model"))));
        if let (Some(key), Some(who)) = (&key, &who) {
            // Behind the `#`, the key is sent to no server and kept in no log.
            output.line(format!("  changes as {}: http://{at}/enter/#{}", line(who), key.as_str()));
        }
        output.flush();
        if !at.ip().is_loopback() {
            output.warn("anyone who reaches this address can read the registry", None);
            if key.is_some() {
                let mend = "listen on this machine only, behind a proxy with TLS: `--host NAME`";
                output.warn("the key and all changes cross the network as plain text", Some(mend));
            }
        }
    })
    .map_err(|error| match error.downcast_ref::<std::io::Error>() {
        Some(why) => {
            Refusal::new(format!("{} cannot be listened on: {why}", args.listen), "choose another with `--listen`")
                .into()
        }
        None => error,
    })?;
    Ok(Status::Done)
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
