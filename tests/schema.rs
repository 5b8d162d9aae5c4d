//! The committed schemas are those of the Rust types.

use std::fs;
use std::path::Path;

use modelreg::model::FileKind;
use modelreg::model::schema::schema_text;

#[test]
fn the_committed_schemas_are_those_of_the_types() {
    for folder in ["schema", "example-registry/schema"] {
        for kind in FileKind::ALL {
            let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder).join(format!("{kind}.json"));
            let committed = fs::read_to_string(&path).unwrap_or_default();
            assert!(
                committed == schema_text(kind),
                "{} is out of date: run `cargo run -- schema --write {folder}`",
                path.display()
            );
        }
    }
}
