//! The program: all logic is in the library.

use std::process::ExitCode;

fn main() -> ExitCode {
    modelreg::cli::main()
}
