//! Files that import each other, directly or through others, can only be understood together. At most three files may do
//! so.
//!
//! A file uses another file if one of its paths leads to an item of that file. An item that a `mod.rs` only re-exports counts as
//! used from the file that defines it, and a re-export is not a use. Tests do not count.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use super::{code, rust_files};

/// The layers without circles.
const CHECKED: [&str; 3] = ["check", "store", "ops"];

/// The maximum number of files in a circle.
const MOST: usize = 3;

#[test]
fn no_more_than_three_files_use_each_other_in_a_circle() {
    let crate_of = Crate::read(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"));
    let mut wrong = String::new();
    for layer in CHECKED {
        let inside = |circle: &&Vec<String>| circle.iter().any(|file| file.starts_with(&format!("{layer}/")));
        for circle in crate_of.circles().iter().filter(inside).filter(|circle| circle.len() > MOST) {
            wrong.push_str(&format!("{} files use each other:\n", circle.len()));
            for file in circle {
                let uses: Vec<_> = crate_of.uses(file).into_iter().filter(|used| circle.contains(used)).collect();
                wrong.push_str(&format!("  src/{file} uses {}\n", uses.join(", ")));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}

#[test]
fn a_path_leads_to_the_file_that_defines_the_item() {
    let files = [
        ("check/mod.rs", "mod sink;\nmod rules;\npub use sink::Sink;\npub fn tree() { rules::all(); }\n"),
        ("check/sink.rs", "pub struct Sink;\npub struct Source;\n"),
        ("check/rules/mod.rs", "mod one;\nuse super::sink::{Sink, Source};\npub fn all() {}\n"),
        (
            "check/rules/one.rs",
            "use super::super::Sink;\nuse crate::check::{self, tree};\n#[cfg(test)]\nmod tests {\n    use crate::ops::Never;\n}\n",
        ),
        ("ops/mod.rs", "pub use crate::check::Sink as Drain;\nfn f(_: Drain) { crate::check::rules::all() }\n"),
    ];
    let crate_of = Crate::of(files.map(|(path, text)| (path.to_owned(), text.to_owned())));
    assert_eq!(crate_of.uses("check/mod.rs"), ["check/rules/mod.rs"], "passing `Sink` on is no use");
    assert_eq!(crate_of.uses("check/rules/mod.rs"), ["check/sink.rs"]);
    assert_eq!(crate_of.uses("check/rules/one.rs"), ["check/mod.rs", "check/sink.rs"], "`Sink` is the sink's");
    assert_eq!(crate_of.uses("ops/mod.rs"), ["check/rules/mod.rs", "check/sink.rs"], "`Drain` is used and passed on");
}

#[test]
fn a_circle_is_found_with_all_its_files() {
    let uses = |names: &[&str]| names.iter().map(|name| format!("use super::{name}::Of{name};\n")).collect::<String>();
    let files = [("a", &["b"][..]), ("b", &["c"]), ("c", &["a", "d"]), ("d", &["e"]), ("e", &["d"]), ("f", &["a"])];
    let mut texts = vec![("ops/mod.rs".to_owned(), "mod a; mod b; mod c; mod d; mod e; mod f;".to_owned())];
    texts.extend(files.map(|(name, used)| (format!("ops/{name}.rs"), uses(used))));
    let circles = Crate::of(texts).circles();
    assert_eq!(circles, [vec!["ops/a.rs", "ops/b.rs", "ops/c.rs"], vec!["ops/d.rs", "ops/e.rs"]]);
}

/// A path, part by part.
type Parts = Vec<String>;

/// A `use` of a file: the imported name, and its path.
struct Import {
    name: String,
    path: Parts,
    /// Whether the name is visible outside of the file's module.
    passed_on: bool,
}

/// One file.
struct Module {
    path: String,
    imports: Vec<Import>,
    /// The paths in the rest of the code.
    inline: Vec<Parts>,
    /// All words of the rest of the code.
    words: BTreeSet<String>,
}

/// The files of a crate by module: `check::rules`.
struct Crate {
    modules: BTreeMap<Parts, Module>,
}

impl Crate {
    fn read(source: &Path) -> Self {
        Self::of(rust_files(source).into_iter().map(|file| {
            let path = file.strip_prefix(source).unwrap().to_string_lossy().replace('\\', "/");
            (path, fs::read_to_string(&file).unwrap())
        }))
    }

    fn of(files: impl IntoIterator<Item = (String, String)>) -> Self {
        let is_code = |path: &str| !path.ends_with("tests.rs") && !path.contains("tests/") && path.contains('/');
        let modules = files.into_iter().filter(|(path, _)| is_code(path)).map(|(path, text)| {
            let parts = path.trim_end_matches(".rs").trim_end_matches("/mod").split('/').map(str::to_owned).collect();
            (parts, Module::of(path, &text))
        });
        Self { modules: modules.collect() }
    }

    /// The files that a file uses.
    fn uses(&self, file: &str) -> Vec<String> {
        let Some((own, module)) = self.modules.iter().find(|(_, module)| module.path == file) else {
            return Vec::new();
        };
        let imports = module.imports.iter().filter(|import| !import.passed_on || module.words.contains(&import.name));
        let paths = imports.map(|import| &import.path).chain(&module.inline);
        let used: BTreeSet<String> = paths.filter_map(|path| self.defined_in(own, path, 8)).collect();
        used.into_iter().filter(|used| used != file).collect()
    }

    /// The file that defines the item of a path in a module; none for an item of another crate.
    fn defined_in(&self, module: &Parts, path: &Parts, most: usize) -> Option<String> {
        let mut at = match path.first().map(String::as_str)? {
            "crate" => Vec::new(),
            "self" | "super" => module.clone(),
            child => {
                let mut below = module.clone();
                below.push(child.to_owned());
                if !self.modules.contains_key(&below) {
                    return None;
                }
                module.clone()
            }
        };
        let mut rest = path.as_slice();
        while let Some((part, after)) = rest.split_first() {
            match part.as_str() {
                "crate" | "self" => {}
                "super" => drop(at.pop()),
                child => {
                    at.push(child.to_owned());
                    if !self.modules.contains_key(&at) {
                        at.pop();
                        break;
                    }
                }
            }
            rest = after;
        }
        let found = self.modules.get(&at)?;
        let passed_on = rest.first().and_then(|name| found.imports.iter().find(|import| import.name == *name));
        match passed_on.filter(|_| most > 0 && at != *module) {
            Some(import) => self.defined_in(&at, &import.path, most - 1).or_else(|| Some(found.path.clone())),
            None => Some(found.path.clone()),
        }
    }

    /// The circles, each with its files.
    fn circles(&self) -> Vec<Vec<String>> {
        let used: BTreeMap<String, Vec<String>> =
            self.modules.values().map(|module| (module.path.clone(), self.uses(&module.path))).collect();
        let reached: BTreeMap<&str, BTreeSet<&str>> =
            used.keys().map(|file| (file.as_str(), reach(&used, file))).collect();
        let (mut circles, mut seen): (_, BTreeSet<&str>) = (Vec::new(), BTreeSet::new());
        for (file, others) in reached.iter().filter(|(file, others)| others.contains(*file)) {
            if seen.contains(file) {
                continue;
            }
            let circle: Vec<String> =
                others.iter().filter(|other| reached[*other].contains(file)).map(|other| other.to_string()).collect();
            seen.extend(others.iter().filter(|other| reached[*other].contains(file)));
            circles.push(circle);
        }
        circles
    }
}

/// The files to which those that a file uses lead.
fn reach<'u>(used: &'u BTreeMap<String, Vec<String>>, file: &str) -> BTreeSet<&'u str> {
    let mut reached = BTreeSet::new();
    let mut open: Vec<&str> = used[file].iter().map(String::as_str).collect();
    while let Some(next) = open.pop() {
        if reached.insert(next) {
            open.extend(used[next].iter().map(String::as_str));
        }
    }
    reached
}

impl Module {
    fn of(path: String, text: &str) -> Self {
        let mut module = Self { path, imports: Vec::new(), inline: Vec::new(), words: BTreeSet::new() };
        let is_declaration = |line: &str| line.ends_with(';') && (line.starts_with("mod ") || line.contains(" mod "));
        for (_, line) in code(without_tests(text)).into_iter().filter(|(_, line)| !is_declaration(line)) {
            let (passed_on, statement) = match line.split_once("use ") {
                Some(("", statement)) => (false, statement),
                Some((before, statement)) if before.starts_with("pub") && !before.contains(['{', '=']) => {
                    (true, statement)
                }
                _ => {
                    module.words.extend(words(&line).map(str::to_owned));
                    module.inline.extend(inline(&line));
                    continue;
                }
            };
            expand(&mut Vec::new(), statement.trim_end_matches(';'), &mut |path, name| {
                module.imports.push(Import { name, path, passed_on });
            });
        }
        module
    }
}

/// The text before the tests at its end.
fn without_tests(text: &str) -> &str {
    let inline = text.match_indices("#[cfg(test)]").find(|(at, _)| {
        let after = text[*at..].lines().skip(1).find(|line| !line.trim_start().starts_with("#["));
        after.is_some_and(|line| line.contains("mod ") && line.ends_with('{') && !line.starts_with(' '))
    });
    inline.map_or(text, |(at, _)| &text[..at])
}

fn words(line: &str) -> impl Iterator<Item = &str> {
    line.split(|c: char| !c.is_alphanumeric() && c != '_').filter(|word| !word.is_empty())
}

/// The paths in a line of code.
fn inline(line: &str) -> Vec<Parts> {
    let is_path = |c: char| c.is_alphanumeric() || c == '_' || c == ':';
    let paths = line.split(|c: char| !is_path(c)).filter(|path| path.contains("::"));
    let parts = |path: &str| path.split("::").filter(|part| !part.is_empty()).map(str::to_owned).collect::<Parts>();
    paths.filter(|path| !path.starts_with(':')).map(parts).collect()
}

/// Calls `take` with each path of a `use` tree and its imported name.
fn expand(before: &mut Parts, tree: &str, take: &mut dyn FnMut(Parts, String)) {
    let tree = tree.trim();
    if let Some(group) = tree.strip_prefix('{') {
        return split_group(group.strip_suffix('}').unwrap_or(group))
            .into_iter()
            .for_each(|part| expand(before, part, take));
    }
    match tree.split_once("::") {
        // The `::` of a rename or group can only come after a part of the path.
        Some((part, rest)) if !part.contains([' ', '{']) => {
            before.push(part.to_owned());
            expand(before, rest, take);
            before.pop();
        }
        _ if tree.is_empty() => {}
        _ => {
            let (part, name) = tree.split_once(" as ").unwrap_or((tree, tree));
            let mut path = before.clone();
            if part != "self" && part != "*" {
                path.push(part.to_owned());
            }
            let name = if part == "self" && name == "self" {
                path.last().cloned().unwrap_or_default()
            } else {
                name.to_owned()
            };
            take(path, name);
        }
    }
}

/// The parts of a group, split at its own commas.
fn split_group(group: &str) -> Vec<&str> {
    let (mut depth, mut start, mut parts) = (0, 0, Vec::new());
    for (at, c) in group.char_indices() {
        match c {
            '{' => depth += 1,
            '}' => depth -= 1,
            ',' if depth == 0 => {
                parts.push(&group[start..at]);
                start = at + 1;
            }
            _ => {}
        }
    }
    parts.push(&group[start..]);
    parts
}
