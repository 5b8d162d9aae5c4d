//! The table of commands. Each command has its own file.

mod alias;
mod approve;
mod archive;
mod codeowners;
mod comment;
mod compare;
mod completions;
mod delete;
mod describe;
mod doctor;
mod explain;
mod export;
mod history;
mod hook;
mod init;
mod land;
mod list;
mod man;
mod outcome;
mod preview;
mod promote;
mod pull;
mod register;
mod reject;
mod rename;
mod request;
mod requests;
mod resolve;
mod restore;
mod rollback;
mod schema;
mod search;
mod serve;
mod show;
mod sync;
mod tag;
mod unarchive;
mod validate;
mod verify;
mod watch;
mod whoami;
mod withdraw;

use anyhow::Result;
use clap::Subcommand;

use super::output::Output;
use super::{Context, Status};

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    Init(init::Args),
    Register(Box<register::Args>),
    Promote(promote::Args),
    Rollback(rollback::Args),
    Withdraw(withdraw::Args),
    Requests(requests::Args),
    Request(request::Args),
    Approve(approve::Args),
    Reject(reject::Args),
    Land(land::Args),
    Sync(sync::Args),
    Whoami(whoami::Args),
    Doctor(doctor::Args),
    Archive(archive::Args),
    Unarchive(unarchive::Args),
    List(list::Args),
    Show(show::Args),
    History(history::Args),
    Compare(compare::Args),
    Search(search::Args),
    Resolve(resolve::Args),
    Pull(pull::Args),
    Verify(verify::Args),
    Describe(describe::Args),
    Tag(tag::Args),
    Alias(alias::Args),
    Comment(comment::Args),
    Rename(rename::Args),
    Delete(delete::Args),
    Restore(restore::Args),
    Validate(validate::Args),
    Serve(serve::Args),
    Export(export::Args),
    Explain(explain::Args),
    Hook(hook::Args),
    Codeowners(codeowners::Args),
    Watch(watch::Args),
    Schema(schema::Args),
    Completions(completions::Args),
    Man(man::Args),
}

impl Command {
    pub fn run(&self, context: &Context, output: &mut Output) -> Result<Status> {
        match self {
            Self::Init(args) => init::run(args, context, output),
            Self::Register(args) => register::run(args, context, output),
            Self::Promote(args) => promote::run(args, context, output),
            Self::Rollback(args) => rollback::run(args, context, output),
            Self::Withdraw(args) => withdraw::run(args, context, output),
            Self::Requests(args) => requests::run(args, context, output),
            Self::Request(args) => request::run(args, context, output),
            Self::Approve(args) => approve::run(args, context, output),
            Self::Reject(args) => reject::run(args, context, output),
            Self::Land(args) => land::run(args, context, output),
            Self::Sync(args) => sync::run(args, context, output),
            Self::Whoami(args) => whoami::run(args, context, output),
            Self::Doctor(args) => doctor::run(args, context, output),
            Self::Archive(args) => archive::run(args, context, output),
            Self::Unarchive(args) => unarchive::run(args, context, output),
            Self::List(args) => list::run(args, context, output),
            Self::Show(args) => show::run(args, context, output),
            Self::History(args) => history::run(args, context, output),
            Self::Compare(args) => compare::run(args, context, output),
            Self::Search(args) => search::run(args, context, output),
            Self::Resolve(args) => resolve::run(args, context, output),
            Self::Pull(args) => pull::run(args, context, output),
            Self::Verify(args) => verify::run(args, context, output),
            Self::Describe(args) => describe::run(args, context, output),
            Self::Tag(args) => tag::run(args, context, output),
            Self::Alias(args) => alias::run(args, context, output),
            Self::Comment(args) => comment::run(args, context, output),
            Self::Rename(args) => rename::run(args, context, output),
            Self::Delete(args) => delete::run(args, context, output),
            Self::Restore(args) => restore::run(args, context, output),
            Self::Validate(args) => validate::run(args, context, output),
            Self::Serve(args) => serve::run(args, context, output),
            Self::Export(args) => export::run(args, context, output),
            Self::Explain(args) => explain::run(args, output),
            Self::Codeowners(args) => codeowners::run(args, context, output),
            Self::Hook(args) => hook::run(args, context, output),
            Self::Watch(args) => watch::run(args, context, output),
            Self::Schema(args) => schema::run(args, output),
            Self::Completions(args) => completions::run(args, output),
            Self::Man(args) => man::run(args, output),
        }
    }
}
