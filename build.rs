//! Embeds the files of `example-registry/` for `modelreg init --example`.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs, io};

fn main() -> io::Result<()> {
    let root = PathBuf::from(env::var("CARGO_MANIFEST_DIR").map_err(io::Error::other)?).join("example-registry");
    let mut files = Vec::new();
    collect(&root, &mut files)?;
    files.sort();
    let mut code = String::from("/// The example's files by path.\npub(super) static FILES: &[(&str, &[u8])] = &[\n");
    for file in files {
        let path = file.strip_prefix(&root).map_err(io::Error::other)?.to_string_lossy().replace('\\', "/");
        // `init` itself writes the schemas of every registry.
        if !path.starts_with("schema/") {
            writeln!(code, "    ({path:?}, include_bytes!({file:?})),").map_err(io::Error::other)?;
        }
    }
    code.push_str("];\n");
    println!("cargo::rerun-if-changed=example-registry");
    fs::write(PathBuf::from(env::var("OUT_DIR").map_err(io::Error::other)?).join("example.rs"), code)
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            collect(&path, files)?;
        } else {
            files.push(path);
        }
    }
    Ok(())
}
