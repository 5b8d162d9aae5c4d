//! Changes of names: renamed models and former names.

use super::*;

#[test]
fn a_rename_keeps_every_fact_and_one_that_forgets_the_old_name_is_a_removal() {
    let renamed = edit_in(
        moved(sample(), "models/iris/", "models/flower/"),
        "models/flower/model.toml",
        "name = \"iris\"",
        "name = \"flower\"",
    );
    let honest = edit_in(
        renamed.clone(),
        "models/flower/model.toml",
        "former_names = [\"flowers\"]",
        "former_names = [\"flowers\", \"iris\"]",
    );
    assert!(!codes(&sample(), &honest, &[]).contains(&"model-removed"), "{:?}", codes(&sample(), &honest, &[]));
    assert_eq!(change(&sample(), &honest, &[], &NoSignatures::default()).unwrap().errors(), 0);
    assert!(codes(&sample(), &renamed, &[]).contains(&"model-removed"));
    let forged = edit_in(honest, "models/flower/versions/2.toml", "accuracy = 0.9", "accuracy = 0.99");
    assert!(codes(&sample(), &forged, &[]).contains(&"fact-changed"));
}

/// The sample and a second model, `tulip`, each with these former names.
fn two(iris: &str, tulip: &str) -> MemoryTree {
    let file = "models/tulip/model.toml";
    let second = moved(without(sample(), "models/iris/stages"), "models/iris/", "models/tulip/");
    let mut tree = edit(MODEL, "[\"flowers\"]", iris);
    tree.0.extend(second.0.into_iter().filter(|(path, _)| path.starts_with("models/")));
    tree.edit(file, "\"iris\"", "\"tulip\"").edit(file, "[\"flowers\"]", tulip)
}

#[test]
fn a_former_name_is_claimed_by_one_model_and_one_that_two_claimed_may_be_given_up_by_one() {
    let (one, none) = ("[\"flowers\"]", "[]");
    assert_eq!(codes(&two(one, none), &two(one, one), &[]), ["former-name-shared"]);
    assert_eq!(codes(&two(one, none), &two(one, "[\"tulips\"]"), &[]), Vec::<&str>::new());
    assert_eq!(codes(&two(one, one), &two(one, none), &[]), Vec::<&str>::new());
    assert_eq!(codes(&two(one, one), &two(none, one), &[]), Vec::<&str>::new());
    assert_eq!(codes(&two(one, one), &two(none, none), &[]), ["model-fact-changed"]);
    // It leads to the model that is called so now; but that model may not come with the change.
    let (tulips, alone) = ("[\"tulip\"]", edit(MODEL, "[\"flowers\"]", "[\"tulip\"]"));
    assert_eq!(codes(&two(tulips, none), &two(none, none), &[]), Vec::<&str>::new());
    assert!(codes(&alone, &two(none, none), &[]).contains(&"model-fact-changed"));
    // Nobody takes a name from the model that had it.
    assert_eq!(codes(&two(one, none), &two(none, one), &[]), ["model-fact-changed"]);
}
